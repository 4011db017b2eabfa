// Keys in a real PKCS#11 token (SoftHSM2): signatures verify, TLS works with the key inside, and what is absent, wrong, taken away or brought back is named and survived.
#include "io/keys/token.h"

#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <sys/stat.h>

#include <cstdlib>
#include <fstream>

#include "core/crypto/openssl.h"
#include "tests/support/temporary_directory.h"

namespace liaison::keys {
namespace {
using crypto::KeyRole;

class TokenTest : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* place : {"/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so", "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so"})
      if (std::filesystem::exists(place)) module_ = place;
    ASSERT_FALSE(module_.empty()) << "SoftHSM2 is missing: deploy/setup test installs it";
    std::filesystem::create_directory(folder_ / "tokens");
    std::ofstream(folder_ / "softhsm2.conf") << "directories.tokendir = " << (folder_ / "tokens").string() << "\nobjectstore.backend = file\nlog.level = ERROR\n";
    ::setenv("SOFTHSM2_CONF", (folder_ / "softhsm2.conf").c_str(), 1);
    ASSERT_EQ(run("softhsm2-util --init-token --free --label hub --so-pin 87654321 --pin 1234567"), 0);
    write_pin("1234567");
    for (const std::string name : {"seal", "tls"}) import(name, "prime256v1");
  }
  int run(const std::string& command) const { return std::system((command + " >" + (folder_ / "log").string() + " 2>&1").c_str()); }
  void import(const std::string& label, const std::string& curve) {
    const std::string key = (folder_ / (label + ".pem")).string();
    ASSERT_EQ(run("openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:" + curve + " -out " + key), 0);
    ASSERT_EQ(run("softhsm2-util --import " + key + " --token hub --pin 1234567 --label " + label + " --id 0" + std::to_string(++imported_)), 0);
  }
  void write_pin(const std::string& pin) {
    std::ofstream(folder_ / "pin", std::ios::trunc) << pin << "\n";
    ::chmod((folder_ / "pin").c_str(), 0600);
  }
  TokenOptions options() {
    return {module_, "hub", folder_ / "pin", {{KeyRole::seal, "seal"}, {KeyRole::tls, "tls"}}, [this](const std::string& what) { changes_.push_back(what); }};
  }
  std::string refusal(TokenOptions of) const {
    const auto token = Token::open(std::move(of));
    return token ? "opened" : token.error().message();
  }
  void expect_in(const std::string& part, const std::string& whole) const { EXPECT_NE(whole.find(part), std::string::npos) << whole; }

  support::TemporaryDirectory folder_;
  std::filesystem::path module_;
  int imported_ = 0;
  std::vector<std::string> changes_;
};

TEST_F(TokenTest, SignsAndItsPublicKeyVerifies) {
  const auto token = Token::open(options());
  ASSERT_TRUE(token) << token.error().message();
  const auto signature = (*token)->sign(KeyRole::seal, view("liaison text"));
  ASSERT_TRUE(signature) << signature.error().message();
  EXPECT_TRUE((*token)->public_key(KeyRole::seal)->verify(view("liaison text"), *signature));
  EXPECT_FALSE((*token)->public_key(KeyRole::tls)->verify(view("liaison text"), *signature));
  EXPECT_FALSE((*token)->holds(KeyRole::link));
  EXPECT_EQ((*token)->sign(KeyRole::link, view("liaison text")).error().code, Errc::unknown_key);
}

TEST_F(TokenTest, WhatIsMissingIsNamed) {
  auto wrong = options();
  wrong.module = folder_ / "none.so";
  expect_in("pkcs11.module: cannot load", refusal(wrong));
  wrong = options();
  wrong.token = "another";
  expect_in("key_missing: token 'another' is not there", refusal(wrong));
  wrong = options();
  wrong.labels[KeyRole::seal] = "absent";
  expect_in("key_missing: the seal key: token 'hub' has no private key 'absent'", refusal(wrong));
  wrong = options();
  wrong.pin_file = folder_ / "no-pin";
  expect_in("no-pin", refusal(wrong));
  ::chmod((folder_ / "pin").c_str(), 0644);
  expect_in("key_unprotected", refusal(options()));
}

TEST_F(TokenTest, AnotherCurveIsRefused) {
  import("large", "secp384r1");
  auto wrong = options();
  wrong.labels[KeyRole::seal] = "large";
  expect_in("not a P-256 key", refusal(wrong));
}

