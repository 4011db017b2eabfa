// Carrying out what two administrators decided (repair.h). Before a new epoch the peer's copy is compared from its end backwards, in growing steps, until
// a place is found where both agree: what follows it travels again. On the engine's thread; the session starts anew once the decision is durable.
#include "core/base/limits.h"
#include "core/exchange/ledger_rows.h"
#include "core/exchange/peer.h"

namespace liaison::exchange {
namespace {
constexpr std::uint64_t first_window = 1024;
constexpr std::uint64_t window_growth = 8;

Error not_stopped(const LogKey& log, std::string_view what) {
  return fail(Errc::invalid_argument, "ledger " + ledger_name(log) + " is not stopped in a way that " + std::string(what) + " ends; see: liaison ledger show " + log.peer);
}
}  // namespace

void Peer::resend(Lane lane, const Approved& approved, Done done) {
  Out& o = out(lane);
  if (repair_of(o.log.key, o.log.head) != Repair::resend) return done(not_stopped(o.log.key, "sending again"));
  auto made = make_resend(*host_.context(), o.log, approved);
  if (!made) return done(made.error());
  begin_work();
  host_.engine().commit(std::move(made->set), [this, lane, log = made->log, again = made->again, done = std::move(done)](Outcome outcome) {
    if (outcome != Outcome::committed) {
      done(fail(Errc::outcome_unknown, "the decision may not be stored; look: liaison ledger show " + id_));
    } else {
      out(lane).log = log;
      if (auto receipted = load_receipted(host_.engine().ports().store, log.key)) out(lane).receipted = *receipted;
      done(ledger_name(log.key) + ": " + std::to_string(again) + " entries travel again");
      restart_session("a ledger goes on");
    }
    end_work();
  });
}

void Peer::reopen(Lane lane, const Approved& approved, Done done) {
  Out& o = out(lane);
  if (repair_of(o.log.key, o.log.head) != Repair::reopen) return done(not_stopped(o.log.key, "a new epoch"));
  if (!session_ || !session_->ready()) return done(fail(Errc::peer_away, "the link to " + id_ + " must be up, since its copy is compared first"));
  if (reopening_) return done(fail(Errc::busy, "an epoch towards " + id_ + " is being opened"));
  const auto target = other_size(o.log.head);
  if (!target) return done(target.error());
  reopening_ = Reopening{lane, approved, std::move(done), *target, *target, first_window, {}};
  if (*target == 0) return finish_reopening(0);
  compare_further_back();
}

void Peer::compare_further_back() {
  Reopening& work = *reopening_;
  const std::uint64_t both = std::min(work.target, out(work.lane).log.head.frontier.size());
  work.first = both - std::min(both, work.window);
  work.window *= window_growth;
  work.theirs.clear();
  if (work.target - work.first > limits::recovered_entries_max) return end_reopening(fail(Errc::limit_exceeded, "the two ledgers differ too far back"));
  ask_next_entries();
}

void Peer::ask_next_entries() {
  const Reopening& work = *reopening_;
  const std::uint64_t next = work.first + work.theirs.size();
  auto asked = session_->ask_entries(out_id(work.lane), next, std::min<std::uint64_t>(work.target - next, limits::entries_answer_max));
  if (!asked) end_reopening(asked.error());
  else flush_output();
}

void Peer::on_event(link::EntriesShown& event) {
  if (!reopening_) return;
  Reopening& work = *reopening_;
  work.theirs.insert(work.theirs.end(), event.entries.begin(), event.entries.end());
  if (work.first + work.theirs.size() < work.target) return ask_next_entries();
  const auto common = common_size(host_.engine().ports().store, out(work.lane).log, {work.first, work.theirs});
  if (!common) return end_reopening(common.error());
  if (!*common) return compare_further_back();
  finish_reopening(**common);
}

void Peer::finish_reopening(std::uint64_t common) {
  const Lane lane = reopening_->lane;
  auto made = make_reopened(*host_.context(), out(lane).log, common, reopening_->approved);
  if (!made) return end_reopening(made.error());
  Done done = std::move(reopening_->done);
  reopening_.reset();
  begin_work();
  host_.engine().commit(std::move(made->set), [this, lane, log = made->log, again = made->again, done = std::move(done)](Outcome outcome) {
    if (outcome != Outcome::committed) {
      done(fail(Errc::outcome_unknown, "the new epoch may not be stored; look: liaison ledger show " + id_));
    } else {
      out(lane).log = log;
      out(lane).receipted = 0;
      done(ledger_name(log.key) + " is open; " + std::to_string(again) + " envelopes travel again, the rest follows from the outbox");
      restart_session("a new epoch");
    }
    end_work();
  });
}

void Peer::end_reopening(Result<std::string> answer) {
  const Done done = std::move(reopening_->done);
  reopening_.reset();
  done(std::move(answer));
}

}  // namespace liaison::exchange
