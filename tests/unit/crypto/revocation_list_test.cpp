// What a revocation list says of itself, read from lists made here; every truncation and any tail is refused.
#include "core/crypto/revocation_list.h"

#include <gtest/gtest.h>

#include "tests/support/chains.h"

namespace liaison::crypto {
namespace {

const Time now = parse_time("2026-03-04T05:06:07.000Z").value();

Bytes list(std::vector<Bytes> revoked) {
  const auto root = make_certificate(support::good_chain(now).root, nullptr);
  return make_revocation_list({now, now + std::chrono::hours(24), std::move(revoked), 0x1'0000'0001, false}, root);
}

TEST(RevocationListFacts, AreRead) {
  const auto other = make_certificate(support::good_chain(now).root, nullptr);
  const auto facts = read_revocation_list(list({other.der}));
  ASSERT_TRUE(facts) << facts.error().message();
  EXPECT_EQ(facts->issuer, "CN=Root of ke");
  EXPECT_EQ(facts->this_update, now);
  EXPECT_EQ(facts->next_update, now + std::chrono::hours(24));
  EXPECT_EQ(facts->number, 0x1'0000'0001u);
  EXPECT_EQ(facts->entries, 1u);
  EXPECT_EQ(read_revocation_list(list({}))->entries, 0u);
}

TEST(RevocationListFacts, AnythingElseIsRefused) {
  const Bytes whole = list({});
  for (std::size_t length = 0; length < whole.size(); ++length) EXPECT_FALSE(read_revocation_list(ByteView(whole).first(length))) << length;
  Bytes longer = whole;
  longer.push_back(0);
  EXPECT_EQ(read_revocation_list(longer).error().code, Errc::not_admitted);
  EXPECT_FALSE(read_revocation_list(Bytes(revocation_list_bytes_max + 1, 0x30)));
  for (std::size_t byte = 0; byte < whole.size(); ++byte) {  // never more than refused or read
    Bytes changed = whole;
    changed[byte] ^= 0x80;
    const auto read = read_revocation_list(changed);
    if (!read) {
      EXPECT_EQ(read.error().code, Errc::not_admitted);
    }
  }
}

}  // namespace
}  // namespace liaison::crypto
