// See record_commands.h. A copy on disk is readable by its owner only.
#include "admin-cli/record_commands.h"

#include <filesystem>
#include <memory>
#include <ostream>

#include "admin-cli/lists.h"
#include "admin-cli/message_file.h"
#include "core/form/export.h"

namespace liaison::cli {

Result<Answered<api::Record>> ask_record(Context& context, const AskRecord& ask, ReadingFor reading) {
  LIAISON_TRY(auto client, NodeClient::open(context));
  LIAISON_TRY(const RecordName name, find_record(client, ask.id));
  flatbuffers::FlatBufferBuilder builder;
  const auto id = builder.CreateVector(name.id.bytes.data(), name.id.bytes.size());
  const auto from = builder.CreateString(ask.from.empty() ? name.from : ask.from);
  return client.ask<api::Record>(builder, api::CreateAskRecord(builder, id, from, static_cast<std::uint32_t>(ask.version), reading == ReadingFor::exporting));
}

void bind_record(Options& options, AskRecord& ask) {
  options.text("ID", ask.id, "id, at least 8 digits of its beginning, or number of the inbox line", Need::required);
  options.text("--from", ask.from, "agency that wrote it, where two have the same id");
  options.number("--version", ask.version, "version; 0 is the newest");
}

namespace {
Result<void> export_record(const AskRecord& ask, const std::string& out, Context& context) {
  if (!out.empty() && !out.ends_with(".json") && !out.ends_with(".bin")) return fail(Errc::invalid_argument, "OUT must end in .json (form file) or .bin (FlatBuffer)");
  LIAISON_TRY(const auto record, ask_record(context, ask, ReadingFor::exporting));
  std::string bytes(text(bytes_of(record->message())));
  if (!out.ends_with(".bin")) {
    LIAISON_TRY(bytes, form::export_json(bytes_of(record->message())));
  }
  if (out.empty()) {
    context.out() << bytes;
    return {};
  }
  LIAISON_CHECK(write_export(out, bytes));
  context.err() << id_of(record->record()) << " of " << string_of(record->from()) << " written to " << out << "\n";
  return {};
}
}  // namespace

Action bind_export(Options& options) {
  auto ask = std::make_shared<AskRecord>();
  auto out = std::make_shared<std::string>();
  bind_record(options, *ask);
  options.text("OUT", *out, "file to write, .json or .bin; default: JSON on standard output");
  return [ask, out](Context& context) { return finish(context, export_record(*ask, *out, context)); };
}

}  // namespace liaison::cli
