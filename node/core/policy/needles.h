// What the held-back values of one message give to search for: parts of names, numbers, marks and references, dates of birth, runs of words.
// Made once per message by repeats.cpp, searched in every open text by repeat_search.cpp. Holds hashes of values only; pure.
#pragma once
#include <bitset>
#include <unordered_map>

#include "core/record/word_lists.h"

namespace liaison::policy {

// Hash of letters that can be joined: the hash of two words written as one follows from theirs.
struct Joinable {
  std::uint64_t value = 0, power = 1;
  Joinable then(const Joinable& next) const { return {value * next.power + next.value, power * next.power}; }
};
inline constexpr std::uint64_t hash_base = 0x100000001B3ULL;
Joinable joinable(std::string_view letters);
std::vector<Joinable> joinables(const record::Words& words);

// What a field holds, which decides how much of it must stand again before it counts.
enum class Matter : std::uint8_t {
  name,     // of a person, alias, code name: one part of its own is enough
  company,  // two parts together, or the only one
  place,    // address, birth: two parts together; a full date of birth
  prose,    // names in running text (two capitalised words together), runs of words, numbers; where routes and places stand, such words are places
  source,   // the same of who informed: a name counts everywhere
  figures,  // numbers and marks only
};
Matter matter_of(std::string_view category);
bool tells_places(std::string_view category);

struct Part {
  std::uint32_t leaf = 0;    // index of the held-back opening
  std::uint32_t group = 0;   // parts of one group support each other
  bool alone = false;        // enough on its own
  bool not_a_place = false;  // does not count where routes and places stand
  bool figure = false;       // a house number: supports a word, but two of them say nothing
  record::Script script{};
  std::uint64_t word = 0;    // tells the parts of a group apart
};

// Hashes to parts, with a bit set in front: nearly every word of a text ends there.
class PartMap {
 public:
  void add(std::uint64_t key, const Part& part) {
    seen_[slot(key)] = true;
    parts_[key].push_back(part);
  }
  const std::vector<Part>* find(std::uint64_t key) const {
    if (!seen_[slot(key)]) return nullptr;
    const auto found = parts_.find(key);
    return found == parts_.end() ? nullptr : &found->second;
  }
  bool empty() const { return parts_.empty(); }

 private:
  static std::size_t slot(std::uint64_t key) { return (key * 0x9E3779B97F4A7C15ULL) >> 48U; }
  std::bitset<65536> seen_;
  std::unordered_map<std::uint64_t, std::vector<Part>> parts_;
};

inline constexpr std::size_t number_digits_min = 6;  // a number of fewer digits says nothing alone
inline constexpr std::size_t tail_digits_min = 7;    // telephones with the same last digits, one without its country code
inline constexpr std::size_t mark_characters_min = 5;
inline constexpr std::size_t joined_words_max = 6;   // words written as one, or one written as several
inline constexpr std::size_t run_words = 5;          // words in a row that are more than a phrase of the language
inline constexpr std::size_t run_words_min = 3;      // the same of a whole value
inline constexpr std::size_t run_characters = 10;    // the same where every character is a word

// Words in a row that start at `first`, as a key of Needles::runs; 0: too little is said in them, or there are not so many.
std::uint64_t run_key(const record::Words& words, const std::vector<Joinable>& hashes, std::size_t first, std::size_t count);
std::size_t run_length(const record::Words& words, std::size_t first);
// Is this word the continuation of a number or mark: only spaces, dots, dashes, brackets or one comma stand before it.
bool continues(const record::Words& words, std::size_t index, std::string_view text);
inline bool is_number(const record::Word& word) { return word.has_digit && !word.has_letter; }

struct Source {
  std::size_t leaf = 0;
  Matter matter{};
  std::uint32_t group = 0;
  bool only_name = false;  // no other part of this name is held back
};

class Needles {
 public:
  void add(const Source& source, std::string_view text);
  bool empty() const { return words.empty() && marks.empty() && numbers.empty() && dates.empty() && runs.empty(); }

  PartMap words;    // one word in its own script, and the words of a name written as one
  PartMap sounds;   // the same across scripts
  PartMap bones;    // the same where a script does not write vowels
  PartMap marks;    // number plates, references, passports: letters and digits, separators removed
  PartMap numbers;  // value of the digits; leading zeros do not count
  PartMap tails;    // of a number: its last digits
  PartMap runs;
  std::vector<std::pair<record::FoundDate, Part>> dates;
  bool has_short_runs = false;
  std::size_t longest_number = 0;  // digits

 private:
  struct Text;
  void add_names(const Text& text, Part part, Matter matter, bool only_name);
  void add_word(const Text& text, std::size_t index, Part part);
  void add_joined(const Text& text, const std::vector<std::size_t>& used, Part part);
  void add_unspaced(const Text& text, std::size_t first, std::size_t last, Part part, bool only_name);
  void add_places(const Text& text, Part part);
  void add_pairs(const Text& text, Part part);
  void add_runs(const Text& text, Part part);
  void add_numbers(const Text& text, Part part);
  void add_marks(const Text& text, Part part);
  std::uint32_t pairs_ = 0;
};

}  // namespace liaison::policy
