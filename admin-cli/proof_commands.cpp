// See proof_commands.h. Entries are decoded here from the bytes that are hashed.
#include "admin-cli/proof_commands.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <ostream>

#include "admin-cli/lists.h"
#include "admin-cli/print.h"
#include "core/audit/checkpoint.h"

namespace liaison::cli {
namespace {
using Flat = flatbuffers::FlatBufferBuilder;

struct AuditList {
  std::uint64_t most = 50, first = 0;
  bool oldest_first = false;
  std::string record;
};

std::string shown(const Hash& hash) { return hash == Hash{} ? "" : to_base64(hash); }
std::string short_hash(const Hash& hash) { return hash == Hash{} ? "" : to_hex(ByteView(hash).first(4)); }
std::string record_of(const audit::Entry& entry) { return entry.record.is_nil() ? "" : to_string(entry.record); }

form::Value json_entry(const audit::Entry& entry) {
  form::Value one = form::Value::object();
  one.add("index", json_number(entry.index));
  one.add("at", json_time(millis(entry.wall)));
  one.add("event", json_text(std::string(name(entry.event))));
  one.add("process", json_text(to_string(entry.process)));
  const std::pair<const char*, std::string> texts[] = {{"person", shown(entry.person)}, {"peer", entry.peer}, {"record_from", entry.record_from}, {"record", record_of(entry)},
                                                       {"manifest", shown(entry.manifest)}, {"disclosure", shown(entry.disclosure)}, {"purpose", entry.purpose},
                                                       {"reason", entry.reason}, {"policy", shown(entry.policy)}, {"decision", shown(entry.decision)}, {"ledger", entry.ledger}};
  for (const auto& [key, chars] : texts)
    if (!chars.empty()) one.add(key, json_text(chars));
  if (entry.version > 0) one.add("version", json_number(entry.version));
  if (!entry.ledger.empty()) one.add("ledger_index", json_number(entry.ledger_index));
  return one;
}

Result<void> list(const AuditList& command, Context& context) {
  LIAISON_TRY(auto client, NodeClient::open(context));
  Flat builder;
  flatbuffers::Offset<flatbuffers::Vector<std::uint8_t>> record;
  if (!command.record.empty()) {
    const auto id = parse_uuid(command.record);
    if (!id) return fail(Errc::invalid_argument, "--record needs the whole id");
    record = builder.CreateVector(id->bytes.data(), id->bytes.size());
  }
  const bool newest_first = !command.oldest_first && command.first == 0 && command.record.empty();
  const auto most = static_cast<std::uint32_t>(std::min<std::uint64_t>(command.most, 1000));
  LIAISON_TRY(const auto answer, client.ask<api::AuditRows>(builder, api::CreateAskAudit(builder, command.first, most, newest_first, record)));
  Table table{{"INDEX", "AT", "EVENT", "PERSON", "PEER", "RECORD", "REASON"}, {}};
  form::Value rows = form::Value::array();
  if (answer->rows() != nullptr)
    for (const auto* row : *answer->rows()) {
      LIAISON_TRY(const auto entry, audit::decode(bytes_of(row->entry())));
      table.rows.push_back({std::to_string(entry.index), utc(entry.wall), std::string(name(entry.event)), short_hash(entry.person), entry.peer, record_of(entry), entry.reason});
      rows.elements.push_back(json_entry(entry));
    }
  if (!context.json) {
    print_table(context, table, "the audit log has no such entries");
    context.out() << answer->size() << " entries\n";
    return {};
  }
  form::Value root = form::Value::object();
  root.add("size", json_number(answer->size()));
  root.add("rows", std::move(rows));
  root.add("checkpoint", json_text(string_of(answer->checkpoint())));
  print_json(context, root);
  return {};
}

void print_entry(const Context& context, const audit::Entry& entry, const api::AuditProof& proof, std::uint64_t size) {
  Pairs pairs;
  for (const auto& member : json_entry(entry).members) pairs.emplace_back(member.key, member.value.text);
  print_pairs(context, pairs);
  context.out() << toned(context, Tone::good, "included") << " in the checkpoint of size " << size << "\n\n" << string_of(proof.proof());
}

Result<void> show(std::uint64_t index, Context& context) {
  LIAISON_TRY(auto client, NodeClient::open(context));
  Flat builder;
  LIAISON_TRY(const auto answer, client.ask<api::AuditProof>(builder, api::CreateAskAuditProof(builder, index)));
  LIAISON_TRY(const auto entry, audit::decode(bytes_of(answer->entry())));
  LIAISON_TRY(const auto proof, audit::parse_proof(string_of(answer->proof())));
  LIAISON_TRY(const auto head, audit::parse_checkpoint(proof.note));
  if (proof.index != index || entry.index != index) return fail(Errc::wrong_root, "the node answered another entry than " + std::to_string(index));
  auto included = merkle::verify_inclusion(merkle::leaf_hash(bytes_of(answer->entry())), {index, head.size}, proof.path, head.root);
  if (!included) return fail(Errc::wrong_root, "entry " + std::to_string(index) + " is not in the log that the checkpoint signs");
  if (!context.json) {
    print_entry(context, entry, *answer, head.size);
    return {};
  }
  form::Value root = form::Value::object();
  root.add("entry", json_entry(entry));
  root.add("bytes", json_text(to_base64(bytes_of(answer->entry()))));
  root.add("included", json_truth(true));
  root.add("proof", json_text(string_of(answer->proof())));
  print_json(context, root);
  return {};
}

Result<Exit> verify(const std::string& what, const std::string& peer, Context& context) {
  LIAISON_TRY(auto client, NodeClient::open(context));
  Flat builder;
  const auto what_offset = builder.CreateString(what);
  const auto peer_offset = builder.CreateString(peer);
  LIAISON_TRY(const auto answer, client.ask<api::Verified>(builder, api::CreateCheckLog(builder, what_offset, peer_offset)));
  Table table{{"WHAT", "ENTRIES", "RESULT", "DETAIL"}, {}};
  form::Value lines = form::Value::array();
  if (answer->lines() != nullptr)
    for (const auto* line : *answer->lines()) {
      table.rows.push_back({string_of(line->what()), std::to_string(line->entries()), line->ok() ? "ok" : "BROKEN", string_of(line->detail())});
      form::Value one = form::Value::object();
      one.add("what", json_text(string_of(line->what())));
      one.add("entries", json_number(line->entries()));
      one.add("ok", json_truth(line->ok()));
      one.add("detail", json_text(string_of(line->detail())));
      lines.elements.push_back(std::move(one));
    }
  if (context.json) {
    form::Value root = form::Value::object();
    root.add("ok", json_truth(answer->ok()));
    root.add("lines", std::move(lines));
    print_json(context, root);
  } else {
    print_table(context, table, "nothing to verify yet");
  }
  return answer->ok() ? Exit::done : Exit::not_proved;
}

int finish_verify(Context& context, const Result<Exit>& done) { return done ? code(*done) : tell(context, done.error()); }
}  // namespace

Action bind_audit_list(Options& options) {
  auto command = std::make_shared<AuditList>();
  options.number("--max", command->most, "at most so many entries, up to 1000");
  options.number("--first", command->first, "from this index on, oldest first");
  options.flag("--oldest-first", command->oldest_first, "from the first entry");
  options.text("--record", command->record, "only entries about this record");
  return [command](Context& context) { return finish(context, list(*command, context)); };
}

Action bind_audit_show(Options& options) {
  auto index = std::make_shared<std::uint64_t>(0);
  options.number("INDEX", *index, "index of the entry (liaison audit list)", Need::required);
  return [index](Context& context) { return finish(context, show(*index, context)); };
}

Action bind_audit_verify(Options&) {
  return [](Context& context) { return finish_verify(context, verify("audit", "", context)); };
}

Action bind_ledger_verify(Options& options) {
  auto peer = std::make_shared<std::string>();
  options.text("PEER", *peer, "agency at the other end", Need::required);
  return [peer](Context& context) { return finish_verify(context, verify("ledger", *peer, context)); };
}

}  // namespace liaison::cli