TEST_F(TokenTest, AWrongPinIsTriedOnceAndRestartsCannotLockTheToken) {
  write_pin("7654321");
  expect_in("refused the PIN", refusal(options()));
  for (int restart = 0; restart < 20; ++restart) expect_in("given a wrong PIN before", refusal(options()));
  write_pin("1234567");
  expect_in("given a wrong PIN before", refusal(options()));
  // A person proves the PIN with another tool.
  import("proof", "prime256v1");
  EXPECT_EQ(refusal(options()), "opened");
}

TEST_F(TokenTest, ATokenThatIsTakenAwayHoldsItsRoleAndComesBack) {
  const auto token = Token::open(options());
  ASSERT_TRUE(token) << token.error().message();
  ASSERT_TRUE((*token)->sign(KeyRole::seal, view("liaison text")));
  std::filesystem::rename(folder_ / "tokens", folder_ / "taken");
  std::filesystem::create_directory(folder_ / "tokens");
  const auto held = (*token)->sign(KeyRole::seal, view("liaison text"));
  ASSERT_FALSE(held);
  EXPECT_EQ(held.error().code, Errc::busy);
  EXPECT_EQ(disposition(held.error().code), Disposition::retry_later);
  EXPECT_EQ((*token)->public_key(KeyRole::seal).error().code, Errc::busy);
  ASSERT_EQ(changes_.size(), 1u);
  expect_in("token 'hub' is away", changes_[0]);
  EXPECT_FALSE((*token)->sign(KeyRole::seal, view("liaison text")));
  EXPECT_EQ(changes_.size(), 1u) << "told once";
  std::filesystem::remove(folder_ / "tokens");
  std::filesystem::rename(folder_ / "taken", folder_ / "tokens");
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  Result<Bytes> signature = held;
  while (!signature && std::chrono::steady_clock::now() < end) signature = (*token)->sign(KeyRole::seal, view("liaison text"));
  ASSERT_TRUE(signature) << signature.error().message();
  EXPECT_TRUE((*token)->public_key(KeyRole::seal)->verify(view("liaison text"), *signature));
  ASSERT_EQ(changes_.size(), 2u);
  expect_in("is back", changes_[1]);
}

// A whole TLS 1.3 handshake in memory with the server's key inside the token.
TEST_F(TokenTest, TlsSignsInTheToken) {
  const auto token = Token::open(options());
  ASSERT_TRUE(token) << token.error().message();
  const auto key = (*token)->evp(KeyRole::tls);
  ASSERT_TRUE(key) << key.error().message();
  const std::unique_ptr<X509, crypto::FreeWith<X509_free>> certificate(X509_new());
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
  X509_set_pubkey(certificate.get(), key->get());
  ASSERT_GT(X509_sign(certificate.get(), key->get(), EVP_sha256()), 0) << "certificates and requests are signed in the token too";
  EXPECT_EQ(X509_verify(certificate.get(), (*token)->public_key(KeyRole::tls)->evp()), 1);
  const std::unique_ptr<SSL_CTX, crypto::FreeWith<SSL_CTX_free>> server(SSL_CTX_new(TLS_server_method())), client(SSL_CTX_new(TLS_client_method()));
  SSL_CTX_set_min_proto_version(server.get(), TLS1_3_VERSION);
  ASSERT_EQ(SSL_CTX_use_certificate(server.get(), certificate.get()), 1);
  ASSERT_EQ(SSL_CTX_use_PrivateKey(server.get(), key->get()), 1);
  ASSERT_EQ(SSL_CTX_check_private_key(server.get()), 1);
  const std::unique_ptr<SSL, crypto::FreeWith<SSL_free>> a(SSL_new(server.get())), b(SSL_new(client.get()));
  BIO *one = nullptr, *other = nullptr;
  ASSERT_EQ(BIO_new_bio_pair(&one, 0, &other, 0), 1);
  SSL_set_bio(a.get(), one, one);
  SSL_set_bio(b.get(), other, other);
  SSL_set_accept_state(a.get());
  SSL_set_connect_state(b.get());
  for (int round = 0; round < 10 && !(SSL_is_init_finished(a.get()) && SSL_is_init_finished(b.get())); ++round) {
    static_cast<void>(SSL_do_handshake(b.get()));
    static_cast<void>(SSL_do_handshake(a.get()));
  }
  EXPECT_TRUE(SSL_is_init_finished(a.get()));
  EXPECT_TRUE(SSL_is_init_finished(b.get()));
}

}  // namespace
}  // namespace liaison::keys
