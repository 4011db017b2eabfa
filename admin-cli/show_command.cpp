// `liaison show`, declared in record_commands.h. What was withheld is read from the signed disclosures; texts of messages go through form::view_text, which lets no text pass for
// another item, a mark or a command to the terminal. --json says the same facts.
#include <memory>
#include <ostream>

#include "admin-cli/print.h"
#include "admin-cli/record_commands.h"
#include "core/form/labels.h"
#include "core/form/message.h"
#include "core/form/text.h"
#include "core/form/view.h"
#include "core/record/package.h"

namespace liaison::cli {
namespace {

// An answer of the node, read once for both kinds of output.
struct Shown {
  record::Manifest manifest;
  std::vector<record::Disclosure> way;
  std::vector<form::ViewLine> lines;
  std::size_t withheld = 0;
};

bool is_below(const std::string& item, const std::string& wanted) { return wanted.empty() || item == wanted || item.starts_with(wanted + "."); }

Result<Shown> read_answer(const Context& context, const api::Record& record, const std::string& item) {
  if (record.manifest() == nullptr) return fail(Errc::bad_format, "the node's answer has no manifest");
  Shown out;
  LIAISON_TRY(out.manifest, record::parse_manifest(bytes_of(record.manifest()->text())));
  form::Picture picture;
  picture.nothing_hidden = record.own() || record.opaque() == 0;
  if (record.disclosures() != nullptr)
    for (const auto* entry : *record.disclosures()) {
      LIAISON_TRY(auto hop, record::parse_disclosure(bytes_of(entry->text())));
      for (const auto& withheld : hop.withheld) picture.withheld.push_back({withheld.path, hop.relay, withheld.basis});
      out.way.push_back(std::move(hop));
    }
  if (record.derived() != nullptr)
    for (const auto* leaf : *record.derived())
      picture.derived.push_back({to_bytes(bytes_of(leaf->path())), static_cast<record::LeafType>(leaf->type()), to_bytes(bytes_of(leaf->value()))});
  out.withheld = picture.withheld.size();
  LIAISON_TRY(out.lines, form::view_lines(bytes_of(record.message()), picture, language_of(context)));
  std::erase_if(out.lines, [&](const form::ViewLine& line) { return !is_below(line.item, item); });
  return out;
}

std::string joined_handling(const record::Manifest& manifest) {
  std::string out;
  for (const auto& handling : manifest.handling) out += (out.empty() ? "" : ", ") + handling.code;
  return out.empty() ? "-" : out;
}

std::string hop_words(const Context& context, const record::Disclosure& hop) {
  const std::string what = hop.withheld.empty() ? word(context, "hop_all") : form::filled(word(context, "hop_some"), {std::to_string(hop.withheld.size())});
  return std::to_string(hop.hop) + "  " + hop.relay + " > " + hop.recipient + "  " + utc(hop.at) + "  " +
         form::filled(word(context, "hop_policy"), {hop.policy.name, std::to_string(hop.policy.version)}) + "  " + what;
}

void print_head(const Context& context, const api::Record& record, const Shown& shown) {
  const auto& manifest = shown.manifest;
  Pairs pairs{{word(context, "record"), id_of(record.record()) + ", " + word(context, "version") + " " + std::to_string(record.version())},
              {word(context, "from"), string_of(record.from())},
              {word(context, "purpose"), manifest.purpose},
              {word(context, "urgency"), manifest.urgent ? "urgent" : "routine"},
              {word(context, "level"), manifest.level},
              {word(context, "handling"), joined_handling(manifest)},
              {word(context, "channel"), manifest.channel},
              {word(context, "created"), utc(manifest.created)},
              {word(context, "review"), utc(manifest.review).substr(0, 10)},
              {word(context, "stored"), utc_of_millis(record.stored_ms())}};
  for (const auto& hop : shown.way) pairs.emplace_back(hop.hop == 1 ? word(context, "way") : "", hop_words(context, hop));
  print_pairs(context, pairs);
  std::string seal = word(context, record.seal_verified() ? "seal_holds" : "seal_broken");
  if (record.seal_verified() && shown.withheld > 0) seal = form::filled(word(context, "seal_holds_partly"), {std::to_string(shown.withheld)});
  context.out() << toned(context, record.seal_verified() ? Tone::good : Tone::bad, seal) << "\n\n";
}

form::Value json_way(const Shown& shown) {
  form::Value way = form::Value::array();
  for (const auto& hop : shown.way) {
    form::Value one = form::Value::object();
    one.add("hop", json_number(hop.hop));
    one.add("by", json_text(hop.relay));
    one.add("for", json_text(hop.recipient));
    one.add("at", json_time(millis(hop.at)));
    one.add("purpose", json_text(hop.purpose));
    one.add("policy", json_text(hop.policy.name));
    one.add("policy_version", json_number(hop.policy.version));
    one.add("withheld", json_number(hop.withheld.size()));
    one.add("opaque", json_number(hop.opaque));
    one.add("supersedes", json_truth(hop.supersedes.has_value()));
    way.elements.push_back(std::move(one));
  }
  return way;
}

Result<void> show_json(const Context& context, const api::Record& record, const Shown& shown, bool whole) {
  form::Value root = form::Value::object();
  root.add("from", json_text(string_of(record.from())));
  root.add("record", json_text(id_of(record.record())));
  root.add("version", json_number(record.version()));
  root.add("kind", json_text(string_of(record.kind())));
  root.add("own", json_truth(record.own()));
  root.add("seal_verified", json_truth(record.seal_verified()));
  root.add("stored", json_time(record.stored_ms()));
  root.add("opaque", json_number(record.opaque()));
  root.add("way", json_way(shown));
  root.add("form", json_lines(shown.lines));
  root.add("manifest", json_text(std::string(text(bytes_of(record.manifest()->text())))));
  if (whole) {
    LIAISON_TRY(form::Value message, form::read_message(bytes_of(record.message())));
    root.add("message", std::move(message));
  }
  print_json(context, root);
  return {};
}

Result<Exit> show(const AskRecord& ask, const std::string& item, Context& context) {
  LIAISON_TRY(const auto record, ask_record(context, ask, ReadingFor::showing));
  const Exit exit = record->seal_verified() ? Exit::done : Exit::not_proved;
  LIAISON_TRY(const Shown shown, read_answer(context, *record, item));
  if (context.json) {
    LIAISON_CHECK(show_json(context, *record, shown, item.empty()));
    return exit;
  }
  print_head(context, *record, shown);
  context.out() << form::view_text(shown.lines);
  if (shown.lines.empty()) context.out() << word(context, "nothing_stated") << "\n";
  return exit;
}
}  // namespace

Action bind_show(Options& options) {
  auto ask = std::make_shared<AskRecord>();
  auto item = std::make_shared<std::string>();
  bind_record(options, *ask);
  options.text("--item", *item, "only this item of the form, for example 5 or 5.b");
  return [ask, item](Context& context) {
    const auto done = show(*ask, *item, context);
    return done ? code(*done) : tell(context, done.error());
  };
}

}  // namespace liaison::cli
