// `liaison permit`: the originator lets the relays on the way pass on what its handling codes keep under its control. Declared in record_commands.h.
#include <memory>
#include <ostream>

#include "admin-cli/lists.h"
#include "admin-cli/print.h"
#include "admin-cli/record_commands.h"

namespace liaison::cli {
namespace {
struct Permit {
  std::string id;
  std::vector<std::string> to;
};

Result<void> run_permit(const Permit& command, Context& context) {
  LIAISON_TRY(auto client, NodeClient::open(context));
  LIAISON_TRY(const RecordName name, find_record(client, command.id));
  flatbuffers::FlatBufferBuilder builder;
  const auto id = builder.CreateVector(name.id.bytes.data(), name.id.bytes.size());
  const auto to = builder.CreateVectorOfStrings(command.to);
  LIAISON_TRY(const auto done, client.ask<api::Done>(builder, api::CreateGivePermit(builder, id, 0, to)));
  if (context.json) {
    form::Value root = form::Value::object();
    root.add("record", json_text(to_string(name.id)));
    root.add("done", json_text(string_of(done->text())));
    print_json(context, root);
  } else {
    context.out() << to_string(name.id) << "  " << string_of(done->text()) << "\n";
  }
  return {};
}
}  // namespace

Action bind_permit(Options& options) {
  auto command = std::make_shared<Permit>();
  options.text("ID", command->id, "id of a record of this agency, at least 8 digits of its beginning", Need::required);
  options.list("--to", command->to, "only towards this recipient of the record; default: towards all");
  return [command](Context& context) { return finish(context, run_permit(*command, context)); };
}

}  // namespace liaison::cli
