// One text form per value: any single changed character of a base64, uuid or time is refused or is exactly what the writer writes.
#include <gtest/gtest.h>

#include "core/base/ids.h"

namespace liaison {
namespace {

template <class Rewrite>
void each_changed_character(const std::string& chars, Rewrite rewrite) {
  for (std::size_t at = 0; at < chars.size(); ++at) {
    for (int c = 0; c < 256; ++c) {
      std::string changed = chars;
      changed[at] = static_cast<char>(c);
      const std::optional<std::string> again = rewrite(changed);
      if (again) { EXPECT_EQ(*again, changed); }
    }
  }
}

TEST(Canonical, Base64) {
  for (std::size_t size : {3u, 4u, 5u}) {
    each_changed_character(to_base64(Bytes(size, 0x5A)), [](const std::string& chars) -> std::optional<std::string> {
      const auto bytes = from_base64(chars);
      return bytes ? std::optional(to_base64(*bytes)) : std::nullopt;
    });
  }
}

TEST(Canonical, Base64RoundTripsAtEveryLength) {
  Bytes bytes;
  for (std::size_t size = 0; size < 100; ++size) {
    EXPECT_EQ(from_base64(to_base64(bytes)), bytes);
    bytes.push_back(static_cast<std::uint8_t>(size * 37 + 11));
  }
}

TEST(Canonical, UnusedBitsOfBase64MustBeZero) {
  int two_digits = 0, three_digits = 0;
  for (const char c : std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")) {
    two_digits += from_base64(std::string("Z") + c + "==") ? 1 : 0;
    three_digits += from_base64(std::string("Zm") + c + "=") ? 1 : 0;
  }
  EXPECT_EQ(two_digits, 4);
  EXPECT_EQ(three_digits, 16);
}

TEST(Canonical, Uuids) {
  each_changed_character("01890a5d-ac96-774b-bcce-b302099a8057", [](const std::string& chars) -> std::optional<std::string> {
    const auto id = parse_uuid(chars);
    return id ? std::optional(to_string(*id)) : std::nullopt;
  });
}

TEST(Canonical, Times) {
  each_changed_character("2024-02-29T23:59:59.999Z", [](const std::string& chars) -> std::optional<std::string> {
    const auto time = parse_time(chars);
    return time ? std::optional(to_string(*time)) : std::nullopt;
  });
}

TEST(Canonical, UuidOfRfc9562AppendixA6) {
  const std::array<std::uint8_t, 10> random{0xCC, 0xC3, 0x18, 0xC4, 0xDC, 0x0C, 0x0C, 0x07, 0x39, 0x8F};
  EXPECT_EQ(to_string(make_uuid(time_from_millis(0x017F22E279B0), random)), "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
}

}  // namespace
}  // namespace liaison
