// Command line of the simulator: `sim_run --seeds FROM COUNT [--trace]`. One line per failing seed, one line of summary; exit code 1 when a seed failed.
// The same seed gives the same scenario in every process.
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <iostream>

#include "tests/sim/world.h"

int main(int argc, char** argv) {
  using namespace liaison::sim;
  std::uint64_t from = 1, count = 100;
  bool trace = false;
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--trace") == 0) trace = true;
    else if (std::strcmp(argv[i], "--seeds") == 0 && i + 2 < argc) {
      from = std::strtoull(argv[++i], nullptr, 10);
      count = std::strtoull(argv[++i], nullptr, 10);
    } else {
      std::cerr << "usage: sim_run [--seeds FROM COUNT] [--trace]\n";
      return 2;
    }
  }
  std::uint64_t failed = 0, steps = 0;
  std::map<std::string, std::uint64_t> happened;
  for (std::uint64_t seed = from; seed < from + count; ++seed) {
    World world(draw_scenario(seed), trace ? &std::cout : nullptr);
    if (const auto problem = world.run()) {
      ++failed;
      std::cout << "seed " << seed << " after " << world.steps() << " steps: " << *problem << std::endl;
    }
    steps += world.steps();
    for (const auto& [what, times] : world.happened()) happened[what] += times;
  }
  std::cout << count - failed << " of " << count << " scenarios hold, " << steps << " steps;";
  for (const auto& [what, times] : happened) std::cout << " " << what << " " << times << ";";
  std::cout << std::endl;
  return failed == 0 ? 0 : 1;
}
