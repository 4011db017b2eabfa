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

}  // namespace
}  // namespace liaison::crypto
