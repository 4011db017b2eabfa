// Searching one open text for the needles of a message. Only whole words are found, never a name inside a longer word. Pure.
#pragma once
#include "core/policy/needles.h"

namespace liaison::policy {

struct Hit {
  std::uint32_t leaf = 0;     // the held-back opening
  std::uint32_t offset = 0;   // byte of the text
  auto operator<=>(const Hit&) const = default;
};
enum class Where : std::uint8_t { anywhere, places };  // places: a text that tells routes and places
// In the order of the text; one hit per held-back opening and place.
std::vector<Hit> search_text(const Needles& needles, std::string_view text, Where where = Where::anywhere);

}  // namespace liaison::policy
