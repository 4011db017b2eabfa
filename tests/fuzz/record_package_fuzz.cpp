// decode_package over arbitrary bytes: what it accepts, it encodes to the same package again.
#include "core/record/package.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace liaison;
  const auto package = record::decode_package({data, size});
  if (!package) return 0;
  const auto again = record::decode_package(record::encode_package(*package));
  liaison_assert(again && again->openings == package->openings && again->disclosures == package->disclosures && again->withheld == package->withheld);
  return 0;
}
