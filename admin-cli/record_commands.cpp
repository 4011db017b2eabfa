// See record_commands.h. Texts of messages go through form::view_text, which lets no text pass for another item or command the terminal.
#include "admin-cli/record_commands.h"

#include <filesystem>
#include <memory>
#include <ostream>

#include "admin-cli/lists.h"
#include "admin-cli/message_file.h"
#include "admin-cli/print.h"
#include "core/form/export.h"
#include "core/form/message.h"
#include "core/form/view.h"
#include "core/record/manifest.h"

namespace liaison::cli {
namespace {
using Flat = flatbuffers::FlatBufferBuilder;

struct Ask {
  std::string id, from, item, out;
  std::uint64_t version = 0;
};
enum class Purpose : std::uint8_t { showing, exporting };

Result<Answered<api::Record>> ask_record(Context& context, const Ask& ask, Purpose purpose) {
  LIAISON_TRY(auto client, NodeClient::open(context));
  LIAISON_TRY(const RecordName name, find_record(client, ask.id));
  Flat builder;
  const auto id = builder.CreateVector(name.id.bytes.data(), name.id.bytes.size());
  const auto from = builder.CreateString(ask.from.empty() ? name.from : ask.from);
  return client.ask<api::Record>(builder, api::CreateAskRecord(builder, id, from, static_cast<std::uint32_t>(ask.version), purpose == Purpose::exporting));
}

bool is_below(const std::string& item, const std::string& wanted) { return wanted.empty() || item == wanted || item.starts_with(wanted + "."); }

std::string joined_handling(const record::Manifest& manifest) {
  std::string out;
  for (const auto& handling : manifest.handling) out += (out.empty() ? "" : ", ") + handling.code;
  return out.empty() ? "-" : out;
}

void print_head(const Context& context, const api::Record& record, const record::Manifest& manifest) {
  print_pairs(context, {{word(context, "record"), id_of(record.record()) + ", " + word(context, "version") + " " + std::to_string(record.version())},
                        {word(context, "from"), string_of(record.from())},
                        {word(context, "purpose"), manifest.purpose},
                        {word(context, "urgency"), manifest.urgent ? "urgent" : "routine"},
                        {word(context, "level"), manifest.level},
                        {word(context, "handling"), joined_handling(manifest)},
                        {word(context, "channel"), manifest.channel},
                        {word(context, "created"), utc(manifest.created)},
                        {word(context, "review"), utc(manifest.review).substr(0, 10)},
                        {word(context, "stored"), utc_of_millis(record.stored_ms())}});
  context.out() << (record.seal_verified() ? toned(context, Tone::good, word(context, "seal_holds")) : toned(context, Tone::bad, word(context, "seal_broken"))) << "\n\n";
}

form::Value json_marks(const api::Record& record) {
  form::Value marks = form::Value::array();
  if (record.marks() == nullptr) return marks;
  for (const auto* mark : *record.marks()) {
    form::Value one = form::Value::object();
    one.add("item", json_text(string_of(mark->item())));
    one.add("name", json_text(string_of(mark->name())));
    one.add("state", json_text(string_of(mark->state())));
    one.add("by", json_text(string_of(mark->by())));
    one.add("basis", json_text(string_of(mark->basis())));
    marks.elements.push_back(std::move(one));
  }
  return marks;
}

Result<void> show_json(const Context& context, const api::Record& record, const Ask& ask) {
  LIAISON_TRY(form::Value message, form::read_message(bytes_of(record.message())));
  if (!ask.item.empty()) {
    LIAISON_TRY(const auto lines, form::view_lines(bytes_of(record.message()), language_of(context)));
    message = form::Value::object();
    for (const auto& line : lines)
      if (is_below(line.item, ask.item)) message.add(line.key, json_text(line.text));
  }
  form::Value root = form::Value::object();
  root.add("from", json_text(string_of(record.from())));
  root.add("record", json_text(id_of(record.record())));
  root.add("version", json_number(record.version()));
  root.add("kind", json_text(string_of(record.kind())));
  root.add("own", json_truth(record.own()));
  root.add("seal_verified", json_truth(record.seal_verified()));
  root.add("stored", json_time(record.stored_ms()));
  root.add("opaque", json_number(record.opaque()));
  root.add("marks", json_marks(record));
  root.add("manifest", json_text(record.manifest() == nullptr ? "" : std::string(text(bytes_of(record.manifest()->text())))));
  root.add("message", std::move(message));
  print_json(context, root);
  return {};
}

Result<Exit> show(const Ask& ask, Context& context) {
  LIAISON_TRY(const auto record, ask_record(context, ask, Purpose::showing));
  const Exit exit = record->seal_verified() ? Exit::done : Exit::not_proved;
  if (context.json) {
    LIAISON_CHECK(show_json(context, *record, ask));
    return exit;
  }
  if (record->manifest() == nullptr) return fail(Errc::bad_format, "the node's answer has no manifest");
  LIAISON_TRY(const auto manifest, record::parse_manifest(bytes_of(record->manifest()->text())));
  LIAISON_TRY(auto lines, form::view_lines(bytes_of(record->message()), language_of(context)));
  std::erase_if(lines, [&](const form::ViewLine& line) { return !is_below(line.item, ask.item); });
  print_head(context, *record, manifest);
  context.out() << form::view_text(lines);
  if (lines.empty()) context.out() << word(context, "nothing_stated") << "\n";
  Table withheld{{"ITEM", "FIELD", "STATE", "BY", "BASIS"}, {}};
  if (record->marks() != nullptr)
    for (const auto* mark : *record->marks())
      if (is_below(string_of(mark->item()), ask.item))
        withheld.rows.push_back({string_of(mark->item()), string_of(mark->name()), string_of(mark->state()), string_of(mark->by()), string_of(mark->basis())});
  if (!withheld.rows.empty()) {
    context.out() << "\n";
    print_table(context, withheld, "");
  }
  return exit;
}

Result<void> export_record(const Ask& ask, Context& context) {
  if (!ask.out.empty() && !ask.out.ends_with(".json") && !ask.out.ends_with(".bin")) return fail(Errc::invalid_argument, "OUT must end in .json (form file) or .bin (FlatBuffer)");
  LIAISON_TRY(const auto record, ask_record(context, ask, Purpose::exporting));
  std::string bytes(text(bytes_of(record->message())));
  if (!ask.out.ends_with(".bin")) {
    LIAISON_TRY(bytes, form::export_json(bytes_of(record->message())));
  }
  if (ask.out.empty()) {
    context.out() << bytes;
    return {};
  }
  LIAISON_CHECK(write_export(ask.out, bytes));
  context.err() << id_of(record->record()) << " of " << string_of(record->from()) << " written to " << ask.out << "\n";
  return {};
}

void bind_record(Options& options, Ask& ask) {
  options.text("ID", ask.id, "id, at least 8 digits of its beginning, or number of the inbox line", Need::required);
  options.text("--from", ask.from, "agency that wrote it, where two have the same id");
  options.number("--version", ask.version, "version; 0 is the newest");
}
}  // namespace

Action bind_show(Options& options) {
  auto ask = std::make_shared<Ask>();
  bind_record(options, *ask);
  options.text("--item", ask->item, "only this item of the form, for example 5 or 5.b");
  return [ask](Context& context) {
    const auto done = show(*ask, context);
    return done ? code(*done) : tell(context, done.error());
  };
}

Action bind_export(Options& options) {
  auto ask = std::make_shared<Ask>();
  bind_record(options, *ask);
  options.text("OUT", ask->out, "file to write, .json or .bin; default: JSON on standard output");
  return [ask](Context& context) { return finish(context, export_record(*ask, context)); };
}

}  // namespace liaison::cli
