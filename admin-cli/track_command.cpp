// `liaison track`: who holds a record since when, the countersigned receipts and the evidence. Declared in record_commands.h; shows texts, never content.
#include <memory>
#include <ostream>

#include "admin-cli/lists.h"
#include "admin-cli/print.h"
#include "admin-cli/record_commands.h"
#include "core/form/text.h"
#include "core/link/ledger.h"

namespace liaison::cli {
namespace {
using Flat = flatbuffers::FlatBufferBuilder;

struct Track {
  std::string id, from;
  bool texts = false;
};

// The value of one line of a signed text, "-" when it has none.
std::string line_of(std::string_view chars, std::string_view key) {
  for (std::size_t at = 0; at < chars.size();) {
    const std::size_t end = std::min(chars.find('\n', at), chars.size());
    const std::string_view line = chars.substr(at, end - at);
    if (line.starts_with(key) && line.size() > key.size() && line[key.size()] == ' ') return std::string(line.substr(key.size() + 1));
    at = end + 1;
  }
  return "-";
}

std::string text_of(const wire::SignedText* entry) { return entry == nullptr ? "" : std::string(text(bytes_of(entry->text()))); }

form::Value json_signed(const wire::SignedText& entry) {
  form::Value one = form::Value::object();
  one.add("text", json_text(text_of(&entry)));
  one.add("signatures", json_text(std::string(text(bytes_of(entry.sigs())))));
  return one;
}

form::Value json_step(const api::TrackStep& step) {
  form::Value one = form::Value::object();
  one.add("agency", json_text(string_of(step.agency())));
  one.add("state", json_text(string_of(step.state())));
  one.add("since", json_time(step.since_ms()));
  one.add("ledger", json_text(string_of(step.ledger())));
  one.add("reason", json_text(string_of(step.reason())));
  one.add("held", json_number(step.held()));
  one.add("question", json_text(string_of(step.question())));
  one.add("way", json_text(string_of(step.way())));
  one.add("receipt", step.receipt() == nullptr ? form::Value{} : json_signed(*step.receipt()));
  form::Value evidence = form::Value::array();
  if (step.evidence() != nullptr)
    for (const auto* entry : *step.evidence()) evidence.elements.push_back(json_signed(*entry));
  one.add("evidence", std::move(evidence));
  return one;
}

void print_json_track(const Context& context, const api::Track& track) {
  form::Value root = form::Value::object();
  root.add("from", json_text(string_of(track.from())));
  root.add("record", json_text(id_of(track.record())));
  root.add("version", json_number(track.version()));
  root.add("accepted", json_time(track.accepted_ms()));
  form::Value steps = form::Value::array();
  if (track.steps() != nullptr)
    for (const auto* step : *track.steps()) steps.elements.push_back(json_step(*step));
  root.add("steps", std::move(steps));
  print_json(context, root);
}

void print_proof(const Context& context, const std::string& what, const wire::SignedText& entry, bool texts) {
  const std::string chars = text_of(&entry);
  context.out() << "  " << what << "\n";
  if (texts) context.out() << form::visible(chars, true) << form::visible(text(bytes_of(entry.sigs())), true) << "\n";
}

void print_steps(const Context& context, const api::Track& track, bool texts) {
  Table table{{"HELD BY", "STATE", "SINCE", "OVER", "LEDGER", "REASON"}, {}};
  table.rows.push_back({string_of(track.from()), "accepted", utc_of_millis(track.accepted_ms()), "", "", ""});
  if (track.steps() != nullptr)
    for (const auto* step : *track.steps())
      table.rows.push_back({string_of(step->agency()), string_of(step->state()), utc_of_millis(step->since_ms()), string_of(step->way()), string_of(step->ledger()), string_of(step->reason())});
  print_table(context, table, "");
  if (track.steps() == nullptr) return;
  for (const auto* step : *track.steps()) {
    const std::string agency = string_of(step->agency());
    if (step->held() != 0) context.out() << "  for " << form::visible(agency) << " it waits as number " << step->held() << ": liaison held show " << step->held() << "\n";
    if (!string_of(step->question()).empty()) context.out() << "  question: " << form::visible(string_of(step->question()), true) << "\n";
    if (step->receipt() != nullptr) {
      const auto receipt = link::parse_receipt(bytes_of(step->receipt()->text()));
      if (receipt) print_proof(context, "receipt of " + agency + ", stored " + utc(receipt->stored) + ", signed by key " + to_base64(receipt->key), *step->receipt(), texts);
    }
    if (step->evidence() == nullptr) continue;
    for (const auto* entry : *step->evidence()) {
      const std::string chars = text_of(entry);
      print_proof(context, form::visible("evidence of " + line_of(chars, "from") + ": " + line_of(chars, "event") + ", " + line_of(chars, "reason") + ", " + line_of(chars, "at")), *entry, texts);
    }
  }
}

Result<void> run_track(const Track& command, Context& context) {
  LIAISON_TRY(auto client, NodeClient::open(context));
  LIAISON_TRY(const RecordName name, find_record(client, command.id));
  Flat builder;
  const auto id = builder.CreateVector(name.id.bytes.data(), name.id.bytes.size());
  const auto from = builder.CreateString(command.from.empty() ? name.from : command.from);
  LIAISON_TRY(const auto track, client.ask<api::Track>(builder, api::CreateAskTrack(builder, id, from)));
  if (context.json) print_json_track(context, *track);
  else print_steps(context, *track, command.texts);
  return {};
}
}  // namespace

Action bind_track(Options& options) {
  auto command = std::make_shared<Track>();
  options.text("ID", command->id, "id, at least 8 digits of its beginning, or number of the inbox line", Need::required);
  options.text("--from", command->from, "agency that wrote it, where two have the same id");
  options.flag("--texts", command->texts, "also the signed texts of receipts and evidence");
  return [command](Context& context) { return finish(context, run_track(*command, context)); };
}

}  // namespace liaison::cli
