// See phrases.h. Texts here are one item of a form, so a plain walk over the list is quick enough.
#include "core/form/phrases.h"

#include <algorithm>
#include <array>
#include <map>

namespace liaison::form {

using record::Words;

namespace {

constexpr std::size_t inflected_bytes_min = 4;

// Feminine and plural forms: endings added, or a final o changed.
bool is_same_word(std::string_view word, std::string_view base) {
  if (word == base) return true;
  if (base.size() < inflected_bytes_min) return false;
  if (word.starts_with(base)) {
    static constexpr std::array<std::string_view, 12> endings{"e", "s", "es", "ne", "nes", "te", "a", "as", "ه", "ون", "ين", "ات"};
    return std::find(endings.begin(), endings.end(), word.substr(base.size())) != endings.end();
  }
  if (!base.ends_with('o')) return false;
  const auto stem = base.substr(0, base.size() - 1);
  return word.starts_with(stem) && (word.substr(stem.size()) == "a" || word.substr(stem.size()) == "as");
}

bool is_in_capitals(std::string_view chars) {
  return std::none_of(chars.begin(), chars.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}

bool stands_at(const Phrase& phrase, const Words& words, std::size_t first, std::string_view text) {
  if (first + phrase.keys.size() > words.size()) return false;
  for (std::size_t i = 0; i < phrase.keys.size(); ++i) {
    if (i > 0 && words[first + i].before == record::Gap::sentence) return false;
    if (!is_same_word(words.key(first + i), phrase.keys[i])) return false;
  }
  const std::size_t last = first + phrase.keys.size() - 1;
  return !phrase.capitals || is_in_capitals(text.substr(words[first].begin, words[last].end - words[first].begin));
}

class Collector {
 public:
  void add(const std::string& chars, const std::string& meaning) {
    const Words words(chars);
    std::vector<std::string> keys;
    std::size_t letters = 0;
    for (const auto& word : words.list()) {
      keys.emplace_back(words.key(word));
      letters += word.characters;
    }
    if (keys.empty()) return;
    const bool code = letters <= 3 && is_in_capitals(chars) && static_cast<unsigned char>(chars[0]) < 0x80;
    Phrase& phrase = phrases_[{keys, code}];
    phrase.keys = keys;
    phrase.capitals = code;
    phrase.meanings.insert(meaning);
  }
  std::vector<Phrase> take() {
    std::vector<Phrase> out;
    for (auto& [key, phrase] : phrases_) out.push_back(std::move(phrase));
    std::stable_sort(out.begin(), out.end(), [](const Phrase& a, const Phrase& b) { return a.keys.size() > b.keys.size(); });
    return out;
  }

 private:
  std::map<std::pair<std::vector<std::string>, bool>, Phrase> phrases_;
};

std::vector<Phrase> phrases_of(std::string_view kind) {
  Collector out;
  for (const auto& row : record::word_lists())
    if (row.kind == kind)
      for (const auto& chars : row.words) out.add(chars, row.key);
  return out.take();
}

}  // namespace

std::vector<PhraseAt> find_phrases(const std::vector<Phrase>& phrases, const Words& words, std::string_view text) {
  std::vector<PhraseAt> out;
  for (std::size_t i = 0; i < words.size();) {
    const auto found = std::find_if(phrases.begin(), phrases.end(), [&](const Phrase& phrase) { return stands_at(phrase, words, i, text); });
    if (found == phrases.end()) {
      ++i;
      continue;
    }
    out.push_back({i, i + found->keys.size() - 1, &*found});
    i += found->keys.size();
  }
  return out;
}

const std::vector<Phrase>& country_phrases() {
  static const std::vector<Phrase> all = [] {
    Collector out;
    for (const auto& row : record::countries()) {
      out.add(row.key, row.key);
      for (const auto& chars : row.words) out.add(chars, row.key);
    }
    return out.take();
  }();
  return all;
}

const std::vector<Phrase>& status_phrases() {
  static const std::vector<Phrase> all = phrases_of("status");
  return all;
}

const std::vector<Phrase>& source_phrases() {
  static const std::vector<Phrase> all = phrases_of("source");
  return all;
}

const std::vector<Phrase>& sign_phrases() {
  static const std::vector<Phrase> all = phrases_of("sign");
  return all;
}

}  // namespace liaison::form
