// Link heads: what parses is made again exactly.
#include "core/link/ledger.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace liaison;
  const auto head = link::parse_head({data, size});
  if (head) liaison_assert(equal(view(link::make_text(*head)), {data, size}));
  return 0;
}
