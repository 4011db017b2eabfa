// parse_disclosure and parse_permit over arbitrary bytes: an accepted disclosure is written again byte for byte,
// an accepted permit to one that parses.
#include "core/record/package.h"
#include "core/record/permit.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace liaison;
  const auto disclosure = record::parse_disclosure({data, size});
  if (disclosure) liaison_assert(record::make_text(*disclosure) == text({data, size}));
  const auto permit = record::parse_permit({data, size});
  if (permit) liaison_assert(record::parse_permit(view(record::make_text(*permit))).has_value());
  return 0;
}
