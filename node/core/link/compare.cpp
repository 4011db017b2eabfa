// The comparison of Hello. A fork outweighs everything else, since then no size means anything.
#include "core/link/compare.h"

#include <algorithm>

namespace liaison::link {

Result<Verdict> compare(const Comparison& logs, const std::function<Result<Hash>(std::uint64_t size)>& root_at) {
  const Copy& ours = logs.ours;
  const Copy& shown = logs.shown;
  // Only the longer side can compare: a root says nothing about smaller sizes. The shorter side learns from the longer one's actions,
  // and every further batch is compared anyway.
  if (ours.size >= shown.size && shown.size > 0) {
    Hash root = ours.root;
    if (ours.size > shown.size) {
      LIAISON_TRY(root, root_at(shown.size));
    }
    if (root != shown.root) return Verdict::fork;
  }
  const std::uint64_t written = logs.we_write ? ours.size : shown.size;
  const std::uint64_t copied = logs.we_write ? shown.size : ours.size;
  const std::uint64_t receipted = logs.we_write ? ours.receipted : shown.receipted;
  if (copied < receipted) return Verdict::copy_lost_entries;
  return copied > written ? Verdict::writer_rolled_back : Verdict::go_on;
}

}  // namespace liaison::link
