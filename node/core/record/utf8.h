// UTF-8 (RFC 3629) as the record needs it: validity, code points one at a time, and NFC of the few characters that initials take.
// Pure; decoding functions expect text that passed is_utf8.
#pragma once
#include "core/base/bytes.h"

namespace liaison::record {

bool is_utf8(ByteView bytes);                       // no overlong forms, surrogates or values above U+10FFFF
std::size_t code_points(std::string_view valid);
std::string_view last_code_points(std::string_view valid, std::size_t count);
std::string_view first_code_point(std::string_view valid);
std::string to_nfc(std::string_view valid);         // Unicode normalization form C

}  // namespace liaison::record
