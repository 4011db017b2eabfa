// SHA-256 against the examples of FIPS 180-4 and RFC 6234, and every way to feed the same bytes against each other.
#include <gtest/gtest.h>

#include "core/merkle/sha256.h"

namespace liaison::merkle {
namespace {

TEST(Sha256, KnownAnswers) {
  EXPECT_EQ(to_hex(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(to_hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(to_hex(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(to_hex(sha256(std::string(1'000'000, 'a'))), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, PartsHashLikeTheirConcatenation) {
  Bytes whole;
  for (int i = 0; i < 300; ++i) put_u8(whole, static_cast<std::uint8_t>(i * 7));
  const ByteView all(whole);
  for (std::size_t cut = 0; cut <= whole.size(); ++cut) {
    EXPECT_EQ(sha256({all.first(cut), all.subspan(cut)}), sha256(all)) << cut;
    EXPECT_EQ(Sha256().add(all.first(cut)).add(all.subspan(cut)).finish(), sha256(all)) << cut;
  }
}

TEST(Sha256, IntegersAreBigEndian) {
  const Bytes expected{0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07};
  EXPECT_EQ(Sha256().add_u8(0x01).add_u16(0x0203).add_u32(0x04050607).finish(), sha256(ByteView(expected)));
}

}  // namespace
}  // namespace liaison::merkle
