// Any bytes as a request of a person at a whole node: one answer, which is an Answer of api.fbs, and no write set that the rules of the store do not take.
// The first byte chooses the person.
#include "tests/sim/site.h"

namespace {
using namespace liaison;

struct Local {
  Time now = sim::scenario_start;
  sim::Chance chance{1};
  sim::Site site{sim::federation().agencies.front(), 1, now, chance, [](std::uint64_t, const std::string&, Bytes) {}, [](const std::string&) {}};
  std::size_t answers = 0;

  Local() {
    exchange::WriteSet set;
    set.ops.push_back({exchange::OpKind::insert, exchange::Table::person, to_bytes("release-1"), exchange::encode(exchange::PersonRow{"releasing-officer", Bytes(32, 100), false, now})});
    set.ops.push_back({exchange::OpKind::insert, exchange::Table::person, to_bytes("admin"), exchange::encode(exchange::PersonRow{"administrator", Bytes(32, 101), false, now})});
    liaison_assert(site.disk.commit(std::span(&set, 1)).front() == exchange::Outcome::committed);
    const auto started = site.start();
    liaison_assert(started.has_value());
    drain();
  }
  void act(exchange::Action& action) {
    auto& node = *site.machine->node;
    if (auto* job = std::get_if<exchange::CommitSet>(&action)) {
      node.on_committed(job->job, site.disk.commit(std::span(&job->set, 1)).front());
    } else if (auto* task = std::get_if<exchange::RunTask>(&action)) {
      task->work()();
    } else if (const auto* reply = std::get_if<exchange::SendReply>(&action)) {
      ++answers;
      flatbuffers::Verifier verifier(reply->answer.data(), reply->answer.size(), 16, 1'000'000);
      liaison_assert(verifier.VerifyBuffer<api::Answer>());
    }
  }
  void drain() {
    for (auto actions = site.machine->node->take_actions(); !actions.empty(); actions = site.machine->node->take_actions())
      for (auto& action : actions) act(action);
  }
};
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  static std::unique_ptr<Local> local;
  static unsigned uses = 0;
  if (uses++ % 256 == 0) local = std::make_unique<Local>();  // so that what was accepted does not pile up
  constexpr std::array persons{"officer", "desk-1", "dpo", "nobody", "release-1", "admin"};
  local->answers = 0;
  local->site.machine->node->on_request(1, persons[data[0] % persons.size()], Bytes(data + 1, data + size));
  local->drain();
  liaison_assert(local->answers == 1);
  return 0;
}
