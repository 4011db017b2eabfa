// See node_init.h. The settings are read back by the node's own parser before anything is called done.
#include "admin-cli/node_init.h"

#include <memory>
#include <ostream>

#include "admin-cli/connection.h"
#include "io/bus/curve_keys.h"
#include "io/config/settings.h"
#include "io/store/files.h"

namespace liaison::cli {
namespace {
constexpr std::size_t socket_path_bytes_max = 100;  // sockaddr_un holds 108 with ".events"

std::string in_quotes(const std::string& chars) {
  std::string out = "\"";
  for (const char c : chars) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

std::string list_of(const std::vector<std::string>& items) {
  std::string out;
  for (const auto& item : items) out += (out.empty() ? "" : ", ") + in_quotes(item);
  return "[" + out + "]";
}

std::string settings_text(const NodeInit& command, const std::vector<std::string>& endpoints, const std::string& administrator) {
  std::string out =
      "// Settings of a Liaison node. Paths are relative to this file. Every name is explained in deploy/README.md; liaison-node --check tells mistakes by line.\n{\n"
      "  \"agency\": " + in_quotes(command.agency) + ",\n"
      "  \"realm\": " + in_quotes(command.realm) + ",\n\n"
      "  // Database and data keys. Back it up, but never the file last_signed: it is how the node notices that it was rolled back.\n"
      "  \"data_dir\": \"data\",\n"
      "  \"last_signed_file\": \"guard/last_signed\",\n"
      "  // Private keys (liaison keys init) and the certificate chain of the tls key (tls.pem, from liaison csr and liaison ca issue).\n"
      "  \"keys_dir\": \"keys\",\n";
  if (!command.passphrase_file.empty()) out += "  \"passphrase_file\": " + in_quotes(command.passphrase_file) + ",\n";
  out += "\n  // The signed directory of the federation, and the authorities that must have signed the first one.\n"
         "  \"directory_file\": " + in_quotes(command.directory_file) + ",\n"
         "  \"authorities\": { \"threshold\": " + std::to_string(command.threshold) + ", \"keys\": " + list_of(command.authorities) + " },\n\n"
         "  // Where other agencies reach this node.\n"
         "  \"listen\": " + in_quotes(command.listen) + ",\n\n"
         "  // Where this agency's own people and programs reach it. The first administrator adds all others (liaison person add).\n"
         "  \"bus\": {\n    \"endpoints\": " + list_of(endpoints) + ",\n    \"first_administrator\": " + in_quotes(administrator) + "\n  },\n\n"
         "  // What a message says when its sender does not; liaison send shows which values come from here.\n"
         "  \"defaults\": { \"purpose\": \"investigation\", \"channel\": \"interpol\", \"level\": \"international\", \"handling\": [], \"review_days\": 365 },\n\n"
         "  \"log_level\": " + in_quotes(command.log_level) + "\n}\n";
  return out;
}

Result<std::vector<std::string>> endpoints_of(const NodeInit& command, const std::filesystem::path& base) {
  if (!command.bus.empty()) return command.bus;
  const std::string socket = (base / "run" / "bus").string();
  if (socket.size() > socket_path_bytes_max)
    return fail(Errc::invalid_argument, "the path " + socket + " is too long for a socket; take a shorter folder, or give --bus tcp://127.0.0.1:PORT");
  return std::vector<std::string>{"ipc://" + socket};
}

// The node's own parser decides; authorities may be written later by hand, so that any hash stands in for them here.
Result<void> check_settings(NodeInit command, const std::vector<std::string>& endpoints, const std::filesystem::path& file) {
  if (command.authorities.empty()) command.authorities = {to_base64(Hash{})};
  auto read = config::parse_settings(settings_text(command, endpoints, std::string(bus::z85_key_chars, '0')), file);
  return read ? Result<void>{} : Result<void>(fail(Errc::invalid_argument, "these options give settings no node would take: " + read.error().detail));
}

Result<void> check(const NodeInit& command) {
  if (!is_agency_id(command.agency)) return fail(Errc::invalid_argument, "--agency " + command.agency + " is not an agency id like ke.customs");
  if (command.listen.ends_with(":0")) return fail(Errc::invalid_argument, "--listen needs a fixed port: other agencies find it in the directory");
  for (const auto& endpoint : command.bus)
    if (endpoint.ends_with(":0") || endpoint.ends_with(":*")) return fail(Errc::invalid_argument, "--bus needs a fixed port: clients find it in the connection file");
  return {};
}

}  // namespace

Result<void> init_node(const NodeInit& command, Context& context) {
  LIAISON_CHECK(check(command));
  std::error_code error;
  const std::filesystem::path base = std::filesystem::absolute(command.directory, error).lexically_normal();
  LIAISON_TRY(const auto endpoints, endpoints_of(command, base));
  LIAISON_CHECK(check_settings(command, endpoints, base / "node.json"));
  for (const char* name : {"node.json", "connection.json", "administrator.person"})
    if (std::filesystem::exists(base / name, error)) return fail(Errc::already_exists, (base / name).string() + " is there: nothing was changed; take another folder");
  LIAISON_CHECK(store::make_private_directory(base));
  for (const char* name : {"data", "keys", "guard", "run"}) LIAISON_CHECK(store::make_private_directory(base / name));
  const auto administrator = bus::make_keys("administrator");
  const std::string settings = settings_text(command, endpoints, administrator.public_z85);
  LIAISON_TRY(const auto server, bus::load_or_create_bus_key((base / "keys" / "bus.key").string(), command.agency));
  LIAISON_CHECK(bus::create_key_file((base / "administrator.person").string(), bus::person_key_header, administrator));
  const Connection connection{command.agency, endpoints.front(), events_of(endpoints.front()), server.public_z85};
  LIAISON_CHECK(store::create_durably(base / "connection.json", view(to_json(connection)), 0644));
  LIAISON_CHECK(store::create_durably(base / "node.json", view(settings), 0600));
  const std::string folder = base.string();
  context.out() << "node of " << command.agency << " in " << folder << "\n  settings              node.json\n  connection file       connection.json    (for officers; holds no secret)\n"
                << "  first administrator   administrator.person  (a secret key: keep it)\n\nnext\n  liaison keys init --keys-dir " << folder << "/keys\n"
                << "  certificate           " << folder << "/keys/tls.pem  (liaison csr, liaison ca issue)\n  directory             " << command.directory_file
                << "  (signed by the authorities)\n" << (command.authorities.empty() ? "  authorities           write their key hashes into node.json\n" : "") << "  liaison-node --config " << folder << "/node.json\n";
  return {};
}

Action bind_node_init(Options& options) {
  auto command = std::make_shared<NodeInit>();
  options.text("DIR", command->directory, "folder of the node; made with mode 0700", Need::required);
  options.text("--agency", command->agency, "id of the agency, for example ke.customs", Need::required);
  options.text("--realm", command->realm, "name of the federation", Need::required);
  options.text("--listen", command->listen, "address and port for other agencies, for example 0.0.0.0:4650", Need::required);
  options.list("--authority", command->authorities, "key hash of a directory authority (liaison directory init prints it)");
  options.number("--threshold", command->threshold, "how many authorities must sign a directory");
  options.text("--directory", command->directory_file, "signed directory; default: directory.signed in DIR");
  options.list("--bus", command->bus, "endpoint of the local interface; default: a socket in DIR");
  options.text("--passphrase-file", command->passphrase_file, "file with the passphrase of the key files");
  options.text("--log-level", command->log_level, "debug, info, warning or error");
  return [command](Context& context) { return finish(context, init_node(*command, context)); };
}

}  // namespace liaison::cli
