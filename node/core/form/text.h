// Text questions of the form: UTF-8 validity, case folding, the word for unknown, and control characters made visible.
// Pure. Callers hand in valid UTF-8 unless a function says otherwise; nothing here changes what a message keeps.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace liaison::form {

// Offset of the first byte that is not valid UTF-8 (RFC 3629: no surrogates, no overlong forms), or nullopt.
std::optional<std::size_t> find_invalid_utf8(std::string_view text);

// NFKC case folding, white space at both ends removed, inner runs of white space made one space: for comparing, never for storing.
std::string fold(std::string_view text);

// True for unknown, inconnu(e), desconocido/-a, غير معروف(ة), in any case and with any white space around.
bool is_unknown(std::string_view text);
// Empty, or nothing but white space and invisible characters.
bool is_blank(std::string_view text);
// The word for unknown in a language (en fr es ar; others: en).
std::string_view unknown_word(std::string_view language);

// True for characters a terminal or a reader could be fooled by: controls (line feed included), bidi marks, embeddings, overrides and
// isolates, line and paragraph separators, zero-width space, tags, fillers. Joiners (U+200C, U+200D) belong to several scripts and stay.
bool is_deceptive(char32_t character);
// `text` with every such character written as <U+202E>; bytes that are not UTF-8 as <0xFF>. Line feeds stay when `keep_lines`.
std::string visible(std::string_view text, bool keep_lines = false);

}  // namespace liaison::form
