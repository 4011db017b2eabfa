// What ICU says of one character, kept in a table so that a text is folded at the speed of a lookup: kind, script, folded letters, Latin letters.
// Blocks are filled at their first use, each exactly once whatever thread asks. Pure otherwise.
#pragma once
#include "core/record/words.h"

namespace liaison::record {

enum class FoldKind : std::uint8_t { gap, nothing, letter, digit };  // nothing: marks and invisible characters inside a word

struct Fold {
  FoldKind kind = FoldKind::gap;
  Script script = Script::other;
  bool capital = false;
  std::uint8_t key_bytes = 0, latin_bytes = 0, characters = 0;
  std::array<char, 9> key{};
  std::array<char, 9> latin{};
};
const Fold& fold_of(char32_t character);

}  // namespace liaison::record
