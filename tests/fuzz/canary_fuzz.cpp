// The canary: a decoder with a planted out-of-bounds read behind core's own code. tests/fuzz/run fails when the fuzzer does not find it,
// which shows that sanitizers are on, that core is instrumented, and that a crash reaches the summary.
#include <cstdint>

#include "core/base/bytes.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace liaison;
  const auto bytes = from_hex(text({data, size}));
  if (!bytes || bytes->size() < 3) return 0;
  static volatile std::uint8_t sink = 0;
  if ((*bytes)[0] == 0xCA && (*bytes)[1] == 0x4A) sink = bytes->data()[bytes->size()];
  static_cast<void>(sink);
  return 0;
}
