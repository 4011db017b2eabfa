// What a new version of the directory changes, in words for the people who sign it: first who could newly read or newly speak, then who no longer, then the rest.
// Compares what the two versions mean (audiences expanded, bureaus followed), not how they are written. Pure; never fails.
#pragma once
#include "core/directory/directory.h"

namespace liaison::directory {

enum class Effect : std::uint8_t { widens, narrows, neutral };
struct Change {
  Effect effect{};
  std::string text;  // one line, English
  auto operator<=>(const Change&) const = default;
};
// `before` null: there was no version; everything in `after` is new. Access-widening lines come first; within one effect in a fixed order.
std::vector<Change> compare(const Directory* before, const Directory& after, Time now);
bool widens(std::span<const Change> changes);

// The lines as people see them: "WIDENS  ...", "narrows ...", "        ...".
std::string changes_text(std::span<const Change> changes);
// What a signer confirms: SHA-256 of the new version's text hash and of the lines, as 64 hex digits.
std::string summary_code(std::span<const Change> changes, const Hash& text_hash);

}  // namespace liaison::directory
