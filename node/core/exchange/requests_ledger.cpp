// Ledgers as people see them, and the two repairs that two administrators decide with their own keys over the same pair of heads.
// The first half of a decision is a row of table meta that counts for a day and for these two heads only; both halves are in the audit log.
#include "core/base/limits.h"
#include "core/exchange/answers.h"
#include "core/exchange/ledger_rows.h"
#include "core/exchange/requests.h"

namespace liaison::exchange {
namespace {
constexpr auto approval_life = std::chrono::hours{24};

// The first of two administrators.
struct FirstWord {
  std::string person;
  Hash heads{};
  Time at{};
};
Bytes key_of_first_word(const std::string& ledger) { return to_bytes("repair/" + ledger); }

Bytes encode(const FirstWord& word) {
  Bytes bytes;
  put(bytes, ByteView(word.heads));
  put_u64(bytes, static_cast<std::uint64_t>(millis(word.at)));
  put(bytes, word.person);
  return bytes;
}

Result<std::optional<FirstWord>> load_first_word(const Store& store, const std::string& ledger) {
  LIAISON_TRY(const auto bytes, store.get(Table::meta, key_of_first_word(ledger)));
  if (!bytes) return std::optional<FirstWord>{};
  ByteReader reader(*bytes);
  FirstWord word;
  word.heads = reader.hash();
  word.at = time_from_millis(static_cast<std::int64_t>(reader.u64()));
  if (!reader.ok()) return fail(Errc::store_corrupt, "row of table meta");
  word.person = text(reader.take(reader.left()));
  return std::optional(std::move(word));
}

std::string_view state_of(const HeadRow& head) {
  if (!head.stop) return "in use";
  if (*head.stop == link::StopReason::fork) return "ledger_fork";
  return *head.stop == link::StopReason::peer_lost_entries ? "peer_lost_entries" : "we_lost_entries";
}

Result<flatbuffers::Offset<api::LedgerRow>> ledger_row(const Store& store, flatbuffers::FlatBufferBuilder& builder, const LogKey& log) {
  LIAISON_TRY(const HeadRow head, load_head(store, log));
  LIAISON_TRY(const std::uint64_t receipted, load_receipted(store, log));
  LIAISON_TRY(const LogKey newest, current_log(store, log));
  const bool replaced = newest.epoch != log.epoch;  // people have seen to it
  const auto repair = replaced ? std::nullopt : repair_of(log, head);
  const auto ledger = builder.CreateString(ledger_name(log));
  const auto state = builder.CreateString(std::string(replaced ? "replaced" : state_of(head)));
  const auto what_to_do = builder.CreateString(replaced ? "epoch " + std::to_string(log.epoch + 1) + " goes on from here" : advice(log, head));
  const auto own = put_signed(builder, head.head);
  const auto other = head.stop ? put_signed(builder, head.other_head) : flatbuffers::Offset<wire::SignedText>();
  const auto heads = head.stop ? put_bytes(builder, digest_of_heads(head)) : flatbuffers::Offset<flatbuffers::Vector<std::uint8_t>>();
  return api::CreateLedgerRow(builder, ledger, head.frontier.size(), receipted, state, what_to_do, own, other, heads, builder.CreateString(repair ? std::string(name(*repair)) : ""));
}

Result<Bytes> list_ledgers(const Store& store, const std::string& peer) {
  flatbuffers::FlatBufferBuilder builder(8192);
  std::vector<flatbuffers::Offset<api::LedgerRow>> rows;
  for (const Direction direction : {Direction::outbound, Direction::inbound})
    for (const Lane lane : {Lane::urgent, Lane::routine}) {
      LIAISON_TRY(const LogKey newest, current_log(store, {peer, direction, 0, lane, 0}));
      for (LogKey log{peer, direction, 0, lane, 0}; log.epoch <= newest.epoch; ++log.epoch) {
        LIAISON_TRY(const auto row, ledger_row(store, builder, log));
        rows.push_back(row);
      }
    }
  return finish_answer(builder, api::CreateLedgers(builder, builder.CreateVector(rows)));
}
}  // namespace

void Requests::on_ledgers(const Caller& caller, const api::AskLedgers& ask) {
  const std::string peer = string_of(ask.peer());
  if (!node_.peers_.contains(peer)) return refuse(caller, Errc::not_found, "agency " + peer + " is not in the directory");
  auto rows = list_ledgers(node_.engine_.ports().store, peer);
  if (!rows) return refuse(caller, rows.error());
  answer(caller, std::move(*rows));
}

void Requests::on_repair(const Caller& caller, const api::RepairLedger& ask) {
  const std::string peer = string_of(ask.peer());
  if (!node_.peers_.contains(peer)) return refuse(caller, Errc::not_found, "agency " + peer + " is not in the directory");
  if (ask.lane() != static_cast<std::uint8_t>(Lane::urgent) && ask.lane() != static_cast<std::uint8_t>(Lane::routine)) return refuse(caller, Errc::invalid_argument, "lane: urgent or routine");
  const OutboundLog& log = node_.peer(peer).written(static_cast<Lane>(ask.lane()));
  const auto needed = repair_of(log.key, log.head);
  if (!needed) return refuse(caller, Errc::invalid_argument, "ledger " + ledger_name(log.key) + " is not stopped, or not by what this agency can repair");
  if (string_of(ask.repair()) != name(*needed)) return refuse(caller, Errc::invalid_argument, "what this ledger needs is: " + std::string(name(*needed)));
  if (!equal(bytes_of(ask.heads()), digest_of_heads(log.head)))
    return refuse(caller, Errc::conflict, "these are not the two heads that stopped " + ledger_name(log.key) + "; look again: liaison ledger show " + peer);
  const auto word = load_first_word(node_.engine_.ports().store, ledger_name(log.key));
  if (!word) return refuse(caller, word.error());
  const Time now = node_.engine_.now();
  const bool open = *word && (*word)->heads == digest_of_heads(log.head) && now >= (*word)->at && now - (*word)->at < approval_life;
  if (!open) return approve(caller, log, *needed);
  const std::string& person = (*word)->person;
  if (person == caller.person) return refuse(caller, Errc::not_permitted, "you approved this already; another administrator must ask for the same");
  const auto first = node_.persons_.find(person);
  if (first == node_.persons_.end() || first->second.disabled || !may(first->second.role, api::Request::RepairLedger)) return approve(caller, log, *needed);
  repair(caller, log, *needed, person);
}

void Requests::approve(const Caller& caller, const OutboundLog& log, Repair what) {
  const FirstWord word{caller.person, digest_of_heads(log.head), node_.engine_.now()};
  WriteSet set;
  set.cls = WriteClass::hand_over;
  audit::Entry entry = node_.context_->entry(audit::Event::alarm);
  entry.person = node_.context_->commit_to_person(caller.person);
  entry.peer = log.key.peer;
  entry.reason = std::string(name(what)) + "_approved";
  entry.decision = word.heads;
  entry.ledger = ledger_name(log.key);
  set.ops.push_back({OpKind::put, Table::meta, key_of_first_word(entry.ledger), encode(word)});
  set.ops.push_back(append_audit(entry));
  node_.engine_.commit(std::move(set), [this, caller](Outcome outcome) {
    if (outcome != Outcome::committed) return refuse(caller, Errc::disk_full, "the approval could not be stored; nothing was changed");
    flatbuffers::FlatBufferBuilder builder(256);
    answer(caller, finish_answer(builder, api::CreateDone(builder, builder.CreateString("approved; a second administrator must ask for the same within 24 hours"))));
  });
}

void Requests::repair(const Caller& caller, const OutboundLog& log, Repair what, const std::string& first) {
  const Approved approved{node_.context_->commit_to_person(first), node_.context_->commit_to_person(caller.person), digest_of_heads(log.head)};
  Peer& peer = node_.peer(log.key.peer);
  const auto done = [this, caller, ledger = ledger_name(log.key)](Result<std::string> text) {
    if (!text) return refuse(caller, text.error());  // the first approval stands; the link may be up in a moment
    WriteSet used;                                   // lost: it names two heads that stop nothing any more
    used.cls = WriteClass::purge;
    used.ops.push_back({OpKind::del, Table::meta, key_of_first_word(ledger), {}});
    node_.engine_.commit(std::move(used), [](Outcome) {});
    flatbuffers::FlatBufferBuilder builder(256);
    answer(caller, finish_answer(builder, api::CreateDone(builder, builder.CreateString(*text))));
  };
  if (what == Repair::reopen) peer.reopen(log.key.lane, approved, done);
  else peer.resend(log.key.lane, approved, done);
}

}  // namespace liaison::exchange
