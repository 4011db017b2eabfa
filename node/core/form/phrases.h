// Finding the words of a list in a text: phrases of one or more words, in any inflection that only adds an ending. Pure; used by proposals.
#pragma once
#include <set>

#include "core/record/word_lists.h"

namespace liaison::form {

struct Phrase {
  std::vector<std::string> keys;      // folded words
  std::set<std::string> meanings;     // "KE"; several: the words alone do not say which
  bool capitals = false;              // counts only in capital letters (codes)
};
struct PhraseAt {
  std::size_t first = 0, last = 0;    // words
  const Phrase* phrase = nullptr;
};
// Longest first, none inside another; in the order of the text.
std::vector<PhraseAt> find_phrases(const std::vector<Phrase>& phrases, const record::Words& words, std::string_view text);

// The phrases of one kind of the shipped list; `meanings` are its keys.
const std::vector<Phrase>& country_phrases();
const std::vector<Phrase>& status_phrases();
const std::vector<Phrase>& source_phrases();
const std::vector<Phrase>& sign_phrases();    // negation, doubt, former, joining, stateless

}  // namespace liaison::form
