// The steps of a scenario: what can happen next, and doing it. Nodes are only ever entered from here, one input at a time.
#include "tests/sim/world.h"

#include <ostream>

#include "tests/sim/check.h"

namespace liaison::sim {
namespace {
constexpr auto redial_after = Milliseconds{200};
constexpr auto tick_at_most_after = Milliseconds{5000};
constexpr std::size_t group_jobs_max = 8;
}  // namespace

World::World(const Scenario& scenario, std::ostream* trace)
    : scenario_(scenario), chance_(scenario.seed), trace_(trace),
      network_(chance_, {.on_open = [this](std::size_t site, exchange::SessionId session, std::size_t peer) { sites_[site]->machine->node->on_session_open(session, sites_[peer]->agency); drain(site); },
                         .on_bytes = [this](std::size_t site, exchange::SessionId session, ByteView bytes) { sites_[site]->machine->node->on_session_bytes(session, bytes); drain(site); },
                         .on_writable = [this](std::size_t site, exchange::SessionId session) { sites_[site]->machine->node->on_session_writable(session); drain(site); },
                         .on_closed = [this](std::size_t site, exchange::SessionId session) { sites_[site]->machine->node->on_session_closed(session); drain(site); }}) {
  seed_openssl(scenario.seed);
  for (std::size_t i = 0; i < scenario.sites; ++i) {
    const auto send = [this, i](std::uint64_t token, const std::string& person, Bytes call) { sites_[i]->machine->node->on_request(token, person, std::move(call)); drain(i); };
    const auto report = [this](const std::string& what) { problem(what); };
    sites_.push_back(std::make_unique<Site>((scenario.relayed ? federation().chain : federation().agencies)[i], scenario.seed * 16 + i, now_, chance_, send, report));
    watch(*sites_.back(), sites_, report);
  }
  plan_mutation();
  plan_submissions();
}
World::~World() = default;

void World::problem(std::string what) {
  note("PROBLEM " + what);
  if (!problem_) problem_ = std::move(what);
}

void World::note(const std::string& line) {
  if (trace_ != nullptr) *trace_ << steps_ << " " << to_string(now_).substr(11, 12) << " " << line << "\n";
}

void World::plan_submissions() {
  for (std::size_t n = 0; n < scenario_.submissions; ++n) {
    const std::size_t from = chance_.below(sites_.size());
    Draft draft;
    std::array<std::uint8_t, 10> random{};
    chance_.fill(random);
    draft.id = make_uuid(now_, random);
    for (std::size_t to = 0; to < sites_.size(); ++to)
      if (to != from && (draft.to.empty() || chance_.per_mille(300))) draft.to.push_back(sites_[to]->agency);
    if (scenario_.relayed) draft.channel = "interpol";
    draft.urgent = chance_.per_mille(300);
    if (chance_.per_mille(80)) draft.expires = now_ + Milliseconds{chance_.between(1, 3000)};
    if (chance_.per_mille(20)) draft.to.push_back("xx.nowhere");
    Submission submission;
    submission.id = draft.id;
    submission.call = submit_call(draft);
    submission.to = draft.to;
    if (!draft.channel.empty()) submission.channel = draft.channel;
    submission.urgent = draft.urgent;
    sites_[from]->people.plan(std::move(submission));
  }
}

std::optional<std::string> World::run() {
  for (std::size_t i = 0; i < sites_.size(); ++i) restart(i);
  if (scenario_.fork) fork();
  run_steps(scenario_.trouble_steps);
  troubled_ = false;
  if (!problem_) heal();
  if (!problem_ && !come_to_rest()) problem(unrest(sites_, network_));
  if (!problem_ && scenario_.fork)
    if (auto found = check_repairs()) problem(std::move(*found));
  if (!problem_) {
    auto found = check(sites_);
    if (found) problem(std::move(*found));
  }
  if (problem_ && trace_ != nullptr) print_audit(sites_, *trace_);
  return problem_;
}

void World::run_steps(std::uint64_t until) {
  while (!problem_ && steps_ < until) {
    perform(choose());
    make_trouble();
    ++steps_;
  }
}

std::vector<World::Move> World::moves(bool troubled) const {
  std::vector<Move> all;
  for (std::size_t i = 0; i < sites_.size(); ++i) {
    const Site& site = *sites_[i];
    if (!site.up()) {
      if (now_ >= site.restart_at) all.push_back({.kind = Kind::restart, .site = i, .network = {}, .person = {}});
      continue;
    }
    const auto add = [&](bool possible, Kind kind) {
      if (possible) all.push_back({.kind = kind, .site = i, .network = {}, .person = {}});
    };
    add(!site.machine->tasks.empty(), Kind::task);
    add(!site.machine->finished.empty(), Kind::finish);
    add(site.machine->jobs() > 0, Kind::commit);
    add(!site.machine->completions.empty(), Kind::completion);
    // A wrong wall clock does not keep the shell from looking every five seconds.
    add(site.machine->node->next_deadline() <= site.clock.now() || now_ - site.ticked >= tick_at_most_after, Kind::tick);
    for (const auto& move : site.people.moves(troubled))
      if (troubled || move.ask != People::Ask::fetch) all.push_back({.kind = Kind::person, .site = i, .network = {}, .person = move});
    for (std::size_t j = 0; j < sites_.size(); ++j) {
      const auto due = redial_at_.find(std::minmax(i, j));
      if (i < j && sites_[j]->up() && !network_.is_cut(i, j) && !network_.linked(i, j) && (due == redial_at_.end() || now_ >= due->second))
        all.push_back({.kind = Kind::dial, .site = i, .other = j, .network = {}, .person = {}});
    }
  }
  for (const auto& move : network_.moves()) all.push_back({.kind = Kind::network, .network = move, .person = {}});
  if (troubled || all.empty()) all.push_back({.kind = Kind::pass_time, .network = {}, .person = {}});
  return all;
}

// Mostly what is under way goes on; else people and time would outvote the machines.
World::Move World::choose() {
  auto all = moves(true);
  const auto rest = std::stable_partition(all.begin(), all.end(), [](const Move& move) { return move.kind <= Kind::network; });
  const auto machines = static_cast<std::size_t>(rest - all.begin());
  return all[machines > 0 && chance_.per_mille(800) ? chance_.below(machines) : chance_.below(all.size())];
}

void World::perform(const Move& move) {
  Site& site = *sites_[move.site];
  if (chance_.per_mille(200)) now_ += Milliseconds{chance_.below(4)};
  switch (move.kind) {
    case Kind::task: run_task(site); break;
    case Kind::finish: {
      const auto finish = std::move(site.machine->finished.front());
      site.machine->finished.pop_front();
      finish();
      drain(move.site);
      break;
    }
    case Kind::commit:
      if (!troubled_ || !chance_.per_mille(scenario_.trouble.slow_store)) commit_group(move.site);
      break;
    case Kind::completion: {
      const auto group = std::move(site.machine->completions.front());
      site.machine->completions.pop_front();
      for (const auto& [job, outcome] : group) site.machine->node->on_committed(job, outcome);
      drain(move.site);
      break;
    }
    case Kind::tick:
      site.ticked = now_;
      site.machine->node->on_tick();
      drain(move.site);
      break;
    case Kind::network: network_.run(move.network); break;
    case Kind::person:
      note(site.agency + " person asks " + std::to_string(static_cast<int>(move.person.ask)) + " " + std::to_string(move.person.number));
      site.people.run(move.person);
      break;
    case Kind::dial: dial(move.site, move.other); break;
    case Kind::restart: restart(move.site); break;
    case Kind::pass_time: now_ += Milliseconds{chance_.per_mille(20) ? chance_.between(100, 25'000) : chance_.between(1, 30)}; break;
  }
  network_.forget_finished();
}

void World::run_task(Site& site) {
  auto& tasks = site.machine->tasks;
  const std::size_t which = chance_.below(tasks.size());
  const auto task = std::move(tasks[which]);
  tasks.erase(tasks.begin() + static_cast<std::ptrdiff_t>(which));
  site.machine->finished.push_back(task.work());
}

// One group as the store thread makes it: by class, each class in order; now and then a class that had waited long comes first.
void World::commit_group(std::size_t index) {
  Site& site = *sites_[index];
  auto& waiting = site.machine->waiting;
  const bool alone = chance_.per_mille(300);
  const std::size_t most = alone ? 1 : chance_.between(1, group_jobs_max);
  const std::size_t first = alone || chance_.per_mille(250) ? chance_.below(waiting.size()) : 0;
  std::vector<exchange::JobId> jobs;
  std::vector<exchange::WriteSet> sets;
  for (std::size_t n = 0; n < waiting.size(); ++n) {
    auto& queue = waiting[(first + n) % waiting.size()];
    for (; !queue.empty() && jobs.size() < most; queue.pop_front()) {
      jobs.push_back(queue.front().job);
      sets.push_back(std::move(queue.front().set));
    }
  }
  if (troubled_ && chance_.per_mille(scenario_.trouble.crash_at_commit)) {
    count("crash before commit");
    return crash(index);
  }
  if (troubled_) script_faults(site, sets.size());
  const auto outcomes = site.disk.commit(sets);
  if (troubled_ && chance_.per_mille(scenario_.trouble.crash_at_commit)) {
    count("crash after commit");
    return crash(index);
  }
  std::vector<std::pair<exchange::JobId, exchange::Outcome>> done;
  for (std::size_t n = 0; n < jobs.size(); ++n) {
    if (outcomes[n] != exchange::Outcome::committed) note(site.agency + " job " + std::to_string(jobs[n]) + " outcome " + std::to_string(static_cast<int>(outcomes[n])));
    done.emplace_back(jobs[n], outcomes[n]);
  }
  site.machine->completions.push_back(std::move(done));
}

void World::dial(std::size_t from, std::size_t to) {
  redial_at_[std::minmax(from, to)] = now_ + redial_after;
  if (troubled_ && chance_.per_mille(500)) std::swap(from, to);
  Tampering tampering;
  if (troubled_ && chance_.per_mille(scenario_.trouble.tampering)) tampering = draw_tampering(sites_[from]->agency);
  if (scenario_.mutation == Mutation::drop_void) tampering = {Tampering::Kind::drop_void, sites_[from]->agency, realm, 0};
  if (scenario_.mutation == Mutation::hide_copy && troubled_) tampering = {Tampering::Kind::hide_copy, sites_[from]->agency, realm, 0};
  note("dial " + sites_[from]->agency + " " + sites_[to]->agency + " tampering " + std::to_string(static_cast<int>(tampering.kind)));
  network_.dial(from, to, std::move(tampering));
}

void World::drain(std::size_t index) {
  Site& site = *sites_[index];
  while (site.up()) {
    auto actions = site.machine->node->take_actions();
    if (actions.empty()) return;
    for (auto& action : actions) {
      if (site.crash_after_actions > 0 && --site.crash_after_actions == 0) {
        count("crash between actions");
        return crash(index);
      }
      act(index, action);
    }
  }
}

void World::act(std::size_t index, exchange::Action& action) {
  Site& site = *sites_[index];
  Machine& machine = *site.machine;
  if (auto* send = std::get_if<exchange::SendBytes>(&action)) network_.send(send->session, std::move(send->bytes));
  else if (auto* closing = std::get_if<exchange::CloseSession>(&action)) network_.close(closing->session);
  else if (auto* dropped = std::get_if<exchange::DropSession>(&action)) network_.close(dropped->session);
  else if (auto* job = std::get_if<exchange::CommitSet>(&action)) machine.waiting[static_cast<std::size_t>(job->set.cls)].push_back(std::move(*job));
  else if (auto* task = std::get_if<exchange::RunTask>(&action)) machine.tasks.push_back(std::move(*task));
  else if (auto* reply = std::get_if<exchange::SendReply>(&action); reply != nullptr && reply->token > repair_token_base) note(site.agency + " answers an administrator");
  else if (reply != nullptr) site.people.on_reply(reply->token, reply->answer);
  else if (auto* log = std::get_if<exchange::LogEvent>(&action)) note(site.agency + " log " + log->text);
}

}  // namespace liaison::sim
