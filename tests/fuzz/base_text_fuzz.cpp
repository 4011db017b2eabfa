// Any characters as hex, base64, uuid, time and agency id: refused, or exactly what the writer of that form writes.
#include "core/base/ids.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace liaison;
  const std::string_view chars = text({data, size});
  if (const auto bytes = from_hex(chars)) liaison_assert(to_hex(*bytes) == chars);
  if (const auto bytes = from_base64(chars)) liaison_assert(to_base64(*bytes) == chars);
  if (const auto hash = hash_from_base64(chars)) liaison_assert(to_base64(*hash) == chars);
  if (const auto id = parse_uuid(chars)) liaison_assert(to_string(*id) == chars);
  if (const auto time = parse_time(chars)) liaison_assert(to_string(*time) == chars);
  if (is_agency_id(chars)) liaison_assert(chars.size() <= 64 && !country_of(chars).empty());
  return 0;
}
