// Arbitrary bytes as an Ecomessage: whatever flattens also commits, rebuilds, and gives the same leaves again.
#include "core/record/rebuild.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace liaison;
  static const auto schema = record::SchemaRegistry::shipped()->newest("ecomessage");
  const ByteView message(data, size);
  const auto checked = schema->verify_message(message);
  const auto leaves = record::flatten(*schema, message, Time{});
  if (!checked) liaison_assert(!leaves);
  if (!leaves) return 0;
  const auto openings = record::Openings::commit({}, *leaves, [](std::span<std::uint8_t> salts) { std::fill(salts.begin(), salts.end(), std::uint8_t{7}); });
  liaison_assert(openings.has_value());
  const auto rebuilt = record::rebuild(*schema, *openings);
  liaison_assert(rebuilt.has_value());
  liaison_assert(record::compare_rebuilt(*schema, *rebuilt, *openings, Time{}).has_value());
  return 0;
}
