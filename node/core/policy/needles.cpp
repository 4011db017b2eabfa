// See needles.h. What counts as a part of its own is decided here, once per held-back value, so that searching is only looking up.
#include "core/policy/needles.h"

#include <algorithm>

namespace liaison::policy {

using record::Common;
using record::Gap;
using record::Script;
using record::Word;
using record::Words;

namespace {
constexpr std::uint32_t pair_groups = 0x80000000U;
constexpr std::size_t own_characters_min = 4;  // shorter values need a second sign

bool says_something(Common common) { return common == Common::none || common == Common::weak; }
}  // namespace

// One held-back text, cut and classified.
struct Needles::Text {
  std::string_view chars;
  Words words;
  std::vector<Joinable> hashes;
  std::vector<Common> common;
  std::vector<bool> dated;  // words of dates; a year alone may be part of a reference
  std::vector<record::FoundDate> dates;

  explicit Text(std::string_view text) : chars(text), words(text), hashes(joinables(words)), dated(words.size()), dates(record::find_dates(words)) {
    for (std::size_t i = 0; i < words.size(); ++i) common.push_back(record::common_word(words.key(i)));
    for (const auto& date : dates)
      for (std::size_t i = date.first; i <= date.last && date.first != date.last; ++i) dated[i] = true;
  }
  bool is_spoken() const {
    for (std::size_t i = 0; i < words.size(); ++i)
      if (common[i] != Common::stop) return true;
    return false;
  }
  // A word that may be part of a name or address.
  bool is_part(std::size_t i) const { return !dated[i] && common[i] != Common::stop && words[i].has_letter && !words[i].has_digit && words[i].characters >= 2; }
  // Written in capitals throughout: a capital letter says nothing.
  bool shouts() const {
    std::size_t capitals = 0, letters = 0;
    for (const Word& word : words.list()) {
      letters += word.has_letter;
      capitals += word.capital;
    }
    return letters >= 6 && capitals * 10 > letters * 7;
  }
};

Joinable joinable(std::string_view letters) {
  Joinable out;
  for (const char c : letters) {
    out.value = out.value * hash_base + static_cast<unsigned char>(c);
    out.power *= hash_base;
  }
  return out;
}

std::vector<Joinable> joinables(const Words& words) {
  std::vector<Joinable> out;
  out.reserve(words.size());
  for (const Word& word : words.list()) out.push_back(joinable(words.key(word)));
  return out;
}

Matter matter_of(std::string_view category) {
  if (category == "person.name" || category == "person.alias" || category == "case.reference") return Matter::name;
  if (category == "company.name") return Matter::company;
  if (category == "person.address" || category == "person.birth" || category == "company.address") return Matter::place;
  if (category == "source.informant") return Matter::source;
  for (const std::string_view prose : {"case.offence", "case.modus_operandi", "case.additional", "case.request", "person.contact", "person.company", "agency.contact"})
    if (category == prose) return Matter::prose;
  return Matter::figures;
}

bool tells_places(std::string_view category) { return category.starts_with("route.") || category == "discovery.place"; }

std::size_t run_length(const Words& words, std::size_t first) { return words[first].script == Script::unspaced ? run_characters : run_words; }

std::uint64_t run_key(const Words& words, const std::vector<Joinable>& hashes, std::size_t first, std::size_t count) {
  if (first + count > words.size()) return 0;
  std::uint64_t key = count;
  for (std::size_t i = first; i < first + count; ++i) key = (key ^ hashes[i].value) * 0xD6E8FEB86659FD93ULL + (key >> 29U);
  return key | 1U;
}

bool continues(const Words& words, std::size_t index, std::string_view text) {
  const auto between = text.substr(words[index - 1].end, words[index].begin - words[index - 1].end);
  if (between == ",") return true;
  if (between.size() > 6) return false;
  std::size_t signs = 0;
  bool slash = false, space = false;
  for (const char c : between) {
    const bool high = (static_cast<unsigned char>(c) & 0x80U) != 0;  // dashes and narrow spaces; their number is bounded by the size
    if (!high && std::string_view(" -./()_'").find(c) == std::string_view::npos) return false;
    signs += !high;
    slash = slash || c == '/';
    space = space || c == ' ';
  }
  return signs <= 3 && !(slash && space);
}

void Needles::add(const Source& source, std::string_view chars) {
  const Text text(chars);
  if (!text.is_spoken()) return;
  Part part;
  part.leaf = static_cast<std::uint32_t>(source.leaf);
  part.group = source.group;
  switch (source.matter) {
    case Matter::name:
    case Matter::company: add_names(text, part, source.matter, source.only_name); break;
    case Matter::place: add_places(text, part); break;
    case Matter::prose:
    case Matter::source:
      part.not_a_place = source.matter == Matter::prose;
      add_pairs(text, part);
      part.not_a_place = false;
      add_runs(text, part);
      break;
    case Matter::figures: break;
  }
  add_numbers(text, part);
  add_marks(text, part);
}

void Needles::add_word(const Text& text, std::size_t index, Part part) {
  const Word& word = text.words[index];
  part.script = word.script;
  part.word = text.hashes[index].value;
  words.add(part.word, part);
  const std::string sound = record::sound_of(text.words.latin(word));
  const std::string bare = record::bones_of(sound);
  if (sound.size() >= 2) {
    Part heard = part;
    heard.alone = part.alone && sound.size() >= 5;
    sounds.add(joinable(sound).value, heard);
  }
  if (bare.size() >= 3) {
    Part rough = part;
    rough.alone = part.alone && bare.size() >= 4;
    bones.add(joinable(bare).value, rough);
  }
}

void Needles::add_joined(const Text& text, const std::vector<std::size_t>& used, Part part) {
  for (std::size_t i = 0; i + 1 < used.size(); ++i) {
    Joinable joined = text.hashes[used[i]];
    std::size_t characters = text.words[used[i]].characters;
    for (std::size_t j = i + 1; j < used.size() && j < i + 3; ++j) {
      joined = joined.then(text.hashes[used[j]]);
      characters += text.words[used[j]].characters;
      part.alone = characters >= 6;
      part.script = text.words[used[i]].script;
      part.word = joined.value;
      words.add(joined.value, part);
    }
  }
}

// Characters without spaces between them are one name.
void Needles::add_unspaced(const Text& text, std::size_t first, std::size_t last, Part part, bool only_name) {
  Joinable joined;
  std::string latin;
  for (std::size_t i = first; i <= last; ++i) {
    joined = joined.then(text.hashes[i]);
    latin += text.words.latin(text.words[i]);
    Part syllable = part;
    syllable.script = Script::unspaced;
    syllable.word = text.hashes[i].value;
    sounds.add(joinable(record::sound_of(text.words.latin(text.words[i]))).value, syllable);
  }
  const std::size_t count = last - first + 1;
  part.script = Script::unspaced;
  part.word = joined.value;
  part.alone = count >= 3 || (count == 2 && only_name);
  words.add(joined.value, part);
  part.alone = false;
  if (count > 1) sounds.add(joinable(record::sound_of(latin)).value, part);
}

void Needles::add_names(const Text& text, Part part, Matter matter, bool only_name) {
  std::vector<std::size_t> used;
  for (std::size_t i = 0; i < text.words.size(); ++i) {
    if (text.words[i].script == Script::unspaced) {
      std::size_t last = i;
      while (last + 1 < text.words.size() && text.words[last + 1].script == Script::unspaced && text.words[last + 1].before == Gap::none) ++last;
      add_unspaced(text, i, last, part, only_name || matter == Matter::company);
      i = last;
    } else if (text.is_part(i)) {
      used.push_back(i);
    }
  }
  for (const std::size_t i : used) {
    part.alone = text.common[i] == Common::none && text.words[i].characters >= own_characters_min && (matter == Matter::name || used.size() == 1);
    add_word(text, i, part);
  }
  add_joined(text, used, part);
}

void Needles::add_places(const Text& text, Part part) {
  for (std::size_t i = 0; i < text.words.size(); ++i) {
    const bool number = !text.dated[i] && is_number(text.words[i]);
    if (!number && (!text.is_part(i) || text.common[i] == Common::country || text.words[i].characters < 3)) continue;
    part.figure = number;
    part.script = text.words[i].script;
    part.word = text.hashes[i].value;
    words.add(part.word, part);
  }
  part.figure = false;
  part.alone = true;
  for (const auto& date : text.dates)
    if (date.day != 0) dates.emplace_back(date, part);
}

void Needles::add_pairs(const Text& text, Part part) {
  if (text.shouts()) return;
  const auto is_name = [&](std::size_t i) { return text.is_part(i) && text.words[i].capital && says_something(text.common[i]) && text.words[i].characters >= 3; };
  for (std::size_t i = 0; i + 1 < text.words.size(); ++i) {
    if (!is_name(i) || !is_name(i + 1) || text.words[i + 1].before != Gap::space) continue;
    if (text.common[i] == Common::weak && text.common[i + 1] == Common::weak) continue;
    part.group = pair_groups + pairs_++;
    add_word(text, i, part);
    add_word(text, i + 1, part);
  }
}

void Needles::add_runs(const Text& text, Part part) {
  part.alone = true;
  const auto spoken = [&](std::size_t first, std::size_t count) {
    std::size_t out = 0;
    for (std::size_t i = first; i < first + count; ++i) out += says_something(text.common[i]) && !text.dated[i];
    return out;
  };
  if (text.words.size() < run_words && text.words.size() >= run_words_min && text.words[0].script != Script::unspaced) {
    if (spoken(0, text.words.size()) < 2) return;
    runs.add(run_key(text.words, text.hashes, 0, text.words.size()), part);
    has_short_runs = true;
    return;
  }
  for (std::size_t i = 0; i < text.words.size(); ++i) {
    const std::size_t count = run_length(text.words, i);
    if (i + count <= text.words.size() && spoken(i, count) >= 3) runs.add(run_key(text.words, text.hashes, i, count), part);
  }
}

namespace {
// Ends in so many zeros that it is an amount rather than a number of something.
bool is_round(std::string_view digits) {
  const std::size_t last = digits.find_last_not_of('0');
  return last == std::string_view::npos || digits.size() - last - 1 >= std::max<std::size_t>(2, digits.size() / 2);
}
}  // namespace

void Needles::add_numbers(const Text& text, Part part) {
  part.alone = true;
  part.script = Script::digits;
  for (std::size_t i = 0; i < text.words.size(); ++i) {
    if (!is_number(text.words[i]) || text.dated[i]) continue;
    std::string digits(text.words.key(i));
    while (i + 1 < text.words.size() && is_number(text.words[i + 1]) && !text.dated[i + 1] && continues(text.words, i + 1, text.chars)) digits += text.words.key(++i);
    digits.erase(0, digits.find_first_not_of('0'));
    if (digits.size() < number_digits_min || is_round(digits)) continue;
    std::uint64_t value = 0, power = 1;
    for (std::size_t k = 1; k <= digits.size(); ++k) {
      const char digit = digits[digits.size() - k];
      value += static_cast<std::uint64_t>(digit - '0') * power;
      power *= hash_base;
      if (k >= tail_digits_min && k < digits.size() && digit != '0' && digits.size() - k <= 4) tails.add(value, part);
    }
    part.word = value;
    longest_number = std::max(longest_number, digits.size());
    numbers.add(value, part);
  }
}

void Needles::add_marks(const Text& text, Part part) {
  part.alone = true;
  const auto is_piece = [&](std::size_t i) {
    const Word& word = text.words[i];
    if (text.dated[i] || word.script == Script::unspaced) return false;
    return word.has_digit || (word.capital && word.characters <= 4 && text.common[i] != Common::stop && text.common[i] != Common::country);
  };
  for (std::size_t i = 0; i < text.words.size(); ++i) {
    if (!is_piece(i)) continue;
    Joinable joined = text.hashes[i];
    std::size_t characters = text.words[i].characters, last = i;
    bool digit = text.words[i].has_digit, letter = text.words[i].has_letter;
    const auto keep = [&](std::size_t end) {
      const auto key = text.words.key(end);
      if (!digit || !letter || characters < mark_characters_min || (is_number(text.words[end]) && is_round(key))) return;
      part.word = joined.value;
      marks.add(joined.value, part);
    };
    if (digit && letter) keep(i);
    while (last + 1 < text.words.size() && last + 1 < i + joined_words_max && is_piece(last + 1) && continues(text.words, last + 1, text.chars)) {
      ++last;
      joined = joined.then(text.hashes[last]);
      characters += text.words[last].characters;
      digit = digit || text.words[last].has_digit;
      letter = letter || text.words[last].has_letter;
    }
    if (last > i) keep(last);
    i = last;
  }
}

}  // namespace liaison::policy
