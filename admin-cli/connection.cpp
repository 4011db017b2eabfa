// See connection.h. JSON by the reader of form files, so that a duplicate key or a wrong type is refused.
#include "admin-cli/connection.h"

#include "core/form/json_reader.h"
#include "io/bus/curve_keys.h"
#include "io/store/files.h"

namespace liaison::cli {
namespace {
constexpr std::size_t file_bytes_max = 16 << 10;

Result<std::string> text_of(const form::Value& root, std::string_view key, const std::filesystem::path& file) {
  const form::Value* value = root.find(key);
  if (value == nullptr || !value->is(form::Value::Kind::string) || value->text.empty())
    return fail(Errc::invalid_settings, file.string() + ": \"" + std::string(key) + "\" is missing; take the connection file that liaison node init wrote");
  return value->text;
}
}  // namespace

std::string to_json(const Connection& connection) {
  form::Value root = form::Value::object();
  root.add("agency", form::Value::string(connection.agency));
  root.add("requests", form::Value::string(connection.requests));
  root.add("events", form::Value::string(connection.events));
  root.add("server_key", form::Value::string(connection.server_key_z85));
  return form::write_json(root);
}

Result<Connection> parse_connection(std::string_view json, const std::filesystem::path& file) {
  const auto read = form::read_json(json);
  if (!read.problems.empty() || !read.root.is(form::Value::Kind::object))
    return fail(Errc::invalid_settings, file.string() + " is not a connection file; take the one that liaison node init wrote");
  Connection connection;
  LIAISON_TRY(connection.agency, text_of(read.root, "agency", file));
  LIAISON_TRY(connection.requests, text_of(read.root, "requests", file));
  LIAISON_TRY(connection.events, text_of(read.root, "events", file));
  LIAISON_TRY(connection.server_key_z85, text_of(read.root, "server_key", file));
  if (!bus::is_z85_key(connection.server_key_z85)) return fail(Errc::invalid_settings, file.string() + ": \"server_key\" must be 40 characters of Z85");
  return connection;
}

Result<Connection> load_connection(const std::filesystem::path& file) {
  if (file.empty()) return fail(Errc::invalid_argument, "which node? give its connection file with --node FILE or LIAISON_NODE");
  auto bytes = store::read_file(file, file_bytes_max);
  if (!bytes) return fail(Errc::invalid_argument, "cannot read the connection file " + file.string() + ": give the one that liaison node init wrote with --node FILE or LIAISON_NODE");
  return parse_connection(text(*bytes), file);
}

std::string events_of(const std::string& requests) {
  if (requests.starts_with("ipc://")) return requests + ".events";
  const auto colon = requests.rfind(':');
  return requests.substr(0, colon + 1) + std::to_string(std::stoul(requests.substr(colon + 1)) + 1);
}

}  // namespace liaison::cli
