// Envelopes against formats 3: what is sealed opens, whatever is changed does not, and sizes show only their bucket.
#include "core/exchange/envelope.h"

#include <gtest/gtest.h>

#include "core/base/limits.h"
#include "core/crypto/hpke.h"
#include "tests/unit/exchange/party.h"

namespace liaison::exchange::test {
namespace {
const std::string to = "ke.customs";

Result<OpenedEnvelope> open(ByteView bytes) {
  LIAISON_TRY(const auto parsed, parse_envelope(bytes));
  LIAISON_TRY(const auto secret, crypto::hpke_decapsulate(sim::federation().key(to, crypto::KeyRole::box), parsed.enc));
  const Bytes info = envelope_info(parsed.header.realm, parsed.header.from, parsed.box_key);
  LIAISON_TRY(const auto context, crypto::HpkeContext::from_shared_secret(secret.reveal(), info, crypto::HpkeAead::aes_256_gcm));
  return open_envelope(parsed, context);
}

struct Envelope : testing::Test {
  Party from{"int.gs"};
  SealedEnvelope seal(std::size_t bytes) { return seal_envelope(*sealing(from, to), header(from, to), Bytes(bytes, 0x5A), from.site.random).value(); }
};
}  // namespace

TEST_F(Envelope, opens_to_what_was_sealed) {
  for (const std::size_t size : {0U, 1U, 235U, 236U, 237U, 4076U, 4077U, 70'000U}) {
    const auto sealed = seal(size);
    const auto opened = open(sealed.bytes);
    ASSERT_TRUE(opened) << size;
    EXPECT_EQ(opened->content, Bytes(size, 0x5A));
    EXPECT_EQ(opened->r.size(), 16U);
    const auto parsed = parse_envelope(sealed.bytes).value();
    EXPECT_EQ(parsed.core_hash, sealed.core);
    EXPECT_EQ(parsed.payload.size(), padded_bytes(size + 20) + 16);
    EXPECT_EQ(parsed.header.to, to);
    EXPECT_EQ(parsed.header.expires - parsed.header.created, std::chrono::hours{24});
  }
}

TEST_F(Envelope, flipped_bit_anywhere_is_refused_or_changes_nothing) {
  const auto sealed = seal(100);
  const auto honest = open(sealed.bytes).value();
  std::size_t opened_the_same = 0;
  for (std::size_t i = 0; i < sealed.bytes.size(); ++i) {
    Bytes changed = sealed.bytes;
    changed[i] ^= static_cast<std::uint8_t>(1U << (i % 8));
    const auto opened = open(changed);
    if (!opened) continue;
    ++opened_the_same;  // padding between tables
    EXPECT_EQ(opened->content, honest.content) << "byte " << i;
  }
  EXPECT_LT(opened_the_same, 32U);
}

TEST_F(Envelope, every_truncation_is_refused) {
  const auto sealed = seal(10);
  for (std::size_t size = 0; size < sealed.bytes.size(); ++size) EXPECT_FALSE(open(ByteView(sealed.bytes).first(size))) << size;
}

TEST_F(Envelope, buckets_grow_as_the_text_says) {
  EXPECT_EQ(padded_bytes(1), 256U);
  EXPECT_EQ(padded_bytes(256), 256U);
  EXPECT_EQ(padded_bytes(257), 512U);
  EXPECT_EQ(padded_bytes(2049), 4096U);
  EXPECT_EQ(padded_bytes(4097), 4608U);
  EXPECT_EQ(padded_bytes(8192), 8192U);
  EXPECT_EQ(padded_bytes(8193), 9216U);
  EXPECT_EQ(padded_bytes(limits::plain_bytes_max), limits::plain_bytes_max);
  for (std::size_t size = 1; size < 100'000; size += 37) {
    const std::size_t bucket = padded_bytes(size);
    EXPECT_GE(bucket, size);
    EXPECT_EQ(padded_bytes(bucket), bucket);
    EXPECT_LT(bucket, std::max<std::size_t>(257, 2 * size));
    EXPECT_LE(bucket - size, size > 4096 ? size / 8 : bucket);
  }
}

TEST_F(Envelope, too_much_content_is_refused_before_it_is_sealed) {
  const Bytes large(limits::plain_bytes_max, 1);
  const auto sealed = seal_envelope(*sealing(from, to), header(from, to), large, from.site.random);
  ASSERT_FALSE(sealed);
  EXPECT_EQ(sealed.error().code, Errc::limit_exceeded);
  EXPECT_EQ(parse_envelope(Bytes(limits::envelope_bytes_max + 1)).error().code, Errc::limit_exceeded);
}

TEST_F(Envelope, life_of_more_than_thirty_days_is_refused) {
  auto late = header(from, to);
  late.expires = late.created + limits::envelope_life_max + Milliseconds{1};
  EXPECT_EQ(parse_envelope(seal_envelope(*sealing(from, to), late, Bytes(5), from.site.random)->bytes).error().code, Errc::bad_format);
  late.expires = late.created - Milliseconds{1};
  EXPECT_FALSE(parse_envelope(seal_envelope(*sealing(from, to), late, Bytes(5), from.site.random)->bytes));
}

TEST_F(Envelope, same_content_twice_is_never_the_same_bytes) { EXPECT_NE(seal(100).bytes, seal(100).bytes); }

}  // namespace liaison::exchange::test
