// See offline_binds.h. Paths and durations arrive as text and numbers and are put into the commands here.
#include "admin-cli/offline_binds.h"

#include <memory>

#include "admin-cli/directory_commands.h"
#include "admin-cli/form_commands.h"
#include "admin-cli/key_commands.h"
#include "admin-cli/key_rotation.h"

namespace liaison::cli {
namespace {
constexpr auto required = Need::required;
constexpr const char* passphrase_help = "file with the passphrase of the private key";

OfflineContext offline(Context& context) { return {context.out(), context.err(), wall_now(), {}}; }
FormContext form_context(Context& context) { return {context.out(), context.err(), context.language}; }

struct TokenPaths {
  std::string module, pin_file;
};
void token_options(Options& options, TokenPaths& paths, TokenChoice& choice) {
  options.text("--pkcs11-module", paths.module, "library of the token that holds keys (pkcs11.module of the settings)");
  options.text("--token", choice.token, "label of the token");
  options.text("--pin-file", paths.pin_file, "file with its PIN");
  options.text("--seal-label", choice.seal, "label of the seal key in the token");
  options.text("--tls-label", choice.tls, "label of the tls key in the token");
}
void fill(TokenChoice& choice, const TokenPaths& paths) {
  choice.module = paths.module;
  choice.pin_file = paths.pin_file;
}

template <class Command>
struct Typed {
  Command command;
  std::string a, b, c, d;
  std::uint64_t number = 0, other_number = 0;
  TokenPaths token{};
};
}  // namespace

Action bind_form_blank(Options& options) {
  auto typed = std::make_shared<Typed<FormBlank>>();
  typed->number = typed->other_number = 1;
  options.number("--persons", typed->number, "how many persons in item 5");
  options.number("--companies", typed->other_number, "how many companies in item 6");
  options.flag("--structured", typed->command.structured, "also the structured facts");
  options.flag("--explain", typed->command.explain, "a table of every item with help instead");
  return [typed](Context& context) {
    typed->command.persons = std::min<std::uint64_t>(typed->number, 1000);
    typed->command.companies = std::min<std::uint64_t>(typed->other_number, 1000);
    return form_blank(typed->command, form_context(context));
  };
}

Action bind_form_check(Options& options) {
  auto command = std::make_shared<FormCheck>();
  options.text("FILE", command->file, "form file (.json) or message (.bin)", required);
  options.text("--species", command->species.file, "full species list (CSV) instead of the shipped extract");
  options.text("--species-date", command->species.date, "its date, where the file has none");
  options.list("--must-state", command->must_state, "item that must be stated, instead of the form's own list");
  return [command](Context& context) {
    command->json = context.json;
    return form_check(*command, form_context(context));
  };
}

Action bind_form_convert(Options& options) {
  auto command = std::make_shared<FormConvert>();
  options.text("IN", command->in, "file to read, .json or .bin", required);
  options.text("OUT", command->out_file, "file to write, .json or .bin", required);
  options.flag("--fill-unknown", command->fill_unknown, "say \"unknown\" in every item that must be stated and is not");
  options.text("--species", command->species.file, "full species list (CSV) instead of the shipped extract");
  options.text("--species-date", command->species.date, "its date, where the file has none");
  return [command](Context& context) { return form_convert(*command, form_context(context)); };
}

Action bind_keys_init(Options& options) {
  auto typed = std::make_shared<Typed<KeysInit>>();
  options.text("--keys-dir", typed->a, "folder of the key files (keys_dir of the settings)", required);
  options.list("--in-token", typed->command.in_token, "role whose key is made in a token, not here: seal, tls");
  options.text("--passphrase-file", typed->b, passphrase_help);
  return [typed](Context& context) {
    typed->command.keys_dir = typed->a;
    typed->command.passphrase_file = typed->b;
    return keys_init(typed->command, offline(context));
  };
}

Action bind_keys_show(Options& options) {
  auto typed = std::make_shared<Typed<KeysShow>>();
  typed->number = 730;
  typed->other_number = 7;
  options.text("--keys-dir", typed->a, "folder of the key files", required);
  options.text("--agency", typed->command.agency, "id of the agency", required);
  options.text("--out", typed->c, "file to write; default: standard output");
  options.number("--next-box-days", typed->other_number, "in how many days peers begin to seal to the next box key, if there is one");
  options.text("--passphrase-file", typed->b, passphrase_help);
  options.number("--days", typed->number, "how long the keys are to be valid");
  token_options(options, typed->token, typed->command.token);
  options.list("--policy-key", typed->command.policy_keys, "public key file of a person who vouches for policies (liaison policy key)");
  return [typed](Context& context) {
    typed->command.keys_dir = typed->a;
    typed->command.passphrase_file = typed->b;
    typed->command.out = typed->c;
    typed->command.lifetime = std::chrono::days(typed->number);
    typed->command.next_box_after = std::chrono::days(typed->other_number);
    fill(typed->command.token, typed->token);
    return keys_show(typed->command, offline(context));
  };
}

Action bind_keys_rotate(Options& options) {
  auto typed = std::make_shared<Typed<KeysRotate>>();
  options.text("--keys-dir", typed->a, "folder of the key files", required);
  options.text("--role", typed->command.role, "tls (default) or box");
  options.text("--agency", typed->command.agency, "id of the agency", required);
  options.text("--realm", typed->command.realm, "name of the federation", required);
  options.text("--out", typed->c, "request to write; default: standard output");
  options.text("--passphrase-file", typed->b, passphrase_help);
  return [typed](Context& context) {
    typed->command.keys_dir = typed->a;
    typed->command.passphrase_file = typed->b;
    typed->command.out = typed->c;
    return keys_rotate(typed->command, offline(context));
  };
}

Action bind_keys_install(Options& options) {
  auto typed = std::make_shared<Typed<KeysInstall>>();
  options.text("CERTIFICATE", typed->c, "certificate chain from the CA (liaison ca renew)", required);
  options.text("--keys-dir", typed->a, "folder of the key files", required);
  options.text("--agency", typed->command.agency, "id of the agency", required);
  options.text("--realm", typed->command.realm, "name of the federation", required);
  options.text("--certificate-file", typed->d, "certificate_file of the settings; default: tls.pem in keys-dir");
  options.text("--passphrase-file", typed->b, passphrase_help);
  return [typed](Context& context) {
    typed->command.keys_dir = typed->a;
    typed->command.passphrase_file = typed->b;
    typed->command.certificate = typed->c;
    typed->command.certificate_file = typed->d;
    return keys_install(typed->command, offline(context));
  };
}

Action bind_csr(Options& options) {
  auto typed = std::make_shared<Typed<Csr>>();
  typed->command.role = "tls";
  options.text("--keys-dir", typed->a, "folder of the key files", required);
  options.text("--agency", typed->command.agency, "id of the agency", required);
  options.text("--realm", typed->command.realm, "name of the federation", required);
  options.text("--role", typed->command.role, "tls (default) or seal");
  token_options(options, typed->token, typed->command.token);
  options.text("--out", typed->c, "file to write; default: standard output");
  options.text("--passphrase-file", typed->b, passphrase_help);
  return [typed](Context& context) {
    typed->command.keys_dir = typed->a;
    typed->command.passphrase_file = typed->b;
    typed->command.out = typed->c;
    fill(typed->command.token, typed->token);
    return csr(typed->command, offline(context));
  };
}

}  // namespace liaison::cli
