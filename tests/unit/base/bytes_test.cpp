// bytes.h: text forms of bytes are canonical, readers never read past the end.
#include "core/base/bytes.h"

#include <gtest/gtest.h>

using namespace liaison;

TEST(Hex, writes_lower_case_and_reads_it_back) {
  const Bytes bytes{0x00, 0x0A, 0xFF, 0x5C};
  EXPECT_EQ(to_hex(bytes), "000aff5c");
  EXPECT_EQ(from_hex("000aff5c"), bytes);
  EXPECT_EQ(from_hex(""), Bytes{});
}

TEST(Hex, refuses_odd_lengths_and_other_characters) {
  for (const auto* chars : {"0", "0g", "0x", " 00", "00 ", "0\n"}) EXPECT_FALSE(from_hex(chars)) << chars;
}

// RFC 4648 section 10
TEST(Base64, agrees_with_the_vectors_of_rfc_4648) {
  const std::pair<const char*, const char*> vectors[] = {{"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, coded] : vectors) {
    EXPECT_EQ(to_base64(view(plain)), coded);
    EXPECT_EQ(from_base64(coded), to_bytes(std::string_view(plain)));
  }
}

TEST(Base64, refuses_what_it_would_not_have_written) {
  // no padding, too much, bits set under the padding, the URL alphabet, spaces, padding in the middle
  for (const auto* chars : {"Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "Zm_v", "Zm-v", "Zm9v ", " Zm9v", "Zg==Zg==", "=", "====", "Zm9v\n"}) EXPECT_FALSE(from_base64(chars)) << chars;
}

TEST(Base64, every_flipped_character_is_refused_or_gives_other_bytes) {
  Bytes bytes(32);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i * 37);
  const std::string coded = to_base64(bytes);
  for (std::size_t i = 0; i < coded.size(); ++i) {
    std::string changed = coded;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    const auto read = from_base64(changed);
    EXPECT_NE(read, std::optional<Bytes>(bytes)) << i;
  }
  for (std::size_t size = 0; size < coded.size(); ++size)  // whole groups decode to fewer bytes
    EXPECT_EQ(from_base64(std::string_view(coded).substr(0, size)).has_value(), size % 4 == 0) << size;
}

TEST(Base64, a_hash_has_exactly_32_bytes) {
  EXPECT_TRUE(hash_from_base64(to_base64(Bytes(32, 7))));
  EXPECT_FALSE(hash_from_base64(to_base64(Bytes(31, 7))));
  EXPECT_FALSE(hash_from_base64(to_base64(Bytes(33, 7))));
}

TEST(ByteReader, reads_big_endian_numbers_as_they_were_put) {
  Bytes out;
  put_u8(out, 0x01);
  put_u16(out, 0x0203);
  put_u32(out, 0x04050607);
  put_u64(out, 0x08090A0B0C0D0E0F);
  EXPECT_EQ(to_hex(out), "0102030405060708090a0b0c0d0e0f");
  ByteReader reader(out);
  EXPECT_EQ(reader.u8(), 0x01);
  EXPECT_EQ(reader.u16(), 0x0203);
  EXPECT_EQ(reader.u32(), 0x04050607U);
  EXPECT_EQ(reader.u64(), 0x08090A0B0C0D0E0FULL);
  EXPECT_TRUE(reader.at_end());
}

TEST(ByteReader, after_a_shortage_everything_is_zero_and_it_stays_not_ok) {
  const Bytes bytes{1, 2, 3};
  ByteReader reader(bytes);
  EXPECT_EQ(reader.u32(), 0U);
  EXPECT_FALSE(reader.ok());
  EXPECT_EQ(reader.u8(), 0);
  EXPECT_TRUE(reader.take(1).empty());
  EXPECT_EQ(reader.hash(), Hash{});
  EXPECT_FALSE(reader.at_end());
}

TEST(ByteReader, a_length_near_the_largest_number_is_a_shortage) {
  const Bytes bytes(8, 1);
  ByteReader reader(bytes);
  EXPECT_TRUE(reader.take(SIZE_MAX).empty());
  EXPECT_FALSE(reader.ok());
}
