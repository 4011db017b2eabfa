// The shipped list of words (schemas/lists/facts.csv): demonyms, months, words of forms, common words. Parsed once, immutable, shared between threads.
// Every word stands as it is written; folded keys for common words and months, which are asked of every word of a text.
#pragma once
#include "core/record/words.h"

namespace liaison::record {

struct ListRow {
  std::string kind, key;            // "nationality", "KE"
  std::vector<std::string> words;
};
const std::vector<ListRow>& word_lists();
// One row per ISO country: its code, three-letter code, names (ICU's and the list's) and demonyms in English, French, Spanish and Arabic.
const std::vector<ListRow>& countries();

// Of a folded key: how little it says. none: a word of its own; weak: also a common name or noun; country: of the name of a country or its people;
// stop: says nothing of anybody.
enum class Common : std::uint8_t { none, weak, country, stop };
Common common_word(std::string_view key);
int month_of(std::string_view key);  // 1 to 12; 0: no month

// A date written in a text: words [first, last]. Parts that are not said, or not said clearly, are 0.
struct FoundDate {
  std::size_t first = 0, last = 0;
  int year = 0, month = 0, day = 0;
  bool operator==(const FoundDate&) const = default;
};
// Dates of 1850 to 2100 in words or numbers ("17 August 1981", "1981-08-17", "17.8.1981"; of "4/3/1981" only the year is clear), and years alone.
std::vector<FoundDate> find_dates(const Words& words);

}  // namespace liaison::record
