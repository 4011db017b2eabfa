// What goes wrong, how it is healed, and coming to rest afterwards.
#include "core/exchange/envelope.h"
#include "core/exchange/ledger_rows.h"
#include "tests/sim/check.h"
#include "tests/sim/world.h"

namespace liaison::sim {
namespace {
using support::Fault;
constexpr std::size_t rest_rounds_max = 400;
constexpr std::size_t steps_without_time_max = 30'000;

std::uint64_t sometimes(Chance& chance, std::uint64_t likelihood) { return chance.per_mille(400) ? chance.between(1, likelihood) : 0; }
}  // namespace

Scenario draw_scenario(std::uint64_t seed) {
  Chance chance(seed ^ 0xD1B54A32D192ED03U);
  Scenario drawn;
  drawn.seed = seed;
  drawn.relayed = seed % 4 == 0;
  drawn.sites = drawn.relayed ? chance.between(3, 5) : chance.between(2, 4);
  drawn.submissions = chance.between(3, 10);
  drawn.trouble_steps = chance.between(200, 900);
  auto& trouble = drawn.trouble;
  trouble.crash = sometimes(chance, 8);
  trouble.crash_at_commit = sometimes(chance, 20);
  trouble.lost_connection = sometimes(chance, 15);
  trouble.partition = sometimes(chance, 10);
  trouble.clock_jump = sometimes(chance, 10);
  trouble.commit_fault = sometimes(chance, 150);
  trouble.missing_key = sometimes(chance, 10);
  trouble.tampering = sometimes(chance, 400);
  trouble.erased_body = sometimes(chance, 10);
  trouble.read_failure = chance.per_mille(100) ? 3 : 0;
  trouble.double_dial = sometimes(chance, 30);
  trouble.slow_store = sometimes(chance, 950);
  trouble.restore = chance.per_mille(200);
  trouble.directory = sometimes(chance, 25);
  return drawn;
}

void World::crash(std::size_t index) {
  Site& site = *sites_[index];
  note(site.agency + " crashes");
  site.machine.reset();
  site.crash_after_actions = 0;
  site.disk.power_lost();
  site.disk.away = false;
  site.restart_at = now_ + Milliseconds{chance_.between(0, 2000)};
  site.people.on_crash();
  network_.site_down(index);
  if (!scenario_.trouble.restore || !troubled_ || !site.backup || chance_.per_mille(500)) return;
  for (const auto& other : sites_)
    if (other->restored) return;
  count("restore");
  note(site.agency + " is restored from a backup");
  site.disk.memory.restore(*site.backup);
  site.restored = true;
  site.people.on_restore();
  before_restart(site, sites_);
}

void World::restart(std::size_t index) {
  Site& site = *sites_[index];
  site.disk.memory.reopen();
  note(site.agency + " starts");
  if (const auto started = site.start(); !started) return problem(site.agency + " does not start: " + started.error().message());
  drain(index);
}

void World::script_faults(Site& site, std::size_t sets) {
  if (!chance_.per_mille(scenario_.trouble.commit_fault)) return;
  const auto kind = chance_.below(3);
  count(kind == 0 ? "commits refused" : kind == 1 ? "commits lost" : "commits applied but unknown");
  for (std::size_t n = 0; n < sets; ++n) {
    const Fault refusal = chance_.per_mille(500) ? Fault::refuse : Fault::none;
    site.disk.memory.script({kind == 0 ? refusal : kind == 1 ? Fault::lose : Fault::apply_and_unknown});
  }
}

Tampering World::draw_tampering(const std::string& agency) {
  count("hostile connection");
  const auto kind = scenario_.hostile != Tampering::Kind::none ? scenario_.hostile : static_cast<Tampering::Kind>(chance_.between(1, static_cast<std::uint64_t>(Tampering::Kind::early_ack)));
  return {kind, agency, realm, kind == Tampering::Kind::flip_byte ? chance_.below(4000) : chance_.below(100)};
}

// A body waiting to be received is erased, as a recall does: it travels as a void from then on.
void World::erase_body(Site& site) {
  std::vector<Bytes> bodies;
  for (const auto& peer : sites_) {
    if (peer->agency == site.agency) continue;
    for (const Lane lane : {Lane::urgent, Lane::routine}) {
      const exchange::LogKey log{peer->agency, exchange::Direction::outbound, 0, lane, 0};
      const exchange::LogKey copy{site.agency, exchange::Direction::inbound, 0, lane, 0};
      const std::uint64_t written = exchange::load_head(site.disk.memory, log)->frontier.size();
      for (std::uint64_t i = exchange::load_head(peer->disk.memory, copy)->frontier.size(); i < written; ++i) {
        const auto body = site.disk.memory.get(exchange::Table::ledger_body, exchange::key_of(log, i)).value();
        const auto envelope = body ? exchange::parse_envelope(*body) : Result<exchange::ParsedEnvelope>(fail(Errc::not_found));
        if (envelope && envelope->header.content == exchange::Content::package) bodies.push_back(exchange::key_of(log, i));
      }
    }
  }
  if (bodies.empty()) return;
  exchange::WriteSet set;
  set.ops.push_back({exchange::OpKind::del, exchange::Table::ledger_body, chance_.pick(bodies), {}});
  site.disk.memory.commit(std::span(&set, 1));
  count("erased body");
}

void World::make_trouble() {
  const auto& trouble = scenario_.trouble;
  Site& site = *sites_[chance_.below(sites_.size())];
  const auto index = static_cast<std::size_t>(std::find_if(sites_.begin(), sites_.end(), [&](const auto& one) { return one.get() == &site; }) - sites_.begin());
  const std::size_t other = (index + 1 + chance_.below(sites_.size() - 1)) % sites_.size();
  if (trouble.restore && !site.restored && chance_.per_mille(20)) site.backup = site.disk.memory.snapshot();
  if (chance_.per_mille(trouble.lost_connection)) network_.lose_connection();
  if (chance_.per_mille(trouble.partition)) network_.cut(index, other, !network_.is_cut(index, other));
  if (chance_.per_mille(trouble.clock_jump)) {
    constexpr std::array jumps{3'000, 120'000, 1'200'000, 10'800'000};
    const Milliseconds jump{jumps[chance_.below(jumps.size())]};
    site.clock.offset = chance_.per_mille(300) ? Milliseconds{0} : chance_.per_mille(500) ? jump : -jump;
    count("clock jump");
  }
  if (chance_.per_mille(trouble.missing_key)) site.keys.box_key_missing = !site.keys.box_key_missing;
  if (!site.up()) return;
  if (chance_.per_mille(trouble.double_dial) && sites_[other]->up() && !network_.is_cut(index, other)) {
    count("second connection");
    network_.dial(index, other);
  }
  if (chance_.per_mille(trouble.erased_body)) erase_body(site);
  if (trouble.directory != 0 && chance_.per_mille(trouble.directory)) play_directory(index);
  site.disk.away = chance_.per_mille(trouble.read_failure);
  if (chance_.per_mille(trouble.crash)) {
    count("crash");
    if (chance_.per_mille(500)) crash(index);
    else site.crash_after_actions = chance_.between(1, 12);
  }
}

void World::heal() {
  note("healed");
  network_.heal();
  network_.lose_tampered();
  for (std::size_t i = 0; i < sites_.size(); ++i) {
    Site& site = *sites_[i];
    site.clock.offset = Milliseconds{0};
    site.keys.box_key_missing = false;
    site.crash_after_actions = 0;
    site.disk.away = false;
    site.restart_at = now_;
  }
}

bool World::at_rest() const {
  for (const auto& site : sites_) {
    if (!site->up() || site->people.waiting() || !site->people.satisfied() || !site->machine->node->idle()) return false;
  }
  return !unsettled(sites_) && repaired() && directory_settled();
}

bool World::come_to_rest() {
  std::size_t quiet = 0;
  for (std::size_t round = 0; round < rest_rounds_max; ++round) {
    if (scenario_.fork) decide_repairs();
    publish_last();
    for (std::size_t i = 0; i < sites_.size(); ++i)
      for (const auto& move : sites_[i]->up() ? sites_[i]->people.moves(false) : std::vector<People::Move>{}) sites_[i]->people.run(move);
    std::size_t here = 0;
    for (auto all = moves(false); all.front().kind != Kind::pass_time; all = moves(false)) {
      perform(all[chance_.below(all.size())]);
      ++steps_;
      if (problem_) return true;
      if (++here > steps_without_time_max) {
        problem("busy without end while no time passes");
        return true;
      }
    }
    // Once more round: subscribers ask before the rest of a round happens.
    quiet = at_rest() ? quiet + 1 : 0;
    if (quiet == 2) return true;
    now_ += Milliseconds{200};
  }
  return false;
}

}  // namespace liaison::sim
