// Failures of OpenSSL: the reason reaches the Error and the thread's error queue is left empty, since TLS on the same thread reads it too.
#include "core/crypto/openssl.h"

#include <gtest/gtest.h>
#include <openssl/err.h>

#include "core/crypto/aead.h"
#include "core/crypto/certificate.h"
#include "core/crypto/hpke.h"

namespace liaison::crypto {
namespace {

TEST(OpensslErrors, CarryTheReasonAndEmptyTheQueue) {
  ERR_raise(ERR_LIB_EVP, ERR_R_MALLOC_FAILURE);
  const Error error = openssl_failed("some step", Errc::bad_format);
  EXPECT_EQ(error.code, Errc::bad_format);
  EXPECT_EQ(error.detail.rfind("some step: ", 0), 0u) << error.detail;
  EXPECT_EQ(ERR_peek_error(), 0u);
  EXPECT_EQ(openssl_failed("some step").detail, "some step");
}

TEST(OpensslErrors, NoRefusalLeavesOneBehind) {
  const auto key = derive_key_pair(Bytes(32, 1)).value();
  const Bytes secret(32, 1), nonce(12, 1), garbage(91, 0x30);
  Bytes off_curve(65, 7);
  off_curve[0] = 4;
  EXPECT_FALSE(key.public_key().verify(view("text"), garbage));
  EXPECT_EQ(ERR_peek_error(), 0u);
  EXPECT_FALSE(PublicKey::from_point(off_curve));
  EXPECT_EQ(ERR_peek_error(), 0u);
  EXPECT_FALSE(hpke_decapsulate(key, off_curve));
  EXPECT_EQ(ERR_peek_error(), 0u);
  EXPECT_FALSE(aead_open({secret, nonce}, {}, garbage));
  EXPECT_EQ(ERR_peek_error(), 0u);
  EXPECT_FALSE(PrivateKey::from_pkcs8(garbage, view("passphrase")));
  EXPECT_EQ(ERR_peek_error(), 0u);
  EXPECT_FALSE(read_certificate("demo", garbage));
  EXPECT_EQ(ERR_peek_error(), 0u);
}

TEST(OpensslErrors, ReadingAKeyThatIsFineLeavesNoneEither) {
  const auto key = PrivateKey::generate(KeyType::p256).value();
  EXPECT_TRUE(PrivateKey::from_pkcs8(key.to_pkcs8_pem(view("passphrase")).value(), view("passphrase")));
  EXPECT_EQ(ERR_peek_error(), 0u);
}

}  // namespace
}  // namespace liaison::crypto
