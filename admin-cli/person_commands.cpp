// See person_commands.h. The key file is written before the node is told, so that no person stands on the node whose key is lost.
#include "admin-cli/person_commands.h"

#include <zmq.h>

#include <filesystem>
#include <memory>
#include <ostream>

#include "admin-cli/node_client.h"
#include "admin-cli/print.h"
#include "io/bus/curve_keys.h"

namespace liaison::cli {
namespace {

struct PersonAdd {
  std::string name, role, out, reason;
};

Result<Bytes> raw_key(const std::string& z85) {
  Bytes raw(32);
  if (!bus::is_z85_key(z85) || ::zmq_z85_decode(raw.data(), z85.c_str()) == nullptr) return fail(Errc::bad_format, "public key of the person");
  return raw;
}

Result<void> add(const PersonAdd& command, Context& context) {
  if (!bus::is_person_name(command.name)) return fail(Errc::invalid_argument, "name: 1 to 64 of a-z, 0-9, dot, hyphen, underscore; take a service number or function");
  const std::string file = command.out.empty() ? command.name + ".person" : command.out;
  LIAISON_TRY(auto client, NodeClient::open(context));
  const auto keys = bus::make_keys(command.name);
  LIAISON_TRY(const Bytes public_key, raw_key(keys.public_z85));
  LIAISON_CHECK(bus::create_key_file(file, bus::person_key_header, keys));
  flatbuffers::FlatBufferBuilder builder;
  const auto name_offset = builder.CreateString(command.name);
  const auto role = builder.CreateString(command.role);
  const auto key = builder.CreateVector(public_key);
  const auto reason = builder.CreateString(command.reason);
  auto done = client.ask<api::Done>(builder, api::CreatePersonAdd(builder, name_offset, role, key, reason));
  if (!done) {
    std::error_code ignored;
    if (disposition(done.error().code) != Disposition::retry_later) std::filesystem::remove(file, ignored);
    else return fail(done.error().code, done.error().detail + "; the key stays in " + file + ": see liaison person list whether the node took it");
    return done.error();
  }
  if (context.json) {
    form::Value root = form::Value::object();
    root.add("name", json_text(command.name));
    root.add("role", json_text(command.role));
    root.add("file", json_text(file));
    root.add("public_key", json_text(keys.public_z85));
    print_json(context, root);
    return {};
  }
  context.out() << string_of((*done)->text()) << "\n  key file     " << file << "  (a secret key: hand it to that person only)\n  public key   " << keys.public_z85 << "\n";
  return {};
}

struct PersonDisable {
  std::string name, reason;
};

Result<void> disable(const PersonDisable& command, Context& context) {
  LIAISON_TRY(auto client, NodeClient::open(context));
  flatbuffers::FlatBufferBuilder builder;
  const auto name_offset = builder.CreateString(command.name);
  const auto reason = builder.CreateString(command.reason);
  LIAISON_TRY(const auto done, client.ask<api::Done>(builder, api::CreatePersonDisable(builder, name_offset, reason)));
  if (context.json) {
    form::Value root = form::Value::object();
    root.add("disabled", json_text(command.name));
    print_json(context, root);
  } else {
    context.out() << string_of(done->text()) << "\n";
  }
  return {};
}

std::string z85_of(const flatbuffers::Vector<std::uint8_t>* key) {
  std::string chars(41, '\0');
  if (key == nullptr || key->size() != 32 || ::zmq_z85_encode(chars.data(), key->data(), 32) == nullptr) return "-";
  chars.resize(40);
  return chars;
}

Result<void> list(Context& context) {
  LIAISON_TRY(auto client, NodeClient::open(context));
  flatbuffers::FlatBufferBuilder builder;
  LIAISON_TRY(const auto persons, client.ask<api::Persons>(builder, api::CreateAskPersons(builder)));
  Table table{{"NAME", "ROLE", "STATE", "SINCE", "PUBLIC KEY"}, {}};
  form::Value rows = form::Value::array();
  if (persons->rows() != nullptr)
    for (const auto* row : *persons->rows()) {
      table.rows.push_back({string_of(row->name()), string_of(row->role()), row->disabled() ? "disabled" : "active", utc_of_millis(row->since_ms()), z85_of(row->public_key())});
      form::Value one = form::Value::object();
      one.add("name", json_text(string_of(row->name())));
      one.add("role", json_text(string_of(row->role())));
      one.add("disabled", json_truth(row->disabled()));
      one.add("since", json_time(row->since_ms()));
      one.add("public_key", json_text(z85_of(row->public_key())));
      rows.elements.push_back(std::move(one));
    }
  if (context.json) print_json(context, rows);
  else print_table(context, table, "no persons");
  return {};
}

}  // namespace

Action bind_person_add(Options& options) {
  auto command = std::make_shared<PersonAdd>();
  options.text("NAME", command->name, "a short name, for example officer-17", Need::required);
  options.text("--role", command->role, "reporter, officer, releasing-officer, analyst, records-officer, data-protection-officer, administrator, security-officer or auditor", Need::required);
  options.text("--reason", command->reason, "code or reference for the audit log, for example ticket-1234");
  options.text("--out", command->out, "key file to write; default: NAME.person");
  return [command](Context& context) { return finish(context, add(*command, context)); };
}

Action bind_person_disable(Options& options) {
  auto command = std::make_shared<PersonDisable>();
  options.text("NAME", command->name, "the person's name (liaison person list)", Need::required);
  options.text("--reason", command->reason, "code or reference for the audit log: left-service, ticket-1234", Need::required);
  return [command](Context& context) { return finish(context, disable(*command, context)); };
}

Action bind_person_list(Options&) {
  return [](Context& context) { return finish(context, list(context)); };
}

}  // namespace liaison::cli
