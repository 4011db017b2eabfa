// See publish_command.h. The file goes to the node as it is.
#include "admin-cli/publish_command.h"

#include <memory>
#include <ostream>

#include "admin-cli/node_client.h"
#include "admin-cli/print.h"
#include "core/base/limits.h"
#include "io/store/files.h"

namespace liaison::cli {
namespace {

struct Override {
  std::uint64_t hours = 0;
  std::string reason;
};

Result<void> publish(const std::string& name, Context& context) {
  LIAISON_TRY(const Bytes bytes, store::read_file(name, limits::directory_bytes_max));
  LIAISON_TRY(auto client, NodeClient::open(context));
  flatbuffers::FlatBufferBuilder builder(bytes.size() + 1024);
  const auto file = builder.CreateVector(bytes);
  LIAISON_TRY(const auto done, client.ask<api::DirectoryInForce>(builder, api::CreatePublishDirectory(builder, file)));
  std::vector<std::string> changes;
  if (done->changes() != nullptr)
    for (const auto* change : *done->changes()) changes.push_back(change->str());
  if (context.json) {
    form::Value root = form::Value::object();
    root.add("version", json_number(done->version()));
    root.add("hash", json_text(to_base64(bytes_of(done->hash()))));
    root.add("known", json_truth(done->known()));
    root.add("changes", json_list(changes));
    print_json(context, root);
    return {};
  }
  context.out() << "directory version " << done->version() << (done->known() ? " was in force already\n" : " is in force here; the node tells its peers\n") << "  hash  " << to_base64(bytes_of(done->hash())) << "\n";
  for (const auto& change : changes) context.out() << "  " << change << "\n";
  return {};
}

Result<void> allow(const Override& command, Context& context) {
  LIAISON_TRY(auto client, NodeClient::open(context));
  flatbuffers::FlatBufferBuilder builder;
  const auto reason = builder.CreateString(command.reason);
  LIAISON_TRY(const auto done, client.ask<api::Done>(builder, api::CreateOverrideDirectory(builder, static_cast<std::uint32_t>(std::min<std::uint64_t>(command.hours, 1000)), reason)));
  if (context.json) {
    form::Value root = form::Value::object();
    root.add("text", json_text(string_of(done->text())));
    print_json(context, root);
  } else {
    context.out() << string_of(done->text()) << "\n";
  }
  return {};
}
}  // namespace

Action bind_directory_publish(Options& options) {
  auto file = std::make_shared<std::string>();
  options.text("FILE", *file, "signed directory", Need::required);
  return [file](Context& context) { return finish(context, publish(*file, context)); };
}

Action bind_directory_override(Options& options) {
  auto command = std::make_shared<Override>();
  options.number("--hours", command->hours, "hours more; at most 72 past one grace, in all", Need::required);
  options.text("--reason", command->reason, "why; everybody who asks for the status reads it", Need::required);
  return [command](Context& context) { return finish(context, allow(*command, context)); };
}

}  // namespace liaison::cli
