// See ledger_commands.h. A repair approves exactly the two heads that were printed: their digest goes with the request.
#include "admin-cli/ledger_commands.h"

#include <memory>
#include <ostream>

#include "admin-cli/node_client.h"
#include "admin-cli/print.h"

namespace liaison::cli {
namespace {
using Flat = flatbuffers::FlatBufferBuilder;

struct RepairCommand {
  std::string peer, lane = "routine", repair;
};

std::string text_of(const wire::SignedText* entry) { return entry == nullptr ? "" : std::string(text(bytes_of(entry->text()))); }
std::string digest_of(const api::LedgerRow& row) { return row.heads() == nullptr ? "" : to_base64(bytes_of(row.heads())); }

Result<Answered<api::Ledgers>> ask_ledgers(NodeClient& client, const std::string& peer) {
  Flat builder;
  const auto agency = builder.CreateString(peer);
  return client.ask<api::Ledgers>(builder, api::CreateAskLedgers(builder, agency));
}

void print_heads(const Context& context, const api::LedgerRow& row) {
  context.out() << "\n" << string_of(row.name()) << ": " << string_of(row.advice()) << "\n\nheads " << digest_of(row) << "\n\nours:\n" << text_of(row.head()) << "\nthe peer's:\n"
                << text_of(row.other_head());
}

form::Value json_row(const api::LedgerRow& row) {
  form::Value one = form::Value::object();
  const std::pair<const char*, std::string> texts[] = {{"name", string_of(row.name())}, {"state", string_of(row.state())}, {"advice", string_of(row.advice())}, {"head", text_of(row.head())},
                                                       {"other_head", text_of(row.other_head())}, {"heads", digest_of(row)}, {"repair", string_of(row.repair())}};
  one.add("size", json_number(row.size()));
  one.add("receipted", json_number(row.receipted()));
  for (const auto& [key, chars] : texts) one.add(key, json_text(chars));
  return one;
}

Result<void> show(const std::string& peer, Context& context) {
  LIAISON_TRY(auto client, NodeClient::open(context));
  LIAISON_TRY(const auto answer, ask_ledgers(client, peer));
  Table table{{"LEDGER", "ENTRIES", "RECEIPTED", "STATE"}, {}};
  form::Value rows = form::Value::array();
  for (const auto* row : *answer->rows()) {
    table.rows.push_back({string_of(row->name()), std::to_string(row->size()), std::to_string(row->receipted()), string_of(row->state())});
    rows.elements.push_back(json_row(*row));
  }
  if (context.json) {
    form::Value root = form::Value::object();
    root.add("rows", std::move(rows));
    print_json(context, root);
    return {};
  }
  print_table(context, table, "no ledgers");
  for (const auto* row : *answer->rows())
    if (row->heads() != nullptr) print_heads(context, *row);
  return {};
}

Result<void> repair(const RepairCommand& command, Context& context) {
  const bool urgent = command.lane == name(Lane::urgent);
  if (!urgent && command.lane != name(Lane::routine)) return fail(Errc::invalid_argument, "--lane: urgent or routine");
  LIAISON_TRY(auto client, NodeClient::open(context));
  LIAISON_TRY(const auto ledgers, ask_ledgers(client, command.peer));
  const api::LedgerRow* stopped = nullptr;
  for (const auto* row : *ledgers->rows())
    if (string_of(row->repair()) == command.repair && string_of(row->name()).find("/out/0/" + command.lane + "/") != std::string::npos) stopped = row;
  if (stopped == nullptr) return fail(Errc::not_found, "no ledger towards " + command.peer + " on lane " + command.lane + " needs this; see: liaison ledger show " + command.peer);
  if (!context.json) print_heads(context, *stopped);
  Flat builder;
  const auto agency = builder.CreateString(command.peer);
  const auto what = builder.CreateString(command.repair);
  const auto heads = builder.CreateVector(bytes_of(stopped->heads()).data(), bytes_of(stopped->heads()).size());
  LIAISON_TRY(const auto done, client.ask<api::Done>(builder, api::CreateRepairLedger(builder, agency, static_cast<std::uint8_t>(urgent ? Lane::urgent : Lane::routine), what, heads)));
  if (!context.json) {
    context.out() << "\n" << string_of(done->text()) << "\n";
    return {};
  }
  form::Value root = form::Value::object();
  root.add("heads", json_text(digest_of(*stopped)));
  root.add("text", json_text(string_of(done->text())));
  print_json(context, root);
  return {};
}

Action bind_repair(Options& options, std::string what) {
  auto command = std::make_shared<RepairCommand>();
  command->repair = std::move(what);
  options.text("PEER", command->peer, "agency at the other end", Need::required);
  options.text("--lane", command->lane, "urgent or routine");
  return [command](Context& context) { return finish(context, repair(*command, context)); };
}
}  // namespace

Action bind_ledger_show(Options& options) {
  auto peer = std::make_shared<std::string>();
  options.text("PEER", *peer, "agency at the other end", Need::required);
  return [peer](Context& context) { return finish(context, show(*peer, context)); };
}

Action bind_ledger_reopen(Options& options) { return bind_repair(options, "reopen"); }
Action bind_ledger_resend(Options& options) { return bind_repair(options, "resend"); }

}  // namespace liaison::cli
