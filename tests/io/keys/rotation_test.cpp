// The change of the tls key with its certificate, on real files: stopped at every point between two file operations, it is finished by whoever comes next, and key and
// certificate always fit once it is.
#include "io/keys/rotation.h"

#include <gtest/gtest.h>

#include <fstream>

#include "core/crypto/certificate_pem.h"
#include "tests/support/certificates.h"
#include "tests/support/temporary_directory.h"

namespace liaison::keys {
namespace {
using crypto::KeyRole;

class Rotation : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(generate_keys(keys_, view(passphrase_)));
    const auto key = load_key(key_file(keys_, KeyRole::tls), KeyRole::tls, view(passphrase_)).value();
    old_key_ = key.public_key().hash();
    write(files_.certificate_file, pem_for(key));
  }
  std::string pem_for(const crypto::PrivateKey& key) const { return support::to_pem(ca_.issue_for(key, {})); }
  static void write(const std::filesystem::path& file, const std::string& content) { std::ofstream(file, std::ios::binary | std::ios::trunc) << content; }
  Hash key_in_use() const { return load_key(key_file(keys_, KeyRole::tls), KeyRole::tls, view(passphrase_))->public_key().hash(); }
  Hash certified() const { return crypto::certificate_key(crypto::chain_from_pem(store::read_file(files_.certificate_file, 1 << 16).value())->front()).value(); }
  crypto::PrivateKey begin() const { return begin_rotation(keys_, KeyRole::tls, view(passphrase_)).value(); }
  bool next_waits() const { return std::filesystem::exists(next_key_file(keys_, KeyRole::tls)); }

  support::TemporaryDirectory folder_;
  std::filesystem::path keys_ = folder_ / "keys";
  TlsFiles files_{keys_, keys_ / "tls.pem"};
  std::string passphrase_ = "correct horse";
  support::CertificateAuthority ca_;
  Hash old_key_{};
};

TEST_F(Rotation, KeyAndCertificateChangeTogether) {
  const auto next = begin();
  EXPECT_EQ(key_in_use(), old_key_);
  EXPECT_EQ(begin().public_key().hash(), next.public_key().hash()) << "begun twice, the same key waits";
  EXPECT_FALSE(finish_rotation(files_, view(passphrase_)).value()) << "no certificate yet";
  ASSERT_TRUE(install_certificate(files_, view(passphrase_), view(pem_for(next))));
  EXPECT_EQ(key_in_use(), next.public_key().hash());
  EXPECT_EQ(certified(), next.public_key().hash());
  EXPECT_FALSE(next_waits());
  EXPECT_FALSE(finish_rotation(files_, view(passphrase_)).value());
  EXPECT_NE(begin().public_key().hash(), next.public_key().hash());
}

// The states a stop can leave: staged certificate; certificate renamed but not yet the key.
TEST_F(Rotation, AStopBetweenTwoStepsIsRolledForward) {
  const auto next = begin();
  write(files_.certificate_file.string() + ".next", pem_for(next));
  EXPECT_TRUE(finish_rotation(files_, view(passphrase_)).value());
  EXPECT_EQ(key_in_use(), next.public_key().hash());
  EXPECT_EQ(certified(), next.public_key().hash());
  const auto third = begin();
  write(files_.certificate_file, pem_for(third));
  EXPECT_TRUE(finish_rotation(files_, view(passphrase_)).value());
  EXPECT_EQ(key_in_use(), third.public_key().hash());
  EXPECT_FALSE(next_waits());
}

TEST_F(Rotation, AnotherKeysCertificateChangesNothing) {
  EXPECT_EQ(install_certificate(files_, view(passphrase_), view(support::to_pem(ca_.issue().certificate))).error().code, Errc::key_missing) << "not begun";
  const auto next = begin();
  EXPECT_EQ(install_certificate(files_, view(passphrase_), view(support::to_pem(ca_.issue().certificate))).error().code, Errc::key_not_valid);
  EXPECT_FALSE(install_certificate(files_, view(passphrase_), view("nonsense")));
  EXPECT_EQ(key_in_use(), old_key_);
  EXPECT_EQ(certified(), old_key_);
  EXPECT_TRUE(next_waits());
  EXPECT_EQ(begin().public_key().hash(), next.public_key().hash());
}

TEST_F(Rotation, TheWrongPassphraseIsNamedAndTouchesNothing) {
  EXPECT_EQ(begin_rotation(keys_, KeyRole::tls, view("wrong")).error().code, Errc::key_missing);
  EXPECT_FALSE(next_waits());
  EXPECT_FALSE(begin_rotation(folder_ / "nowhere", KeyRole::tls, view(passphrase_)));
}

}  // namespace
}  // namespace liaison::keys
