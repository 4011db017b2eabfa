// The words of a text, for comparing and never for storing: folded (NFKC, case, accents), with their Latin letters whatever the script, with places.
// Words of scripts that put no spaces between words are single characters. Pure; the tables are ICU's, filled once per block of 256 characters.
#pragma once
#include "core/base/bytes.h"

namespace liaison::record {

enum class Script : std::uint8_t { latin, cyrillic, greek, arabic, other, unspaced, digits };  // latin: letters, or letters and digits mixed
// What lies before a word: nothing, one or two signs without a space, spaces, a comma or the like, the end of a sentence (also the begin of the text).
enum class Gap : std::uint8_t { none, tight, space, comma, sentence };

struct Word {
  std::uint32_t begin = 0, end = 0;   // bytes of the text
  std::uint32_t key = 0, latin = 0;   // where their letters lie in Words
  std::uint16_t key_bytes = 0, latin_bytes = 0;
  std::uint16_t characters = 0;       // of the key
  Script script = Script::latin;
  Gap before = Gap::sentence;
  bool capital = false;               // begins with a capital letter
  bool has_digit = false, has_letter = false;
};

class Words {
 public:
  explicit Words(std::string_view text);  // bytes that are not UTF-8 count as gaps
  const std::vector<Word>& list() const { return list_; }
  std::size_t size() const { return list_.size(); }
  const Word& operator[](std::size_t index) const { return list_[index]; }
  // Folded letters in the word's own script, UTF-8. Cyrillic without its case ending, Arabic without its article.
  std::string_view key(const Word& word) const { return std::string_view(letters_).substr(word.key, word.key_bytes); }
  std::string_view key(std::size_t index) const { return key(list_[index]); }
  // The same in lower-case Latin letters; of a Latin word its key.
  std::string_view latin(const Word& word) const { return std::string_view(letters_).substr(word.latin, word.latin_bytes); }

 private:
  void finish_word(Word& word, std::string_view latin);
  std::vector<Word> list_;
  std::string letters_;
};

// How a Latin word sounds, roughly, so that romanisations of one name agree (Kuznetsov and Kuznecov); `bones`: without its vowels, for scripts
// that do not write them.
std::string sound_of(std::string_view latin);
std::string bones_of(std::string_view sound);

}  // namespace liaison::record
