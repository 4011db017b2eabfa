// Link receipts: what parses is made again exactly.
#include "core/link/ledger.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace liaison;
  const auto receipt = link::parse_receipt({data, size});
  if (receipt) liaison_assert(equal(view(link::make_text(*receipt)), {data, size}));
  return 0;
}
