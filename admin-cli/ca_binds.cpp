// The options of `liaison ca ...` and their hand-over to ca_commands.h.
#include <memory>

#include "admin-cli/ca_commands.h"
#include "admin-cli/offline_binds.h"

namespace liaison::cli {
namespace {
constexpr auto required = Need::required;

OfflineContext offline(Context& context) { return {context.out(), context.err(), wall_now(), {}}; }

// Paths and durations arrive as text and numbers.
template <class Command>
struct Typed {
  Command command;
  std::string folder, passphrase, request, out;
  std::uint64_t number = 0;
};

template <class Command>
void common(Options& options, Typed<Command>& typed, const char* folder_name, const char* folder_help) {
  options.text(folder_name, typed.folder, folder_help, required);
  options.text("--passphrase-file", typed.passphrase, "file with the passphrase of the CA's key");
}

template <class Command>
Command& fill(Typed<Command>& typed) {
  typed.command.directory = typed.folder;
  typed.command.passphrase_file = typed.passphrase;
  return typed.command;
}

constexpr const char* ca_help = "folder of the CA";
constexpr const char* out_help = "file to write; default: standard output";

Action bind_issue(Options& options, bool renewal) {
  auto typed = std::make_shared<Typed<CaIssue>>();
  typed->command.renewal = renewal;
  options.text("REQUEST", typed->request, "certificate request (liaison csr)", required);
  common(options, *typed, "--ca", ca_help);
  options.text("--role", typed->command.role, "tls or seal; default: that of the request");
  options.text("--out", typed->out, out_help);
  options.text("--crl-url", typed->command.crl_url, "http:// address of the CA's revocation list, to stand in the certificate");
  if (renewal) options.flag("--same-key", typed->command.same_key, "the request may be for the key of the last certificate");
  return [typed](Context& context) {
    fill(*typed).request = typed->request;
    typed->command.out = typed->out;
    return ca_issue(typed->command, offline(context));
  };
}
}  // namespace

Action bind_ca_init(Options& options) {
  auto typed = std::make_shared<Typed<CaInit>>();
  typed->number = 3650;
  common(options, *typed, "DIR", "folder to make ca.key and ca.crt in");
  options.text("--realm", typed->command.realm, "name of the federation", required);
  options.text("--country", typed->command.country, "two small letters, or int", required);
  options.number("--days", typed->number, "lifetime of the CA certificate");
  return [typed](Context& context) {
    fill(*typed).lifetime = std::chrono::days(typed->number);
    return ca_init(typed->command, offline(context));
  };
}

Action bind_ca_request(Options& options) {
  auto typed = std::make_shared<Typed<CaRequest>>();
  common(options, *typed, "DIR", "folder to make ca.key in");
  options.text("--realm", typed->command.realm, "name of the federation", required);
  options.text("--country", typed->command.country, "two small letters, or int", required);
  options.text("--out", typed->out, out_help);
  return [typed](Context& context) {
    fill(*typed).out = typed->out;
    return ca_request(typed->command, offline(context));
  };
}

Action bind_ca_issuing(Options& options) {
  auto typed = std::make_shared<Typed<CaIssuing>>();
  typed->number = 730;
  options.text("REQUEST", typed->request, "request of the issuing CA (liaison ca request)", required);
  common(options, *typed, "--ca", "folder of the root");
  options.number("--days", typed->number, "lifetime of the issuing CA");
  options.text("--out", typed->out, out_help);
  return [typed](Context& context) {
    fill(*typed).request = typed->request;
    typed->command.out = typed->out;
    typed->command.lifetime = std::chrono::days(typed->number);
    return ca_issuing(typed->command, offline(context));
  };
}

Action bind_ca_issue(Options& options) { return bind_issue(options, false); }
Action bind_ca_renew(Options& options) { return bind_issue(options, true); }

Action bind_ca_revoke(Options& options) {
  auto typed = std::make_shared<Typed<CaRevoke>>();
  options.text("SERIAL", typed->command.serial, "serial number (liaison ca list)", required);
  options.text("--ca", typed->folder, ca_help, required);
  options.text("--reason", typed->command.reason, "unspecified, keyCompromise, cACompromise, affiliationChanged, superseded or cessationOfOperation", required);
  return [typed](Context& context) {
    typed->command.directory = typed->folder;
    return ca_revoke(typed->command, offline(context));
  };
}

Action bind_ca_crl(Options& options) {
  auto typed = std::make_shared<Typed<CaCrl>>();
  typed->number = 7;
  common(options, *typed, "--ca", ca_help);
  options.text("--out", typed->out, "file to write (DER)", required);
  options.number("--days", typed->number, "until the next list is due");
  return [typed](Context& context) {
    fill(*typed).out = typed->out;
    typed->command.lifetime = std::chrono::days(typed->number);
    return ca_crl(typed->command, offline(context));
  };
}

Action bind_ca_list(Options& options) {
  auto typed = std::make_shared<Typed<CaList>>();
  options.text("--ca", typed->folder, ca_help, required);
  options.flag("--valid", typed->command.valid_only, "only what is neither revoked nor run out");
  return [typed](Context& context) {
    typed->command.directory = typed->folder;
    return ca_list(typed->command, offline(context));
  };
}

Action bind_ca_ocsp(Options& options) {
  auto typed = std::make_shared<Typed<CaOcsp>>();
  typed->number = 24;
  options.text("REQUEST", typed->request, "OCSP request (DER), - for standard input", required);
  options.text("ANSWER", typed->out, "file to write, - for standard output", required);
  common(options, *typed, "--ca", ca_help);
  options.number("--hours", typed->number, "how long the answer may be believed");
  return [typed](Context& context) {
    fill(*typed).request = typed->request;
    typed->command.answer = typed->out;
    typed->command.lifetime = std::chrono::hours(typed->number);
    return ca_ocsp(typed->command, offline(context));
  };
}

}  // namespace liaison::cli
