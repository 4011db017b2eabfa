// Key files and the key holder: keys made here are loaded again, every unsafe or missing file is named with its cure, roles stay apart.
#include "io/keys/file_key_holder.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "core/crypto/hpke.h"
#include "io/keys/harden.h"
#include "io/keys/passphrase.h"
#include "io/runtime/clock.h"
#include "io/runtime/random.h"
#include "tests/support/temporary_directory.h"

namespace liaison::keys::test {
namespace {
using crypto::KeyRole;

class FileKeyHolderTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(generate_keys(keys_dir(), {})); }
  std::filesystem::path keys_dir() { return directory / "secret"; }
  Result<std::unique_ptr<FileKeyHolder>> open(const std::filesystem::path& passphrase = {}) {
    return FileKeyHolder::open({.keys_dir = keys_dir(), .data_keys_dir = directory / "keys", .passphrase_file = passphrase, .block_keys = 8}, clock, random);
  }
  Error refusal(const std::filesystem::path& passphrase = {}) {
    auto holder = open(passphrase);
    return holder ? Error{} : holder.error();
  }
  support::TemporaryDirectory directory;
  runtime::SystemClock clock;
  runtime::SystemRandom random;
};

TEST_F(FileKeyHolderTest, signs_with_every_signing_role_and_its_public_key_verifies) {
  const auto holder = *open();
  for (const auto role : {KeyRole::seal, KeyRole::link, KeyRole::log, KeyRole::witness, KeyRole::exporting}) {
    const auto signature = holder->sign(role, view("liaison text"));
    ASSERT_TRUE(signature) << crypto::name(role);
    EXPECT_TRUE(holder->public_key(role)->verify(view("liaison text"), *signature));
    EXPECT_FALSE(holder->public_key(role)->verify(view("liaison texT"), *signature));
  }
  EXPECT_EQ(holder->tls_key().public_key().hash(), holder->public_key(KeyRole::tls)->hash());
}

TEST_F(FileKeyHolderTest, roles_do_only_their_own_work) {
  const auto holder = *open();
  EXPECT_EQ(holder->sign(KeyRole::seal, view("Liaison text")).error().code, Errc::invalid_argument);
  EXPECT_EQ(holder->sign(KeyRole::link, view("")).error().code, Errc::invalid_argument);
  EXPECT_EQ(holder->sign(KeyRole::tls, view("liaison text")).error().code, Errc::invalid_argument);
  EXPECT_EQ(holder->sign(KeyRole::box, view("liaison text")).error().code, Errc::invalid_argument);
  EXPECT_EQ(holder->sign(KeyRole::authority, view("liaison text")).error().code, Errc::unknown_key);
  EXPECT_EQ(holder->public_key(KeyRole::policy).error().code, Errc::unknown_key);
}

TEST_F(FileKeyHolderTest, opens_what_was_sealed_to_the_current_and_to_an_older_box_key) {
  const auto older = crypto::PrivateKey::generate(crypto::KeyType::p256);
  ASSERT_TRUE(store::create_durably(keys_dir() / "box-2025.key", *older->to_pkcs8_pem({})));
  const auto holder = *open();
  for (const auto& to : {*holder->public_key(KeyRole::box), older->public_key()}) {
    Bytes ephemeral(32);
    random.fill(ephemeral);
    auto sender = crypto::hpke_setup_sender(to, view("info"), ephemeral, crypto::HpkeAead::aes_256_gcm);
    ASSERT_TRUE(sender);
    const auto sealed = sender->context.seal(view("aad"), view("plain"));
    const auto shared = holder->decapsulate(to.hash(), sender->enc);
    ASSERT_TRUE(shared);
    auto context = crypto::HpkeContext::from_shared_secret(shared->reveal(), view("info"), crypto::HpkeAead::aes_256_gcm);
    EXPECT_EQ(*context->open(view("aad"), *sealed), to_bytes("plain"));
  }
  EXPECT_EQ(holder->decapsulate(Hash{}, Bytes(65)).error().code, Errc::unknown_key);
}

