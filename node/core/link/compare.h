// What two copies of one log say about each other at Hello (formats 4): a pure decision over sizes and roots.
// Everything under `shown` must have been proved before: the head by its writer's signature, `receipted` by the keeper's.
#pragma once
#include <functional>

#include "core/link/ledger.h"

namespace liaison::link {

enum class Verdict : std::uint8_t {
  go_on,               // one is a prefix of the other, as it should be
  writer_rolled_back,  // the copy holds more than its writer: the writer takes it back from there
  copy_lost_entries,   // the copy holds less than was receipted
  fork,                // the same indexes, different entries
};

struct Copy {
  std::uint64_t size = 0;
  Hash root{};
  std::uint64_t receipted = 0;  // as far as the writer can prove; the keeper of the copy leaves it 0
};
struct Comparison {
  Copy ours, shown;
  bool we_write = false;
};
// `root_at` gives our own root at a size below ours; its errors pass through.
Result<Verdict> compare(const Comparison& logs, const std::function<Result<Hash>(std::uint64_t size)>& root_at);

}  // namespace liaison::link
