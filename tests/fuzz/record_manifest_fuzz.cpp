// parse_manifest over arbitrary bytes: what it accepts, it writes again byte for byte.
#include "core/record/manifest.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace liaison;
  const auto manifest = record::parse_manifest({data, size});
  if (manifest) liaison_assert(record::make_text(*manifest) == text({data, size}));
  return 0;
}
