// Ledger entries: what decodes encodes to the same bytes.
#include "core/link/ledger.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace liaison;
  const auto entry = link::decode_entry({data, size});
  if (entry) liaison_assert(equal(link::encode(*entry), {data, size}));
  return 0;
}
