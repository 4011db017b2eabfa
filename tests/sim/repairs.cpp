// A fork by old copies put back, and the two administrators of each agency who look at every lane that stopped and decide the repair it needs.
#include "core/exchange/ledger_rows.h"
#include "core/exchange/repair.h"
#include "tests/sim/world.h"

namespace liaison::sim {
namespace {
constexpr std::size_t phases = 4;

Bytes repair_call(const exchange::OutboundLog& log, exchange::Repair repair) {
  flatbuffers::FlatBufferBuilder builder(256);
  const auto peer = builder.CreateString(log.key.peer);
  const auto what = builder.CreateString(std::string(exchange::name(repair)));
  const Hash heads = exchange::digest_of_heads(log.head);
  const auto digest = builder.CreateVector(heads.data(), heads.size());
  const auto request = api::CreateRepairLedger(builder, peer, static_cast<std::uint8_t>(log.key.lane), what, digest);
  builder.Finish(api::CreateCall(builder, api::Request::RepairLedger, request.Union()));
  return {builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()};
}

// Our ledgers that are stopped, as the store says.
std::vector<exchange::OutboundLog> stopped_logs(const Site& site, const std::vector<std::unique_ptr<Site>>& sites) {
  std::vector<exchange::OutboundLog> found;
  for (const auto& peer : sites)
    for (const Lane lane : {Lane::urgent, Lane::routine}) {
      if (peer->agency == site.agency) continue;
      const auto key = exchange::current_log(site.disk.memory, {peer->agency, exchange::Direction::outbound, 0, lane, 0}).value();
      auto head = exchange::load_head(site.disk.memory, key).value();
      if (head.stop) found.push_back({key, std::move(head)});
    }
  return found;
}
}  // namespace

void World::put_back(std::size_t index, const support::MemoryStore::State& state) {
  if (sites_[index]->up()) crash(index);
  note(sites_[index]->agency + " is put back");
  sites_[index]->disk.memory.restore(state);
  sites_[index]->restored = true;
  sites_[index]->people.on_restore();
}

void World::fork() {
  const std::uint64_t phase = scenario_.trouble_steps / phases;
  run_steps(phase);
  const auto first = sites_[0]->disk.memory.snapshot(), second = sites_[1]->disk.memory.snapshot();
  plan_submissions();
  run_steps(2 * phase);
  const auto second_newer = sites_[1]->disk.memory.snapshot();
  put_back(0, first);
  put_back(1, second);
  plan_submissions();
  run_steps(3 * phase);
  put_back(1, second_newer);
  plan_submissions();
}

void World::decide_repairs() {
  for (std::size_t i = 0; i < sites_.size(); ++i) {
    Site& site = *sites_[i];
    for (const auto& log : stopped_logs(site, sites_))
      for (const char* person : {"admin-1", "admin-2"}) {
        if (!site.up()) return;
        count(log.head.stop == link::StopReason::fork ? "asked for a new epoch" : "asked to send again");
        site.machine->node->on_request(repair_token_base + ++repair_tokens_, person, repair_call(log, *exchange::repair_of(log.key, log.head)));
        drain(i);
      }
  }
}

bool World::repaired() const {
  return !scenario_.fork || std::all_of(sites_.begin(), sites_.end(), [this](const auto& site) { return stopped_logs(*site, sites_).empty(); });
}

// What was accepted in the life that goes on arrived once, whatever became of the copies.
std::optional<std::string> World::check_repairs() const {
  for (const auto& site : sites_)
    for (const auto& submission : site->people.submissions())
      for (const auto& to : sites_) {
        if (!submission.accepted || submission.forgotten_by_restore || std::find(submission.to.begin(), submission.to.end(), to->agency) == submission.to.end()) continue;
        const auto row = site->disk.memory.get(exchange::Table::disclosure, exchange::key_of(*submission.accepted, to->agency)).value();
        if (row && exchange::decode_disclosure_row(*row)->state != exchange::DisclosureState::dispatched) continue;
        const auto inbox = to->disk.memory.scan(exchange::Table::inbox, {}, 1'000'000).value();
        const auto times = std::count_if(inbox.begin(), inbox.end(), [&](const auto& one) { return exchange::decode_inbox_row(one.second)->record == *submission.accepted; });
        if (times != 1) return site->agency + " record " + to_string(submission.accepted->id) + " is " + std::to_string(times) + " times in the inbox of " + to->agency + " after the repair";
      }
  return {};
}

}  // namespace liaison::sim
