// Openings::parse over arbitrary bytes, and rebuild of what it accepts as an Ecomessage: either refuses or gives a message that verifies.
#include "core/record/rebuild.h"
#include "core/record/walk.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace liaison;
  static const auto schema = record::SchemaRegistry::shipped()->newest("ecomessage");
  const auto openings = record::Openings::parse({}, Bytes(data, data + size));
  if (!openings) return 0;
  liaison_assert(openings->packed().size() == size);
  const auto message = record::rebuild(*schema, *openings);
  if (message && record::compare_rebuilt(*schema, *message, *openings, Time{})) liaison_assert(record::pack_message(schema->reflection(), *message, Time{}).has_value());
  return 0;
}
