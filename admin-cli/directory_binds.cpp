// The options of `liaison directory init|add|sign|show`. Declared in offline_binds.h.
#include <memory>

#include "admin-cli/directory_commands.h"
#include "admin-cli/directory_versions.h"
#include "admin-cli/offline_binds.h"

namespace liaison::cli {
namespace {
constexpr auto required = Need::required;
constexpr const char* passphrase_help = "file with the passphrase of the authority's key";
OfflineContext offline(Context& context) { return {context.out(), context.err(), wall_now()}; }
}  // namespace

Action bind_directory_init(Options& options) {
  struct Typed {
    DirectoryInit command;
    std::string source, key, passphrase;
    std::uint64_t threshold = 1, days = 365, grace = 14;
  };
  auto typed = std::make_shared<Typed>();
  options.text("SOURCE", typed->source, "authored directory to make (JSON with comments)", required);
  options.text("--realm", typed->command.realm, "name of the federation", required);
  options.text("--authority-key", typed->key, "private key of this authority, to be made", required);
  options.list("--other-authority", typed->command.other_authorities, "public key of another authority, base64");
  options.number("--threshold", typed->threshold, "how many authorities must sign");
  options.number("--days", typed->days, "until the directory expires");
  options.number("--grace-days", typed->grace, "how long nodes go on after that");
  options.text("--passphrase-file", typed->passphrase, passphrase_help);
  return [typed](Context& context) {
    typed->command.source = typed->source;
    typed->command.authority_key = typed->key;
    typed->command.passphrase_file = typed->passphrase;
    typed->command.threshold = typed->threshold;
    typed->command.lifetime = std::chrono::days(typed->days);
    typed->command.grace = std::chrono::days(typed->grace);
    return directory_init(typed->command, offline(context));
  };
}

Action bind_directory_add(Options& options) {
  struct Typed {
    DirectoryAdd command;
    std::string source, request, ca;
  };
  auto typed = std::make_shared<Typed>();
  options.text("SOURCE", typed->source, "authored directory", required);
  options.text("--agency", typed->command.id, "id of the agency", required);
  options.text("--keys", typed->request, "its public keys (liaison keys show)", required);
  options.text("--type", typed->command.type, "type of agency, for example customs, ncb, int", required);
  options.text("--name", typed->command.name, "its name in English");
  options.list("--endpoint", typed->command.endpoints, "host:port of its node");
  options.list("--channel", typed->command.channels, "interpol, customs, cites or judicial");
  options.text("--bureau", typed->command.bureau, "id of its own bureau");
  options.flag("--is-bureau", typed->command.is_bureau, "it is a national bureau");
  options.flag("--witness", typed->command.witness, "it cosigns the audit logs of others");
  options.list("--blind-pair", typed->command.blind_pairs, "agency for whom it forwards sealed envelopes unopened");
  options.flag("--dry-run", typed->command.dry_run, "only say who could newly read what; exit code 8 when access would widen");
  options.text("--ca", typed->ca, "certificate of its country's CA, once per country");
  return [typed](Context& context) {
    typed->command.source = typed->source;
    typed->command.request = typed->request;
    typed->command.ca_certificate = typed->ca;
    return directory_add(typed->command, offline(context));
  };
}

Action bind_directory_sign(Options& options) {
  struct Typed {
    DirectorySign command;
    std::string file, source, previous, key, passphrase;
  };
  auto typed = std::make_shared<Typed>();
  options.text("FILE", typed->file, "signed directory: new with --source, else the one to add a signature to", required);
  options.text("--source", typed->source, "authored directory to make the next version of");
  options.text("--previous", typed->previous, "signed directory before it");
  options.text("--authority-key", typed->key, "private key of this authority", required);
  options.text("--passphrase-file", typed->passphrase, passphrase_help);
  options.text("--yes", typed->command.yes, "code of the summary that was read; without it a person is asked");
  return [typed](Context& context) {
    typed->command.in = context.streams.in_is_terminal ? &context.streams.in : nullptr;
    typed->command.file = typed->file;
    typed->command.source = typed->source;
    typed->command.previous = typed->previous;
    typed->command.authority_key = typed->key;
    typed->command.passphrase_file = typed->passphrase;
    return directory_sign(typed->command, offline(context));
  };
}

Action bind_directory_show(Options& options) {
  struct Typed {
    DirectoryShow command;
    std::string file;
    std::uint64_t threshold = 1;
  };
  auto typed = std::make_shared<Typed>();
  options.text("FILE", typed->file, "signed directory", required);
  options.list("--authority", typed->command.authorities, "key hash of an authority you trust");
  options.number("--threshold", typed->threshold, "how many of them must have signed");
  return [typed](Context& context) {
    typed->command.file = typed->file;
    typed->command.threshold = typed->threshold;
    return directory_show(typed->command, offline(context));
  };
}

Action bind_directory_make(Options& options) {
  struct Typed {
    std::string file, source, previous;
  };
  auto typed = std::make_shared<Typed>();
  options.text("FILE", typed->file, "file to make, without signatures", required);
  options.text("--source", typed->source, "authored directory", required);
  options.text("--previous", typed->previous, "signed directory before it");
  return [typed](Context& context) { return directory_make({typed->source, typed->previous, typed->file}, offline(context)); };
}

Action bind_directory_merge(Options& options) {
  struct Typed {
    DirectoryMerge command;
    std::string out;
  };
  auto typed = std::make_shared<Typed>();
  options.files("FILE", typed->command.files, "the same version, signed on different machines");
  options.text("--out", typed->out, "file to write", required);
  return [typed](Context& context) {
    typed->command.out = typed->out;
    return directory_merge(typed->command, offline(context));
  };
}

Action bind_directory_diff(Options& options) {
  struct Typed {
    std::string before, after;
  };
  auto typed = std::make_shared<Typed>();
  options.text("OLD", typed->before, "authored or signed directory", required);
  options.text("NEW", typed->after, "authored or signed directory", required);
  return [typed](Context& context) { return directory_diff({typed->before, typed->after}, offline(context)); };
}

Action bind_directory_key(Options& options) {
  struct Typed {
    std::string file, passphrase;
  };
  auto typed = std::make_shared<Typed>();
  options.text("FILE", typed->file, "private key file to make", required);
  options.text("--passphrase-file", typed->passphrase, passphrase_help);
  return [typed](Context& context) { return directory_key({typed->file, typed->passphrase}, offline(context)); };
}

}  // namespace liaison::cli
