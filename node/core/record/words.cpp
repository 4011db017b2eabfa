// See words.h. Cutting a text into words and the two things that depend on a word's neighbours: Cyrillic case endings and the Arabic article.
#include "core/record/words.h"

#include <unicode/utf8.h>

#include "core/record/fold_table.h"

namespace liaison::record {
namespace {

constexpr std::size_t word_characters_max = 64;

bool drop_suffix(std::string_view key, std::string_view suffix, std::size_t keep_bytes) { return key.size() >= suffix.size() + keep_bytes && key.ends_with(suffix); }

// Length of a Cyrillic word without its case ending, so that Кузнецова and Кузнецов are one. Accents are gone already, so й reads и.
std::size_t stem_bytes(std::string_view key) {
  static constexpr std::array<std::string_view, 38> endings{
      "ыми", "ими", "ами", "ями", "ого", "его", "ому", "ему", "ои", "еи", "ым", "им", "ом", "ем", "ам", "ям", "ах", "ях", "ых",
      "их",  "ую",  "юю",  "ая",  "яя",  "ою",  "ею",  "а",   "я",  "у",  "ю",  "ы",  "и",  "е",  "о",  "ь",  "ъ",  "э",  "ё"};
  for (const auto ending : endings)
    if (drop_suffix(key, ending, 8)) return key.size() - ending.size();
  return key.size();
}

// Bytes of the article (with what may be joined before it) at the begin of an Arabic word.
std::size_t article_bytes(std::string_view key) {
  for (const std::string_view article : {"وال", "بال", "فال", "كال", "لل", "ال"})
    if (key.starts_with(article) && key.size() >= article.size() + 6) return article.size();
  return 0;
}

Gap gap_of(std::string_view between, bool first) {
  if (first) return Gap::sentence;
  if (between.empty()) return Gap::none;
  bool space = false, comma = false, stop = false;
  for (const char c : between) {
    if (c == '\n' || c == '!' || c == '?') return Gap::sentence;
    if (c == ' ' || c == '\t') {
      if (stop) return Gap::sentence;
      space = true;
    }
    comma = comma || c == ',' || c == ';' || c == ':';
    stop = c == '.';
  }
  if (between.find("\u3002") != std::string_view::npos || between.find("\u061F") != std::string_view::npos) return Gap::sentence;
  if (comma || between.find("\u060C") != std::string_view::npos || between.find("\u061B") != std::string_view::npos) return Gap::comma;
  if (space || between.size() > 4) return Gap::space;
  return Gap::tight;
}

}  // namespace

void Words::finish_word(Word& word, std::string_view latin) {
  std::string_view key = std::string_view(letters_).substr(word.key);
  if (word.script == Script::cyrillic) key = key.substr(0, stem_bytes(key));
  if (word.script == Script::arabic) {
    const std::size_t article = article_bytes(key);
    word.key += static_cast<std::uint32_t>(article);
    key.remove_prefix(article);
    if (article > 0) word.characters = static_cast<std::uint16_t>(word.characters - article / 2);
  }
  word.key_bytes = static_cast<std::uint16_t>(key.size());
  if (word.script == Script::latin || word.script == Script::digits) {
    word.latin = word.key;
    word.latin_bytes = word.key_bytes;
  } else {
    const std::size_t article = word.script == Script::arabic && latin.size() > 4 && latin.starts_with("al") ? 2 : 0;
    word.latin = static_cast<std::uint32_t>(letters_.size());
    word.latin_bytes = static_cast<std::uint16_t>(latin.size() - article);
    letters_ += latin.substr(article);
    const bool greek = word.script == Script::greek;
    for (std::size_t at = letters_.find("oy", word.latin); greek && at != std::string::npos; at = letters_.find("oy", at)) letters_[at + 1] = 'u';
  }
  list_.push_back(word);
}

Words::Words(std::string_view text) {
  list_.reserve(text.size() / 6 + 4);
  letters_.reserve(text.size() + text.size() / 4 + 16);
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  const auto length = static_cast<std::int64_t>(text.size());
  Word word;
  std::string latin;
  bool open = false;
  std::size_t last_end = 0;
  for (std::int64_t i = 0; i < length;) {
    const auto start = static_cast<std::size_t>(i);
    UChar32 character = bytes[i];
    if (character < 0x80) ++i;
    else U8_NEXT(bytes, i, length, character);
    const Fold& fold = fold_of(character < 0 ? 0U : static_cast<char32_t>(character));
    if (fold.kind == FoldKind::nothing) continue;
    const bool gap = fold.kind == FoldKind::gap;
    const bool fits = open && !gap && fold.script != Script::unspaced && word.script != Script::unspaced && word.characters < word_characters_max &&
                      (fold.script == word.script || fold.kind == FoldKind::digit || word.script == Script::digits);
    if (open && !fits) {
      word.end = static_cast<std::uint32_t>(last_end);
      finish_word(word, latin);
      open = false;
    }
    if (gap) continue;
    if (!open) {
      word = Word{};
      word.begin = static_cast<std::uint32_t>(start);
      word.before = gap_of(text.substr(last_end, start - last_end), list_.empty());
      word.key = static_cast<std::uint32_t>(letters_.size());
      word.script = fold.script;
      word.capital = fold.capital;
      latin.clear();
      open = true;
    }
    if (word.script == Script::digits && fold.kind == FoldKind::letter) word.script = fold.script;
    (fold.kind == FoldKind::digit ? word.has_digit : word.has_letter) = true;
    letters_.append(fold.key.data(), fold.key_bytes);
    if (word.script != Script::latin) latin.append(fold.latin.data(), fold.latin_bytes);
    word.characters = static_cast<std::uint16_t>(word.characters + fold.characters);
    last_end = static_cast<std::size_t>(i);
  }
  if (!open) return;
  word.end = static_cast<std::uint32_t>(last_end);
  finish_word(word, latin);
}

namespace {
struct SoundRule { std::string_view from, to; };
// By their first letter, longer ones first.
constexpr std::array<SoundRule, 40> sound_rules{{
    {"ae", "a"}, {"ai", "e"}, {"ch", "c"}, {"ck", "k"}, {"dj", "j"}, {"dh", "d"}, {"ee", "i"}, {"ei", "e"}, {"gh", "g"},  {"ia", "a"},
    {"ie", "e"}, {"iu", "u"}, {"ja", "a"}, {"je", "e"}, {"jo", "o"}, {"ju", "u"}, {"j", "i"},  {"kh", "h"}, {"oe", "o"},  {"oo", "u"},
    {"ou", "u"}, {"ph", "f"}, {"qu", "k"}, {"q", "k"},  {"shch", "s"}, {"sch", "s"}, {"sh", "s"}, {"tch", "c"}, {"th", "t"}, {"ts", "c"},
    {"tz", "c"}, {"ue", "u"}, {"w", "v"},  {"x", "ks"}, {"ya", "a"}, {"ye", "e"}, {"yo", "o"}, {"yu", "u"}, {"y", "i"},  {"zh", "z"}}};

const SoundRule* sound_rule(std::string_view rest) {
  static const std::array<std::uint8_t, 27> first = [] {
    std::array<std::uint8_t, 27> out{};
    std::uint8_t at = 0;
    for (std::size_t letter = 0; letter <= 26; ++letter) {
      while (at < sound_rules.size() && static_cast<std::size_t>(sound_rules[at].from[0] - 'a') < letter) ++at;
      out[letter] = at;
    }
    return out;
  }();
  const auto letter = static_cast<unsigned char>(rest[0] - 'a');
  if (letter > 25) return nullptr;
  for (std::size_t i = first[letter]; i < first[letter + 1U]; ++i)
    if (rest.starts_with(sound_rules[i].from)) return &sound_rules[i];
  return nullptr;
}
}  // namespace

std::string sound_of(std::string_view latin) {
  std::string out;
  for (std::size_t i = 0; i < latin.size();) {
    const SoundRule* rule = sound_rule(latin.substr(i));
    for (const char c : rule == nullptr ? latin.substr(i, 1) : rule->to)
      if (out.empty() || out.back() != c) out += c;
    i += rule == nullptr ? 1 : rule->from.size();
  }
  return out;
}

std::string bones_of(std::string_view sound) {
  std::string out;
  for (const char c : sound) {
    const bool vowel = c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u' || c == 'v';
    if (!vowel && (out.empty() || out.back() != c)) out += c;
  }
  return out;
}

}  // namespace liaison::record
