// Chains in PEM (certificate_pem.h): read in order, and refused as a whole when anything about them is wrong.
#include "core/crypto/certificate_pem.h"

#include <gtest/gtest.h>

#include "tests/support/certificates.h"

namespace liaison::crypto {
namespace {

TEST(ChainPem, is_read_in_order_and_anything_else_refused) {
  const support::CertificateAuthority kenya;
  const Bytes leaf = kenya.issue({}).certificate;
  const std::string pem = support::to_pem(leaf) + support::to_pem(kenya.certificate());
  const auto chain = chain_from_pem(view(pem));
  ASSERT_TRUE(chain);
  EXPECT_EQ(*chain, (std::vector<Bytes>{leaf, kenya.certificate()}));
  EXPECT_FALSE(chain_from_pem({}));
  EXPECT_FALSE(chain_from_pem(view("nothing")));
  EXPECT_FALSE(chain_from_pem(view(pem.substr(0, pem.size() - 40))));
  EXPECT_FALSE(chain_from_pem(view(pem + pem + pem)));
}

TEST(ChainPem, the_key_of_a_certificate_is_that_of_its_owner) {
  const support::CertificateAuthority kenya;
  const auto issued = kenya.issue({});
  EXPECT_EQ(certificate_key(issued.certificate).value(), issued.key.public_key().hash());
  EXPECT_EQ(certificate_end(issued.certificate).value(), support::certificate_time + std::chrono::hours(24 * 90));
  EXPECT_EQ(certificate_end({}).error().code, Errc::bad_format);
  EXPECT_EQ(certificate_key({}).error().code, Errc::bad_format);
  EXPECT_EQ(certificate_key(Bytes{0x30, 0x00}).error().code, Errc::bad_format);
}

}  // namespace
}  // namespace liaison::crypto
