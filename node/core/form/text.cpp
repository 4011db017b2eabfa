// See text.h. Folding and decoding are ICU's; the tables here are only the words for unknown and the ranges made visible.
#include "core/form/text.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <set>

namespace liaison::form {
namespace {

// Decodes one character at `offset` and moves on; negative for a byte that is not UTF-8.
UChar32 next(std::string_view text, std::size_t& offset) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  const auto length = static_cast<std::int64_t>(text.size());
  auto i = static_cast<std::int64_t>(offset);
  UChar32 character = 0;
  U8_NEXT(bytes, i, length, character);
  offset = static_cast<std::size_t>(i);
  return character;
}

std::string collapse_spaces(const icu::UnicodeString& text) {
  icu::UnicodeString out;
  bool gap = false;
  for (std::int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1)) {
    const UChar32 character = text.char32At(i);
    if (u_isUWhiteSpace(character)) {
      gap = !out.isEmpty();
      continue;
    }
    if (gap) out.append(static_cast<UChar>(' '));
    gap = false;
    out.append(character);
  }
  std::string utf8;
  out.toUTF8String(utf8);
  return utf8;
}

const std::set<std::string, std::less<>>& unknown_words() {
  static const std::set<std::string, std::less<>> words = {
      fold("unknown"), fold("inconnu"), fold("inconnue"), fold("desconocido"), fold("desconocida"), fold("غير معروف"), fold("غير معروفة")};
  return words;
}

}  // namespace

std::optional<std::size_t> find_invalid_utf8(std::string_view text) {
  std::size_t offset = 0;
  while (offset < text.size()) {
    const std::size_t start = offset;
    if (next(text, offset) < 0) return start;
  }
  return std::nullopt;
}

std::string fold(std::string_view text) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* folding = icu::Normalizer2::getNFKCCasefoldInstance(status);
  const auto source = icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())));
  if (U_FAILURE(status)) return collapse_spaces(icu::UnicodeString(source).foldCase());
  const icu::UnicodeString folded = folding->normalize(source, status);
  return collapse_spaces(U_FAILURE(status) ? icu::UnicodeString(source).foldCase() : folded);
}

bool is_unknown(std::string_view text) {
  if (text.size() > 64) return false;
  return unknown_words().contains(fold(text));
}

bool is_blank(std::string_view text) {
  for (std::size_t offset = 0; offset < text.size();) {
    const UChar32 character = next(text, offset);
    const bool unseen = character >= 0 && (u_isUWhiteSpace(character) || u_hasBinaryProperty(character, UCHAR_DEFAULT_IGNORABLE_CODE_POINT) ||
                                           is_deceptive(static_cast<char32_t>(character)));
    if (!unseen) return false;
  }
  return true;
}

std::string_view unknown_word(std::string_view language) {
  if (language == "fr") return "inconnu";
  if (language == "es") return "desconocido";
  if (language == "ar") return "غير معروف";
  return "unknown";
}

bool is_deceptive(char32_t character) {
  struct Range { char32_t first, last; };
  static constexpr std::array<Range, 14> ranges = {{{0x0, 0x1F}, {0x7F, 0x9F}, {0xAD, 0xAD}, {0x61C, 0x61C}, {0x115F, 0x1160}, {0x180E, 0x180E},
      {0x200B, 0x200B}, {0x200E, 0x200F}, {0x2028, 0x202E}, {0x2060, 0x206F}, {0x3164, 0x3164}, {0xFEFF, 0xFEFF}, {0xFFF9, 0xFFFB}, {0xE0000, 0xE0FFF}}};
  return std::any_of(ranges.begin(), ranges.end(), [&](const Range& range) { return character >= range.first && character <= range.last; });
}

std::string visible(std::string_view text, bool keep_lines) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t offset = 0; offset < text.size();) {
    const std::size_t start = offset;
    const UChar32 character = next(text, offset);
    std::array<char, 16> escape{};
    if (character < 0) {
      for (std::size_t i = start; i < offset; ++i) {
        std::snprintf(escape.data(), escape.size(), "<0x%02X>", static_cast<unsigned>(static_cast<std::uint8_t>(text[i])));
        out += escape.data();
      }
    } else if (is_deceptive(static_cast<char32_t>(character)) && !(keep_lines && character == '\n')) {
      std::snprintf(escape.data(), escape.size(), "<U+%04X>", static_cast<unsigned>(character));
      out += escape.data();
    } else {
      out.append(text.substr(start, offset - start));
    }
  }
  return out;
}

}  // namespace liaison::form
