// See fold_table.h. One character at a time: what depends on neighbours (Cyrillic endings, the Arabic article) is words.cpp's business.
#include "core/record/fold_table.h"

#include <unicode/normalizer2.h>
#include <unicode/translit.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/uscript.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "core/base/result.h"

namespace liaison::record {
namespace {

constexpr std::size_t block_size = 256;
constexpr std::size_t block_count = 0x30000 / block_size;  // planes 0 to 2: everything that is written in names
using Block = std::array<Fold, block_size>;

struct Tools {
  const icu::Normalizer2* fold = nullptr;
  const icu::Normalizer2* decompose = nullptr;
};
const Tools& tools() {
  static const Tools out = [] {
    UErrorCode status = U_ZERO_ERROR;
    const Tools made{icu::Normalizer2::getNFKCCasefoldInstance(status), icu::Normalizer2::getNFDInstance(status)};
    liaison_assert(U_SUCCESS(status));
    return made;
  }();
  return out;
}

using Transliterator = std::unique_ptr<const icu::Transliterator>;
Transliterator make_transliterator(const char* id) {
  UErrorCode status = U_ZERO_ERROR;
  Transliterator made(icu::Transliterator::createInstance(id, UTRANS_FORWARD, status));
  liaison_assert(U_SUCCESS(status) && made != nullptr);
  return made;
}
// The one for every script takes tens of milliseconds to make; a text in Latin letters never asks for it.
const icu::Transliterator& to_latin(Script script) {
  static const Transliterator ascii = make_transliterator("Latin-ASCII; Lower");
  if (script == Script::latin) return *ascii;
  static const Transliterator any = make_transliterator("Any-Latin; Latin-ASCII; Lower");
  return *any;
}

Script script_of(UChar32 character) {
  UErrorCode status = U_ZERO_ERROR;
  switch (uscript_getScript(character, &status)) {
    case USCRIPT_LATIN: return Script::latin;
    case USCRIPT_CYRILLIC: return Script::cyrillic;
    case USCRIPT_GREEK: return Script::greek;
    case USCRIPT_ARABIC: return Script::arabic;
    case USCRIPT_HAN: case USCRIPT_HIRAGANA: case USCRIPT_KATAKANA: case USCRIPT_HANGUL: case USCRIPT_BOPOMOFO:
    case USCRIPT_THAI: case USCRIPT_LAO: case USCRIPT_KHMER: case USCRIPT_MYANMAR: case USCRIPT_TIBETAN: return Script::unspaced;
    default: return Script::other;
  }
}

bool is_mark(UChar32 character) {
  const auto type = u_charType(character);
  return type == U_NON_SPACING_MARK || type == U_ENCLOSING_MARK || type == U_COMBINING_SPACING_MARK;
}

// Letters that mean the same in a name although Unicode keeps them apart.
UChar32 same_letter(UChar32 character) {
  switch (character) {
    case 0x0649: case 0x06CC: return 0x064A;  // yeh
    case 0x0629: return 0x0647;               // teh marbuta
    case 0x06A9: return 0x0643;               // kaf
    case 0x0640: return -1;                   // tatweel
    default: return character;
  }
}

template <std::size_t N>
std::uint8_t store(const std::string& chars, std::array<char, N>& out) {
  std::size_t take = std::min(chars.size(), N);
  while (take > 0 && take < chars.size() && (static_cast<unsigned char>(chars[take]) & 0xC0U) == 0x80U) --take;  // whole characters only
  std::copy_n(chars.begin(), take, out.begin());
  return static_cast<std::uint8_t>(take);
}

// Folded letters without accents; marks of scripts whose vowels are marks stay.
icu::UnicodeString letters_of(UChar32 character) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::UnicodeString folded = tools().fold->normalize(icu::UnicodeString(character), status);
  const Script script = script_of(character);
  const bool keeps_marks = script == Script::other || script == Script::unspaced;
  const icu::UnicodeString source = keeps_marks ? folded : tools().decompose->normalize(folded, status);
  icu::UnicodeString out;
  for (std::int32_t i = 0; i < source.length(); i = source.moveIndex32(i, 1)) {
    const UChar32 one = same_letter(source.char32At(i));
    const bool wanted = one >= 0 && (u_isalpha(one) || (is_mark(one) && keeps_marks && script_of(character) != Script::latin));
    if (wanted && U_SUCCESS(status)) out.append(one);
  }
  return out;
}

std::string latin_letters(UChar32 character, const icu::UnicodeString& letters) {
  if (character == 0x03B7 || character == 0x0397) return "i";  // eta, beta: as names are romanised today
  if (character == 0x03B2 || character == 0x0392) return "v";
  icu::UnicodeString latin = letters;
  to_latin(script_of(character)).transliterate(latin);
  std::string chars, out;
  latin.toUTF8String(chars);
  for (const char c : chars)
    if (c >= 'a' && c <= 'z') out += c;
  return out;
}

Fold make_fold(UChar32 character) {
  Fold fold;
  const int digit = u_charDigitValue(character);
  if (digit >= 0 && u_charType(character) == U_DECIMAL_DIGIT_NUMBER) {
    fold = {FoldKind::digit, Script::digits, false, 1, 1, 1, {}, {}};
    fold.key[0] = fold.latin[0] = static_cast<char>('0' + digit);
    return fold;
  }
  UErrorCode status = U_ZERO_ERROR;
  const bool inherited = uscript_getScript(character, &status) == USCRIPT_INHERITED;
  if ((is_mark(character) && inherited) || u_hasBinaryProperty(character, UCHAR_DEFAULT_IGNORABLE_CODE_POINT)) return {FoldKind::nothing, Script::other, false, 0, 0, 0, {}, {}};
  if (!u_isalpha(character) && !is_mark(character)) return fold;
  const icu::UnicodeString letters = letters_of(character);
  fold.script = script_of(character);
  fold.capital = u_isupper(character) || u_istitle(character);
  const std::string latin = latin_letters(character, letters);
  std::string key;
  letters.toUTF8String(key);
  if (fold.script == Script::latin) key = latin;
  fold.kind = key.empty() ? FoldKind::nothing : FoldKind::letter;
  fold.key_bytes = store(key, fold.key);
  fold.latin_bytes = store(latin, fold.latin);
  for (std::size_t i = 0; i < fold.key_bytes; ++i) fold.characters = static_cast<std::uint8_t>(fold.characters + ((static_cast<unsigned char>(fold.key[i]) & 0xC0U) != 0x80U));
  return fold;
}

// One local constant per block: the language fills each at its first use, once.
template <std::size_t index>
const Block& block() {
  static const Block filled = [] {
    Block out;
    for (std::size_t i = 0; i < block_size; ++i) out[i] = make_fold(static_cast<UChar32>(index * block_size + i));
    return out;
  }();
  return filled;
}
using BlockFunction = const Block& (*)();
template <std::size_t... index>
constexpr std::array<BlockFunction, sizeof...(index)> make_blocks(std::index_sequence<index...>) {
  return {&block<index>...};
}
constexpr std::array<BlockFunction, block_count> blocks = make_blocks(std::make_index_sequence<block_count>{});

}  // namespace

const Fold& fold_of(char32_t character) {
  static const Fold none;
  static const Block& ascii = block<0>();
  if (character < block_size) return ascii[character];
  const std::size_t index = character / block_size;
  return index < block_count ? blocks[index]()[character % block_size] : none;
}

}  // namespace liaison::record