TEST_F(FileKeyHolderTest, box_keys_come_and_go_while_it_is_open) {
  const auto holder = *open();
  const Hash first = holder->public_key(KeyRole::box)->hash();
  const Time day = parse_time("2026-06-01T10:00:00.000Z").value();
  const auto next = make_box_key(keys_dir(), {}, day);
  ASSERT_TRUE(next) << next.error().message();
  const Hash second = next->key.public_key().hash();
  EXPECT_EQ(make_box_key(keys_dir(), {}, day)->key.public_key().hash(), second) << "given again, the same key";
  EXPECT_EQ(holder->box_keys(), std::vector<Hash>{first});
  ASSERT_TRUE(holder->reload_box_keys());
  EXPECT_EQ(holder->box_keys().size(), 2u);
  EXPECT_EQ(holder->public_key(KeyRole::box)->hash(), first) << "in use until the directory says otherwise";
  holder->use_box_key(second);
  EXPECT_EQ(holder->public_key(KeyRole::box)->hash(), second);
  ASSERT_TRUE(holder->destroy_box_key(first));
  EXPECT_FALSE(std::filesystem::exists(keys_dir() / "box.key"));
  EXPECT_EQ(holder->decapsulate(first, Bytes(65)).error().code, Errc::unknown_key);
  EXPECT_EQ(holder->public_key(KeyRole::box)->hash(), second);
  EXPECT_EQ(holder->destroy_box_key(second).error().code, Errc::not_found) << "never the last one";
  EXPECT_NE(make_box_key(keys_dir(), {}, day + std::chrono::hours(24))->key.public_key().hash(), second);
}

TEST_F(FileKeyHolderTest, new_keys_never_overwrite_old_ones) {
  const Bytes before = *store::read_file(keys_dir() / "seal.key", 4096);
  std::filesystem::remove(keys_dir() / "tls.key");
  EXPECT_EQ(generate_keys(keys_dir(), {}).error().code, Errc::already_exists);
  EXPECT_FALSE(std::filesystem::exists(keys_dir() / "tls.key"));
  EXPECT_EQ(*store::read_file(keys_dir() / "seal.key", 4096), before);
}

