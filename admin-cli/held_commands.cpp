// See held_commands.h. Before a release or withholding is sent, the node is asked again what it would mean now: a digest that differs from the one the
// person names ends the command, and nothing is decided.
#include "admin-cli/held_commands.h"

#include <istream>
#include <memory>
#include <ostream>

#include "admin-cli/held_rows.h"
#include "admin-cli/lists.h"
#include "admin-cli/recipient_view.h"
#include "core/form/text.h"

namespace liaison::cli {
namespace {
using Flat = flatbuffers::FlatBufferBuilder;
constexpr std::size_t digest_digits_min = 16;

struct Decide {
  std::uint64_t seq = 0;
  std::vector<std::string> items;
  std::string action, digest, reason, reason_code;
  bool emergency = false;
};

Result<Answered<api::HeldItem>> ask_item(NodeClient& client, const Decide& about) {
  Flat builder;
  const auto action = builder.CreateString(about.action);
  const auto items = builder.CreateVectorOfStrings(about.items);
  return client.ask<api::HeldItem>(builder, api::CreateAskHeldItem(builder, about.seq, action, items));
}

// The same words, as they must be typed again.
std::string options_of(const Decide& about) {
  std::string out;
  for (const auto& item : about.items) out += " --item " + item;
  return out;
}

Result<void> print_item(const Context& context, const NodeClient& client, const api::HeldItem& item, const Decide& about) {
  const auto& row = *item.row();
  print_held_row(context, row, item.approvals_needed());
  if (item.notes() != nullptr)
    for (const auto* note : *item.notes())
      context.out() << "  " << form::visible(string_of(note->person()) + ", " + utc_of_millis(note->at_ms()) + ", " + string_of(note->action()) + ": " + string_of(note->text()), true) << "\n";
  if (item.view() == nullptr) return {};
  context.out() << "\n" << form::visible("What " + string_of(item.view()->agency()) + " would see:") << "\n";
  LIAISON_CHECK(print_recipient_view(context, *item.view(), client.connection().agency));
  print_values(context, *item.view(), strings_of(row.fields()));
  if (string_of(row.what()) == "repeats") context.out() << toned(context, Tone::warning, "! a value withheld from " + form::visible(string_of(row.recipient())) + " stands again in what is asked about: withhold it (held withhold), return it, or release it when it is no repetition") << "\n";
  const std::string digest = to_hex(bytes_of(item.digest())).substr(0, digest_digits_min);
  const std::string verb = about.action.empty() ? "release" : about.action;
  if (string_of(row.what()) == "update") context.out() << toned(context, Tone::warning, "! " + form::visible(string_of(row.recipient())) + " has a copy of this record, and what stands in it cannot be withheld: release it, or leave the recipient its copy (held refuse)") << "\n";
  if (string_of(row.what()) == "screening") context.out() << "\nDecide with:  liaison held accept " << row.seq() << " --reason TEXT   or   liaison held refuse " << row.seq() << " --reason TEXT\n";
  else if (string_of(row.state()) == "waiting") context.out() << "\nAgree to exactly this with:  liaison held " << verb << " " << row.seq() << options_of(about) << " --digest " << digest << " --reason TEXT\n";
  return {};
}

Result<void> show(const Decide& about, Context& context) {
  LIAISON_TRY(auto client, NodeClient::open(context));
  LIAISON_TRY(const auto item, ask_item(client, about));
  if (item->row() == nullptr) return fail(Errc::bad_format, "the node's answer has no row");
  if (!context.json) return print_item(context, client, *item, about);
  form::Value root = form::Value::object();
  root.add("row", json_held_row(*item->row()));
  root.add("digest", json_text(to_hex(bytes_of(item->digest()))));
  root.add("approvals_needed", json_number(item->approvals_needed()));
  if (item->view() != nullptr) {
    LIAISON_TRY(auto view, json_recipient_view(context, *item->view(), client.connection().agency));
    root.add("view", std::move(view));
  }
  form::Value notes = form::Value::array();
  if (item->notes() != nullptr)
    for (const auto* note : *item->notes()) {
      form::Value one = form::Value::object();
      one.add("person", json_text(string_of(note->person())));
      one.add("action", json_text(string_of(note->action())));
      one.add("text", json_text(string_of(note->text())));
      one.add("at", json_time(note->at_ms()));
      notes.elements.push_back(std::move(one));
    }
  root.add("notes", std::move(notes));
  print_json(context, root);
  return {};
}

// The whole digest, when what the person looked at is still what would happen.
Result<Bytes> confirmed_digest(NodeClient& client, const Decide& decide) {
  if (decide.digest.size() < digest_digits_min || decide.digest.find_first_not_of("0123456789abcdef") != std::string::npos)
    return fail(Errc::invalid_argument, "--digest: at least " + std::to_string(digest_digits_min) + " digits of what `liaison held show` printed");
  LIAISON_TRY(const auto item, ask_item(client, decide));
  const Bytes now = to_bytes(bytes_of(item->digest()));
  if (!to_hex(now).starts_with(decide.digest))
    return fail(Errc::conflict, "this is no longer what you looked at, and nothing was decided; look again: liaison held show " + std::to_string(decide.seq) + " --action " + decide.action +
                                    options_of(decide));
  return now;
}

void print_step(const Context& context, const api::Held& held) {
  if (held.rows() == nullptr || held.rows()->size() == 0) return;
  const auto& row = *held.rows()->Get(0);
  if (context.json) return print_json(context, json_held_row(row));
  print_held_row(context, row, row.approvals_needed());
}

Result<void> decide(const Decide& about, Context& context) {
  LIAISON_TRY(auto client, NodeClient::open(context));
  Bytes digest;
  if (about.action == "release" || about.action == "withhold") {
    LIAISON_TRY(digest, confirmed_digest(client, about));
  }
  Flat builder;
  const auto action = builder.CreateString(about.action);
  const auto items = builder.CreateVectorOfStrings(about.items);
  const auto hash = builder.CreateVector(digest);
  const auto reason = builder.CreateString(about.reason);
  const auto reason_code = builder.CreateString(about.reason_code);
  LIAISON_TRY(const auto held, client.ask<api::Held>(builder, api::CreateDecideHeld(builder, about.seq, action, items, hash, reason, reason_code, about.emergency)));
  print_step(context, *held);
  return {};
}

struct List {
  std::uint64_t after = 0, most = 100;
  bool decided = false;
};

Result<void> list(const List& listing, Context& context) {
  LIAISON_TRY(auto client, NodeClient::open(context));
  Flat builder;
  LIAISON_TRY(const auto held, client.ask<api::Held>(builder, api::CreateAskHeld(builder, listing.after, static_cast<std::uint32_t>(std::min<std::uint64_t>(listing.most, 500)), listing.decided)));
  if (!context.json) {
    print_held_rows(context, *held);
    if (held->more()) context.out() << "there are more: --after " << (held->rows()->size() == 0 ? listing.after : held->rows()->Get(held->rows()->size() - 1)->seq()) << "\n";
    return {};
  }
  form::Value root = form::Value::object(), rows = form::Value::array();
  if (held->rows() != nullptr)
    for (const auto* row : *held->rows()) rows.elements.push_back(json_held_row(*row));
  root.add("rows", std::move(rows));
  root.add("more", json_truth(held->more()));
  print_json(context, root);
  return {};
}

struct LaterRelease {
  std::string id, from, to, reason;
  std::vector<std::string> items;
  std::uint64_t version = 0;
};

Result<void> ask_release(const LaterRelease& ask, Context& context) {
  LIAISON_TRY(auto client, NodeClient::open(context));
  LIAISON_TRY(const RecordName name, find_record(client, ask.id));
  Flat builder;
  const auto id = builder.CreateVector(name.id.bytes.data(), name.id.bytes.size());
  const auto from = builder.CreateString(ask.from.empty() ? name.from : ask.from);
  const auto to = builder.CreateString(ask.to);
  const auto items = builder.CreateVectorOfStrings(ask.items);
  const auto reason = builder.CreateString(ask.reason);
  LIAISON_TRY(const auto held, client.ask<api::Held>(builder, api::CreateRelease(builder, id, from, static_cast<std::uint32_t>(ask.version), to, items, reason)));
  print_step(context, *held);
  if (!context.json && held->rows() != nullptr && held->rows()->size() > 0)
    context.out() << "\nIt waits. Look at it with:  liaison held show " << held->rows()->Get(0)->seq() << "\n";
  return {};
}

void bind_decision(Options& options, Decide& decide, const std::string& action) {
  decide.action = action;
  options.number("NO", decide.seq, "number of the waiting item (liaison held list)", Need::required);
  options.text("--reason", decide.reason, "why, in words for the people of this agency", Need::required);
}

Action run(const std::shared_ptr<Decide>& about) {
  return [about](Context& context) { return finish(context, decide(*about, context)); };
}

void bind_digest(Options& options, Decide& decide) {
  options.text("--digest", decide.digest, "digest of the decision as `liaison held show` printed it", Need::required);
}
}  // namespace

Action bind_held_list(Options& options) {
  auto listing = std::make_shared<List>();
  options.flag("--decided", listing->decided, "also what needs nobody any more");
  options.number("--max", listing->most, "at most so many lines, up to 500");
  options.number("--after", listing->after, "only lines after this number");
  return [listing](Context& context) { return finish(context, list(*listing, context)); };
}

Action bind_held_show(Options& options) {
  auto about = std::make_shared<Decide>();
  options.number("NO", about->seq, "number of the waiting item (liaison held list)", Need::required);
  options.text("--action", about->action, "what it would mean to release or withhold; default: what others proposed, else release");
  options.list("--item", about->items, "only these items, for example 5.b");
  return [about](Context& context) { return finish(context, show(*about, context)); };
}

Action bind_held_release(Options& options) {
  auto about = std::make_shared<Decide>();
  bind_decision(options, *about, "release");
  bind_digest(options, *about);
  options.list("--item", about->items, "release only these items, for example 5.b; the others asked about are withheld");
  options.flag("--emergency", about->emergency, "release alone and at once, where the policy allows it; a second person reviews it");
  return run(about);
}

Action bind_held_withhold(Options& options) {
  auto about = std::make_shared<Decide>();
  bind_decision(options, *about, "withhold");
  bind_digest(options, *about);
  options.list("--item", about->items, "withhold only these items, for example 5.b; the others asked about leave");
  return run(about);
}

Action bind_held_return(Options& options) {
  auto about = std::make_shared<Decide>();
  bind_decision(options, *about, "return");
  options.text("--code", about->reason_code, "of a record to be passed on: the reason that its sender reads (question, authorisation, legal-basis, handling, recipient, incomplete)");
  return run(about);
}

Action bind_held_accept(Options& options) {
  auto about = std::make_shared<Decide>();
  bind_decision(options, *about, "accept");
  return run(about);
}

Action bind_held_refuse(Options& options) {
  auto about = std::make_shared<Decide>();
  bind_decision(options, *about, "refuse");
  return run(about);
}

Action bind_held_review(Options& options) {
  auto about = std::make_shared<Decide>();
  auto objects = std::make_shared<bool>(false);
  bind_decision(options, *about, "confirm");
  options.flag("--object", *objects, "it should not have been released; without this it is confirmed");
  return [about, objects](Context& context) {
    if (*objects) about->action = "object";
    return finish(context, decide(*about, context));
  };
}

Action bind_release(Options& options) {
  auto ask = std::make_shared<LaterRelease>();
  options.text("ID", ask->id, "id, at least 8 digits of its beginning, or number of the inbox line", Need::required);
  options.text("--to", ask->to, "agency that did not get the items", Need::required);
  options.list("--item", ask->items, "item to release, for example 5.b", Need::required);
  options.text("--reason", ask->reason, "why, in words for the people of this agency", Need::required);
  options.text("--from", ask->from, "agency that wrote it, where two have the same id");
  options.number("--version", ask->version, "version; 0 is the newest");
  return [ask](Context& context) { return finish(context, ask_release(*ask, context)); };
}

}  // namespace liaison::cli
