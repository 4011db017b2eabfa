// One line of a measuring program: processor microseconds per round of a stage, after some rounds to warm up. What the stage answers is kept, so that
// nothing is optimised away. One thread.
#pragma once
#include <cstdio>
#include <ctime>

namespace liaison::bench {

inline volatile std::size_t sink = 0;

inline void print_line(const char* name, double seconds) { std::printf("%-48s %12.2f us\n", name, seconds * 1e6); }

template <class Stage>
void measure(const char* name, int rounds, const Stage& stage) {
  for (int i = 0; i < rounds / 10 + 1; ++i) sink = sink + stage();
  const std::clock_t start = std::clock();
  for (int i = 0; i < rounds; ++i) sink = sink + stage();
  print_line(name, static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC / rounds);
}

}  // namespace liaison::bench