TEST_F(FileKeyHolderTest, files_and_directory_are_private) {
  for (const auto role : node_roles()) {
    struct stat info {};
    ASSERT_EQ(::stat(key_file(keys_dir(), role).c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600u);
  }
  ASSERT_EQ(::chmod((keys_dir() / "link.key").c_str(), 0644), 0);
  EXPECT_EQ(refusal().code, Errc::key_unprotected);
  EXPECT_NE(refusal().detail.find("chmod 600 " + (keys_dir() / "link.key").string()), std::string::npos);
  ASSERT_EQ(::chmod((keys_dir() / "link.key").c_str(), 0600), 0);
  ASSERT_EQ(::chmod(keys_dir().c_str(), 0750), 0);
  EXPECT_EQ(refusal().code, Errc::key_unprotected);
}

TEST_F(FileKeyHolderTest, a_missing_key_is_named_with_the_command_that_makes_it) {
  for (const auto role : node_roles()) {
    const auto file = key_file(keys_dir(), role);
    std::filesystem::rename(file, directory / "away");
    const auto why = refusal();
    EXPECT_EQ(why.code, Errc::key_missing);
    EXPECT_NE(why.detail.find(file.string()), std::string::npos);
    EXPECT_NE(why.detail.find("liaison keys init"), std::string::npos);
    std::filesystem::rename(directory / "away", file);
  }
  std::filesystem::rename(keys_dir(), directory / "away");
  EXPECT_EQ(refusal().code, Errc::key_missing);
}

TEST_F(FileKeyHolderTest, damaged_shared_and_wrong_keys_are_refused) {
  const auto link = keys_dir() / "link.key";
  const Bytes good = *store::read_file(link, 4096);
  ASSERT_TRUE(store::write_durably(link, view("-----BEGIN nothing-----\n")));
  EXPECT_EQ(refusal().code, Errc::key_not_valid);
  std::filesystem::copy_file(keys_dir() / "log.key", link, std::filesystem::copy_options::overwrite_existing);
  EXPECT_EQ(refusal().code, Errc::key_not_valid);  // Ed25519 where P-256 is needed
  std::filesystem::copy_file(keys_dir() / "seal.key", link, std::filesystem::copy_options::overwrite_existing);
  EXPECT_NE(refusal().detail.find("serves another role"), std::string::npos);
  ASSERT_TRUE(store::write_durably(link, good));
  EXPECT_TRUE(open());
}

TEST_F(FileKeyHolderTest, a_passphrase_opens_the_keys_and_its_absence_or_error_is_named) {
  std::filesystem::remove_all(keys_dir());
  ASSERT_TRUE(generate_keys(keys_dir(), view("correct horse")));
  EXPECT_NE(text(*store::read_file(keys_dir() / "seal.key", 4096)).find("ENCRYPTED"), std::string_view::npos);
  EXPECT_EQ(refusal().code, Errc::key_missing);
  EXPECT_NE(refusal().detail.find("passphrase_file"), std::string::npos);
  ASSERT_TRUE(store::write_durably(directory / "pass", view("wrong\n")));
  EXPECT_EQ(refusal(directory / "pass").code, Errc::key_missing);
  ASSERT_TRUE(store::write_durably(directory / "pass", view("correct horse\n")));
  const auto holder = open(directory / "pass");
  ASSERT_TRUE(holder) << holder.error().message();
  const auto key = (*holder)->new_data_key();
  ASSERT_TRUE(key);
  EXPECT_TRUE(equal((*holder)->data_key(key->id)->reveal(), key->key.reveal()));
  const std::uint64_t gone[] = {key->id};
  ASSERT_TRUE((*holder)->destroy_data_keys(gone));
  EXPECT_EQ((*holder)->data_key(key->id).error().code, Errc::not_found);
}

TEST(PassphraseTest, comes_from_the_file_or_the_systemd_credential_and_must_not_be_empty) {
  support::TemporaryDirectory directory;
  ::unsetenv("CREDENTIALS_DIRECTORY");
  EXPECT_TRUE(load_passphrase({})->empty());
  EXPECT_EQ(load_passphrase(directory / "none").error().code, Errc::key_missing);
  ASSERT_TRUE(store::write_durably(directory / "liaison-passphrase", view("from systemd\n")));
  ::setenv("CREDENTIALS_DIRECTORY", directory.path().c_str(), 1);
  EXPECT_TRUE(equal(load_passphrase({})->reveal(), view("from systemd")));
  ::unsetenv("CREDENTIALS_DIRECTORY");
  ASSERT_TRUE(store::write_durably(directory / "empty", view("\n")));
  EXPECT_EQ(load_passphrase(directory / "empty").error().code, Errc::key_missing);
}

TEST(HardenTest, forbids_core_files_and_tracing) {
  EXPECT_EXIT(
      {
        rlimit limit{};
        const bool good = harden_process() && ::getrlimit(RLIMIT_CORE, &limit) == 0 && limit.rlim_max == 0 && ::prctl(PR_GET_DUMPABLE) == 0;
        ::_exit(good ? 0 : 1);
      },
      testing::ExitedWithCode(0), "");
}

TEST(RandomTest, fills_every_byte_and_never_the_same_twice) {
  runtime::SystemRandom random;
  Bytes a(3 << 20), b(3 << 20);
  random.fill(a);
  random.fill(b);
  EXPECT_NE(a, b);
  std::array<int, 256> seen{};
  for (auto byte : a) ++seen[byte];
  for (int count : seen) EXPECT_NEAR(count, (3 << 20) / 256, 1500);
  random.fill({});
}

TEST(ClockTest, goes_forward_in_milliseconds) {
  const runtime::SystemClock clock;
  const auto first = clock.monotonic();
  EXPECT_GT(clock.now(), *parse_time("2024-01-01T00:00:00.000Z"));
  EXPECT_LE(first, clock.monotonic());
}

}  // namespace
}  // namespace liaison::keys::test
