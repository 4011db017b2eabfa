// Ledgers as people see them, and the two repairs that two administrators decide with their own keys over the same pair of heads.
// A half decision lives in memory for a day; both halves are in the audit log.
#include "core/base/limits.h"
#include "core/exchange/answers.h"
#include "core/exchange/ledger_rows.h"
#include "core/exchange/requests.h"

namespace liaison::exchange {
namespace {
constexpr auto approval_life = std::chrono::hours{24};

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
  const auto held = approvals_.find(ledger_name(log.key));
  const Time now = node_.engine_.now();
  const bool open = held != approvals_.end() && held->second.heads == digest_of_heads(log.head) && now >= held->second.at && now - held->second.at < approval_life;
  if (!open) return approve(caller, log, *needed);
  if (held->second.person == caller.person) return refuse(caller, Errc::not_permitted, "you approved this already; another administrator must ask for the same");
  const auto first = node_.persons_.find(held->second.person);
  if (first == node_.persons_.end() || first->second.disabled || !may(first->second.role, api::Request::RepairLedger)) return approve(caller, log, *needed);
  repair(caller, log, *needed, held->second.person);
}

void Requests::approve(const Caller& caller, const OutboundLog& log, Repair what) {
  const Approval approval{caller.person, digest_of_heads(log.head), node_.engine_.now()};
  WriteSet set;
  set.cls = WriteClass::hand_over;
  audit::Entry entry = node_.context_->entry(audit::Event::alarm);
  entry.person = node_.context_->commit_to_person(caller.person);
  entry.peer = log.key.peer;
  entry.reason = std::string(name(what)) + "_approved";
  entry.decision = approval.heads;
  entry.ledger = ledger_name(log.key);
  set.ops.push_back(append_audit(entry));
  node_.engine_.commit(std::move(set), [this, caller, approval, ledger = ledger_name(log.key)](Outcome outcome) {
    if (outcome != Outcome::committed) return refuse(caller, Errc::disk_full, "the approval could not be audited; nothing was changed");
    approvals_[ledger] = approval;
    flatbuffers::FlatBufferBuilder builder(256);
    answer(caller, finish_answer(builder, api::CreateDone(builder, builder.CreateString("approved; a second administrator must ask for the same within 24 hours"))));
  });
}

void Requests::repair(const Caller& caller, const OutboundLog& log, Repair what, const std::string& first) {
  const Approved approved{node_.context_->commit_to_person(first), node_.context_->commit_to_person(caller.person), digest_of_heads(log.head)};
  Peer& peer = node_.peer(log.key.peer);
  const auto done = [this, caller, ledger = ledger_name(log.key)](Result<std::string> text) {
    if (!text) return refuse(caller, text.error());  // the first approval stands; the link may be up in a moment
    approvals_.erase(ledger);
    flatbuffers::FlatBufferBuilder builder(256);
    answer(caller, finish_answer(builder, api::CreateDone(builder, builder.CreateString(*text))));
  };
  if (what == Repair::reopen) peer.reopen(log.key.lane, approved, done);
  else peer.resend(log.key.lane, approved, done);
}

}  // namespace liaison::exchange
