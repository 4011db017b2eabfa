// Hello: what both sides hold of every log is proved by signatures, compared, and decides where each log goes on, who takes back what, what stops.
// A size that comes without a head signed by the log's writer for exactly that size and root ends the connection: it proves nothing.
#include <algorithm>
#include <set>

#include "core/link/session_state.h"

namespace liaison::link {
namespace {

constexpr std::uint16_t protocol_version = 1;
constexpr const char* directory_feature = "directory";

Result<void> check_credits(const HelloFrame& hello) {
  std::set<Lane> seen;
  for (const Credit& credit : hello.credits) {
    if (!seen.insert(credit.lane).second) return fail(Errc::protocol_violation, "credit given twice");
  }
  return {};
}

Result<std::map<std::pair<Side, LogId>, const LogReport*>> index_reports(const HelloFrame& hello) {
  std::map<std::pair<Side, LogId>, const LogReport*> out;
  for (const LogReport& report : hello.logs) {
    if (!out.emplace(std::pair(report.side, report.log), &report).second) return fail(Errc::protocol_violation, "reported twice: " + to_string(report.log));
  }
  return out;
}

LogReport report(Side side, const LogState& state) {
  LogReport out{side, state.log, state.frontier.size(), state.frontier.root(), state.head, {}, {}, 0, state.stopped && *state.stopped != StopReason::we_lost_entries, state.opening};
  if (side == Side::sending) {
    out.receipt = state.receipt;
    out.receipt_head = state.receipt_head;
    out.receipted = state.receipted;
  }
  return out;
}

}  // namespace

HelloFrame Session::State::own_hello() const {
  HelloFrame hello;
  hello.versions = {protocol_version};
  hello.features = {directory_feature};
  hello.realm = config.realm;
  hello.from = config.self;
  hello.to = config.peer;
  hello.directory_version = config.directory_version;
  hello.directory_hash = config.directory_hash;
  for (const LogState& state : config.sending) hello.logs.push_back(report(Side::sending, state));
  for (const LogState& state : config.receiving) hello.logs.push_back(report(Side::receiving, state));
  for (const Lane lane : {Lane::urgent, Lane::routine}) hello.credits.push_back({lane, config.window_bytes});
  return hello;
}

Result<void> Session::State::on_hello(const HelloFrame& hello) {
  if (std::find(hello.versions.begin(), hello.versions.end(), protocol_version) == hello.versions.end()) {
    return fail(Errc::protocol_violation, "no common protocol version");
  }
  if (hello.realm != config.realm) return fail(Errc::wrong_realm, "hello");
  if (hello.from != config.peer) return fail(Errc::wrong_sender, "hello");
  if (hello.to != config.self) return fail(Errc::wrong_recipient, "hello");
  LIAISON_CHECK(check_credits(hello));
  directories = std::find(hello.features.begin(), hello.features.end(), directory_feature) != hello.features.end();
  for (const Credit& credit : hello.credits) lanes[credit.lane].granted = credit.bytes;

  LIAISON_TRY(const auto reports, index_reports(hello));
  Ready now_ready{{}, {}, hello.directory_version, hello.directory_hash};
  for (auto& [id, log] : writing) {
    const auto shown = reports.find({Side::receiving, id});
    if (shown != reports.end()) LIAISON_CHECK(start_writing(log, *shown->second, now_ready));
  }
  for (auto& [id, log] : keeping) {
    const auto shown = reports.find({Side::sending, id});
    if (shown != reports.end()) LIAISON_CHECK(start_keeping(log, *shown->second, now_ready));
  }
  LIAISON_CHECK(find_offers(hello));
  ready = true;
  events.push_back(std::move(now_ready));
  for (const auto& [id, log] : writing) {
    if (log.phase == LogPhase::recovering) request_entries(log);
  }
  return {};
}

Result<void> Session::State::start_writing(WrittenLog& log, const LogReport& shown, Ready& now_ready) {
  const LogState& own = log.own;
  if (own.stopped) return {};
  if (shown.size > 0) LIAISON_CHECK(check_head(self_as_writer(), {shown.log, shown.size, shown.root}, shown.head, batches));
  const auto root_at = [&](std::uint64_t size) { return config.root_at(Side::sending, own.log, size); };
  LIAISON_TRY(const Verdict verdict,
              compare({{own.frontier.size(), own.frontier.root(), own.receipted}, {shown.size, shown.root, 0}, true}, root_at));
  switch (verdict) {
    case Verdict::go_on:
      if (shown.stopped) {  // the peer found a fork once; only a new epoch, which we open, goes on from there
        log.phase = LogPhase::stopped;
        events.push_back(LaneStopped{own.log, Side::sending, StopReason::fork, own.head, shown.head, {}});
        break;
      }
      log.phase = LogPhase::running;
      log.next = log.acked = shown.size;
      if (shown.size > 0) log.remember(shown.head, shown.size);
      now_ready.starts.push_back({own.log, shown.size});
      break;
    case Verdict::writer_rolled_back:
      return start_recovery(log, shown);
    case Verdict::copy_lost_entries:
      log.phase = LogPhase::stopped;
      events.push_back(LaneStopped{own.log, Side::sending, StopReason::peer_lost_entries, own.head, shown.head, own.receipt});
      break;
    case Verdict::fork:
      log.phase = LogPhase::stopped;
      events.push_back(LaneStopped{own.log, Side::sending, StopReason::fork, own.head, shown.head, {}});
      break;
  }
  return {};
}

Result<void> Session::State::start_recovery(WrittenLog& log, const LogReport& shown) {
  const std::uint64_t missing = shown.size - log.own.frontier.size();
  if (missing > limits::recovered_entries_max) return fail(Errc::limit_exceeded, "recovery of " + std::to_string(missing) + " entries");
  log.phase = LogPhase::recovering;
  log.recovery = WrittenLog::Recovery{shown.size, shown.head, shown.stopped, shown.root, log.own.frontier, {}, {}};
  events.push_back(WeWereRolledBack{log.own.log, log.own.frontier.size(), shown.size});
  return {};
}

void Session::State::request_entries(const WrittenLog& log) {
  const std::uint64_t first = log.recovery->frontier.size();
  const std::uint64_t count = std::min<std::uint64_t>(log.recovery->target - first, limits::entries_answer_max);
  push_control(encode(EntriesRequestFrame{log.own.log, first, static_cast<std::uint32_t>(count)}));
}

// Our receipt names a head by its hash, and only that head says how far the receipt reaches.
Result<void> Session::State::check_receipted(const LogReport& shown) {
  LIAISON_TRY(const Receipt receipt, check_receipt({config.realm, config.own_link_key}, shown.receipt, batches));
  const bool named = !shown.receipt_head.empty() && crypto::text_hash(view(shown.receipt_head.text)) == receipt.head;
  if (!named || receipt.first >= shown.receipted) return fail(Errc::protocol_violation, "receipted size of " + to_string(shown.log));
  LIAISON_TRY(const Head head, parse_head(view(shown.receipt_head.text)));
  return check_head(peer_as_writer(), {shown.log, shown.receipted, head.root}, shown.receipt_head, batches);
}

Result<void> Session::State::start_keeping(KeptLog& log, const LogReport& shown, Ready& now_ready) {
  const LogState& copy = log.copy;
  const bool lost = copy.stopped == StopReason::we_lost_entries;
  if (copy.stopped && !lost) return {};
  if (shown.size > 0) LIAISON_CHECK(check_head(peer_as_writer(), {shown.log, shown.size, shown.root}, shown.head, batches));
  if (shown.receipted > 0) LIAISON_CHECK(check_receipted(shown));
  log.peer_receipted = shown.receipted;
  const auto root_at = [&](std::uint64_t size) { return config.root_at(Side::receiving, copy.log, size); };
  LIAISON_TRY(const Verdict verdict,
              compare({{copy.frontier.size(), copy.frontier.root(), 0}, {shown.size, shown.root, shown.receipted}, false}, root_at));
  if (shown.stopped && (verdict == Verdict::go_on || verdict == Verdict::writer_rolled_back)) {
    log.phase = LogPhase::stopped;
    return {};
  }
  switch (verdict) {
    case Verdict::go_on:
      log.phase = LogPhase::running;
      if (lost) events.push_back(LaneResumed{copy.log});
      now_ready.receiving.push_back({copy.log, shown.receipted});
      break;
    case Verdict::writer_rolled_back:
      log.phase = LogPhase::recovering;
      events.push_back(PeerRolledBack{copy.log, copy.frontier.size(), shown.size});
      break;
    case Verdict::copy_lost_entries:
      log.phase = LogPhase::stopped;
      if (!lost) events.push_back(LaneStopped{copy.log, Side::receiving, StopReason::we_lost_entries, copy.head, shown.head, shown.receipt});
      break;
    case Verdict::fork:
      log.phase = LogPhase::stopped;
      events.push_back(LaneStopped{copy.log, Side::receiving, StopReason::fork, copy.head, shown.head, {}});
      break;
  }
  return {};
}

// A log of the peer in the epoch after the one we hold. Our copy of the old one and the head the peer shows of it are the two heads it must name.
Result<void> Session::State::find_offers(const HelloFrame& hello) {
  LIAISON_TRY(const auto reports, index_reports(hello));
  for (const LogReport& offer : hello.logs) {
    if (offer.side != Side::sending || offer.log.epoch == 0 || kept(offer.log) != nullptr) continue;
    const LogId before{offer.log.stream, offer.log.lane, offer.log.epoch - 1};
    const KeptLog* held = kept(before);
    const auto shown = reports.find({Side::sending, before});
    if (held == nullptr || shown == reports.end() || !shown->second->stopped || !offer.opening) continue;
    const LogReport& old = *shown->second;
    if (old.size > 0) LIAISON_CHECK(check_head(peer_as_writer(), {old.log, old.size, old.root}, old.head, batches));
    const Hash opening = epoch_core(crypto::text_hash(view(held->copy.head.text)), crypto::text_hash(view(old.head.text)));
    events.push_back(EpochOffered{offer.log, opening, old.head, opening == *offer.opening});
  }
  return {};
}

}  // namespace liaison::link
