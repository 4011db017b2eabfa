// UTF-8 checks with a fast path for ASCII; normalisation through ICU only where a character could change. Pure.
#include "core/record/utf8.h"

#include <unicode/normalizer2.h>
#include <unicode/stringpiece.h>
#include <unicode/bytestream.h>

#include "core/base/result.h"

namespace liaison::record {
namespace {

bool is_continuation(std::uint8_t byte) { return (byte & 0xC0) == 0x80; }

// Length of the valid sequence at the front, 0 if there is none (RFC 3629 section 4).
std::size_t sequence(ByteView bytes) {
  const std::uint8_t first = bytes[0];
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xC2 && first <= 0xDF ? 2 : (first & 0xF0) == 0xE0 ? 3 : first >= 0xF0 && first <= 0xF4 ? 4 : 0;
  if (length == 0 || bytes.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if (!is_continuation(bytes[i])) return 0;
  }
  const std::uint8_t second = bytes[1];
  const bool overlong = (first == 0xE0 && second < 0xA0) || (first == 0xF0 && second < 0x90);
  const bool outside = (first == 0xED && second > 0x9F) || (first == 0xF4 && second > 0x8F);
  return overlong || outside ? 0 : length;
}

}  // namespace

bool is_utf8(ByteView bytes) {
  std::size_t at = 0;
  while (at < bytes.size()) {
    std::uint64_t eight = 0;
    if (bytes.size() - at >= 8 && (std::memcpy(&eight, bytes.data() + at, 8), (eight & 0x8080808080808080u) == 0)) {
      at += 8;
      continue;
    }
    const std::size_t length = sequence(bytes.subspan(at));
    if (length == 0) return false;
    at += length;
  }
  return true;
}

std::size_t code_points(std::string_view valid) {
  std::size_t count = 0;
  for (const char c : valid) count += is_continuation(static_cast<std::uint8_t>(c)) ? 0 : 1;
  return count;
}

std::string_view last_code_points(std::string_view valid, std::size_t count) {
  std::size_t at = valid.size();
  while (count > 0 && at > 0) {
    --at;
    if (!is_continuation(static_cast<std::uint8_t>(valid[at]))) --count;
  }
  return valid.substr(at);
}

std::string_view first_code_point(std::string_view valid) {
  std::size_t bytes = valid.empty() ? 0 : 1;
  while (bytes < valid.size() && is_continuation(static_cast<std::uint8_t>(valid[bytes]))) ++bytes;
  return valid.substr(0, bytes);
}

std::string to_nfc(std::string_view valid) {
  // Every character below U+0300 (lead byte below 0xCC) is already in form C and starts a new cluster.
  bool simple = true;
  for (const char c : valid) simple = simple && static_cast<std::uint8_t>(c) < 0xCC;
  if (simple) return std::string(valid);
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* form_c = icu::Normalizer2::getNFCInstance(status);
  std::string out;
  if (U_SUCCESS(status)) {
    icu::StringByteSink<std::string> sink(&out);
    form_c->normalizeUTF8(0, icu::StringPiece(valid.data(), static_cast<std::int32_t>(valid.size())), sink, nullptr, status);
  }
  liaison_assert(U_SUCCESS(status));
  return out;
}

}  // namespace liaison::record
