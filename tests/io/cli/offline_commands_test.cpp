// The offline administrator commands from the first CA to a verified directory, on real files: what they make, what they refuse, and their exit codes.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <sstream>

#include "admin-cli/ca_commands.h"
#include "admin-cli/directory_commands.h"
#include "admin-cli/directory_edits.h"
#include "admin-cli/directory_versions.h"
#include "admin-cli/key_commands.h"
#include "core/directory/directory.h"
#include "pki/request.h"
#include "tests/support/temporary_directory.h"

namespace liaison::cli {
namespace {

using crypto::KeyRole;

const Time now = parse_time("2026-06-01T00:00:00.000Z").value();

class OfflineCommands : public ::testing::Test {
 protected:
  OfflineCommands() {
    std::ofstream(passphrase_) << "correct horse\n";
    ::chmod(passphrase_.c_str(), 0600);
  }
  std::string read(const std::filesystem::path& path) const {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  mode_t mode(const std::filesystem::path& path) const {
    struct stat facts{};
    return ::stat(path.c_str(), &facts) == 0 ? facts.st_mode & 07777 : 0;
  }
  std::string told() {
    const std::string all = out_.str() + err_.str();
    out_.str({});
    err_.str({});
    return all;
  }
  void make_ca() { ASSERT_EQ(ca_init({"demo", "ke", std::chrono::days(3650), dir_ / "ca", passphrase_}, context_), 0) << told(); }
  void make_keys() { ASSERT_EQ(keys_init({dir_ / "keys", passphrase_}, context_), 0) << told(); }
  void make_directory() {
    told();  // other commands print key hashes too
    DirectoryInit init;
    init.realm = "demo";
    init.source = source_;
    init.authority_key = dir_ / "authority.key";
    init.passphrase_file = passphrase_;
    ASSERT_EQ(directory_init(init, context_), 0) << told();
    const std::string said = told();
    const auto at = said.find("key hash") + 8;
    pin_ = said.substr(said.find_first_not_of(' ', at), 44);
    ASSERT_TRUE(hash_from_base64(pin_)) << said;
  }
  DirectoryAdd customs() const {
    DirectoryAdd add;
    add.source = source_;
    add.request = dir_ / "request.json";
    add.ca_certificate = dir_ / "ca/ca.crt";
    add.id = "ke.customs";
    add.type = "customs";
    add.name = "Customs \"East\"";
    add.endpoints = {"127.0.0.1:7001"};
    add.channels = {"customs"};
    return add;
  }
  DirectorySign sign_as(const std::string& file) const { return {source_, {}, dir_ / file, dir_ / "authority.key", passphrase_, {}, nullptr}; }
  // Reads the summary, then agrees to exactly that one.
  int sign(DirectorySign command) {
    told();
    const int first = directory_sign(command, context_);
    if (first != static_cast<int>(OfflineExit::not_confirmed)) return first;
    const std::string said = told();
    command.yes = said.substr(said.find("\nsummary ") + 9, 64);
    return directory_sign(command, context_);
  }

  support::TemporaryDirectory dir_;
  std::filesystem::path passphrase_ = dir_ / "passphrase", source_ = dir_ / "directory.json";
  std::ostringstream out_, err_;
  OfflineContext context_{out_, err_, now};
  std::string pin_;
};

TEST_F(OfflineCommands, CaIssuesCertificatesForItsCountry) {
  make_ca();
  make_keys();
  EXPECT_EQ(mode(dir_ / "ca/ca.key"), 0600u);
  EXPECT_NE(read(dir_ / "ca/ca.key").find("ENCRYPTED PRIVATE KEY"), std::string::npos);
  for (const std::string role : {"tls", "seal"}) {
    const auto request = dir_ / (role + ".csr"), certificate = dir_ / (role + ".crt");
    ASSERT_EQ(csr({dir_ / "keys", passphrase_, request, "demo", "ke.customs", role}, context_), 0) << told();
    ASSERT_EQ(ca_issue({dir_ / "ca", passphrase_, request, certificate, {}}, context_), 0) << told();
    const std::vector<Bytes> chain{pki::from_pem("CERTIFICATE", view(read(certificate))).value()};
    const std::vector<Bytes> anchors{pki::from_pem("CERTIFICATE", view(read(dir_ / "ca/ca.crt"))).value()};
    EXPECT_TRUE(crypto::check_chain({"demo", "ke", *crypto::parse_key_role(role), now}, chain, anchors));
  }
  EXPECT_EQ(csr({dir_ / "keys", passphrase_, dir_ / "ug.csr", "demo", "ug.customs", "tls"}, context_), 0);
  told();
  EXPECT_EQ(ca_issue({dir_ / "ca", passphrase_, dir_ / "ug.csr", {}, {}}, context_), 1);
  EXPECT_EQ(told(), "liaison ca issue: ug.customs is not an agency of ke [not_permitted]\n");
  EXPECT_EQ(ca_issue({dir_ / "ca", passphrase_, dir_ / "tls.csr", {}, "seal"}, context_), 1);
  EXPECT_EQ(csr({dir_ / "keys", passphrase_, {}, "demo", "ke.customs", "link"}, context_), 2);
}

TEST_F(OfflineCommands, NothingIsReplacedAndMissingFilesAreNamed) {
  make_ca();
  const std::string key = read(dir_ / "ca/ca.key");
  EXPECT_EQ(ca_init({"demo", "ke", std::chrono::days(10), dir_ / "ca", passphrase_}, context_), 2);
  EXPECT_EQ(read(dir_ / "ca/ca.key"), key);
  make_keys();
  EXPECT_EQ(keys_init({dir_ / "keys", passphrase_}, context_), 2);
  told();
  EXPECT_EQ(ca_issue({dir_ / "ca", passphrase_, dir_ / "absent.csr", {}, {}}, context_), 2);
  EXPECT_NE(told().find("absent.csr"), std::string::npos);
  EXPECT_EQ(ca_issue({dir_ / "ca", {}, dir_ / "absent.csr", {}, {}}, context_), 2);
  EXPECT_EQ(ca_init({"demo", "KE", std::chrono::days(10), dir_ / "other", passphrase_}, context_), 2);
}

TEST_F(OfflineCommands, DirectoryFromRequestToVerifiedTable) {
  make_ca();
  make_keys();
  make_directory();
  EXPECT_EQ(mode(dir_ / "authority.key"), 0600u);
  ASSERT_EQ(keys_show({dir_ / "keys", passphrase_, dir_ / "request.json", "ke.customs", {}}, context_), 0) << told();
  EXPECT_EQ(read(dir_ / "request.json").find("PRIVATE"), std::string::npos);
  ASSERT_EQ(directory_add(customs(), context_), 0) << told();
  EXPECT_NE(read(source_).find("// from then on nodes warn"), std::string::npos);
  EXPECT_EQ(directory_add(customs(), context_), 2);
  EXPECT_NE(told().find("ke.customs is in the directory already"), std::string::npos);
  ASSERT_EQ(sign(sign_as("v1")), 0) << told();
  told();
  ASSERT_EQ(directory_show({dir_ / "v1", {pin_}}, context_), 0) << told();
  const std::string table = told();
  EXPECT_NE(table.find("ke.customs"), std::string::npos) << table;
  EXPECT_NE(table.find("127.0.0.1:7001"), std::string::npos) << table;
  const auto loaded = directory::Directory::load(view(read(dir_ / "v1")), {1, {*hash_from_base64(pin_)}});
  ASSERT_TRUE(loaded);
  EXPECT_EQ((*loaded)->find("ke.customs")->names.at("en"), "Customs \"East\"");
  EXPECT_TRUE((*loaded)->current_key("ke.customs", KeyRole::log, now));
  EXPECT_EQ((*loaded)->find("ke.customs")->keys.size(), 6u);
  ASSERT_NE((*loaded)->country("ke"), nullptr);
}

TEST_F(OfflineCommands, NextVersionNamesThePreviousOne) {
  make_directory();
  ASSERT_EQ(sign(sign_as("v1")), 0) << told();
  auto second = sign_as("v2");
  second.previous = dir_ / "v1";
  ASSERT_EQ(sign(second), 0) << told();
  const directory::AuthorityPins pins{1, {*hash_from_base64(pin_)}};
  const auto v1 = directory::Directory::load(view(read(dir_ / "v1")), pins).value();
  const auto v2 = directory::Directory::load(view(read(dir_ / "v2")), pins).value();
  EXPECT_EQ(v2->version(), 2u);
  EXPECT_TRUE(directory::check_successor(*v1, *v2));
  EXPECT_EQ(sign(sign_as("v1")), 2);
  auto again = sign_as("v1");
  again.source.clear();
  EXPECT_EQ(directory_sign(again, context_), 2);
}

TEST_F(OfflineCommands, NobodySignsAnUnreadOrChangedSummary) {
  make_directory();
  ASSERT_EQ(directory_make({source_, {}, dir_ / "v1"}, context_), 0) << told();
  const std::string unsigned_file = read(dir_ / "v1");
  auto alone = sign_as("v1");
  alone.source.clear();
  EXPECT_EQ(directory_sign(alone, context_), static_cast<int>(OfflineExit::not_confirmed));
  alone.yes = "0123456789abcdef";
  EXPECT_EQ(directory_sign(alone, context_), 1);
  EXPECT_NE(told().find("--yes names another summary"), std::string::npos);
  EXPECT_EQ(read(dir_ / "v1"), unsigned_file);
  std::istringstream no("n\n"), yes("yes\n");
  alone.yes.clear();
  alone.in = &no;
  EXPECT_EQ(directory_sign(alone, context_), static_cast<int>(OfflineExit::not_confirmed));
  alone.in = &yes;
  EXPECT_EQ(directory_sign(alone, context_), 0) << told();
  EXPECT_EQ(directory_sign(alone, context_), 2);  // the same key twice
  EXPECT_NE(told().find("already signed"), std::string::npos);
  ASSERT_EQ(directory_key({dir_ / "stranger.key", passphrase_}, context_), 0);
  alone.authority_key = dir_ / "stranger.key";
  EXPECT_EQ(directory_sign(alone, context_), 1);
  EXPECT_NE(told().find("is not one of the directory's authorities"), std::string::npos);
}

TEST_F(OfflineCommands, TwoMachinesSignAndTheirFilesAreMerged) {
  make_directory();
  told();
  ASSERT_EQ(directory_key({dir_ / "second.key", passphrase_}, context_), 0);
  const std::string said = told();
  const auto spki = said.substr(said.find("public key     ") + 15, said.find("\nkey hash") - said.find("public key     ") - 15);
  const auto two = [&](const directory::Authored& source) { return directory::change_authorities(source, {{*from_base64(spki)}, {}, 2}); };
  ASSERT_EQ(edit_directory("directory authority", {source_, false}, two, context_), 0) << told();
  ASSERT_EQ(directory_make({source_, {}, dir_ / "here"}, context_), 0) << told();
  std::filesystem::copy_file(dir_ / "here", dir_ / "there");
  auto first = sign_as("here"), second = sign_as("there");
  first.source.clear();
  second.source.clear();
  second.authority_key = dir_ / "second.key";
  ASSERT_EQ(sign(first), 0) << told();
  ASSERT_EQ(sign(second), 0) << told();
  told();
  const std::string second_hash = said.substr(said.find("key hash       ") + 15, 44);
  EXPECT_EQ(directory_show({dir_ / "here", {pin_, second_hash}, 2}, context_), 1);
  ASSERT_EQ(directory_merge({{(dir_ / "here").string(), (dir_ / "there").string()}, dir_ / "v1"}, context_), 0) << told();
  EXPECT_EQ(directory_show({dir_ / "v1", {pin_, second_hash}, 2}, context_), 0) << told();
}

TEST_F(OfflineCommands, DryRunsWriteNothingAndTellWhetherAccessWidens) {
  make_keys();
  make_directory();
  ASSERT_EQ(keys_show({dir_ / "keys", passphrase_, dir_ / "request.json", "ke.customs", {}}, context_), 0) << told();
  const std::string before = read(source_);
  auto add = customs();
  add.ca_certificate.clear();
  add.dry_run = true;
  told();
  EXPECT_EQ(directory_add(add, context_), static_cast<int>(OfflineExit::widens));
  EXPECT_NE(told().find("WIDENS   ke.customs could newly read what is addressed to ke.customs"), std::string::npos);
  EXPECT_EQ(read(source_), before);
  add.dry_run = false;
  ASSERT_EQ(directory_add(add, context_), 0) << told();
  const auto suspend = [&](const directory::Authored& source) { return directory::suspend_agency(source, "ke.customs", now); };
  EXPECT_EQ(edit_directory("directory suspend", {source_, true}, suspend, context_), 0);
  std::ofstream(dir_ / "before") << before;
  EXPECT_EQ(directory_diff({dir_ / "before", source_}, context_), static_cast<int>(OfflineExit::widens));
  EXPECT_EQ(directory_diff({source_, source_}, context_), 0);
  EXPECT_EQ(directory_diff({source_, dir_ / "absent"}, context_), 2);
  EXPECT_EQ(directory_diff({source_, dir_ / "before"}, context_), 0) << told();
}

TEST_F(OfflineCommands, AnEditThatSomebodyElseOvertookIsNotWritten) {
  make_directory();
  const auto overtaken = [&](const directory::Authored& source) {
    std::ofstream(source_, std::ios::app) << "// a note of somebody else\n";
    return directory::change_validity(source, {now + std::chrono::days(700), now + std::chrono::days(710)});
  };
  EXPECT_NE(edit_directory("directory validity", {source_, false}, overtaken, context_), 0);
  EXPECT_NE(read(source_).find("a note of somebody else"), std::string::npos);
}

TEST_F(OfflineCommands, ShowRefusesWithoutTrustedSignature) {
  make_directory();
  ASSERT_EQ(sign(sign_as("v1")), 0);
  EXPECT_EQ(directory_show({dir_ / "v1", {}}, context_), 1);
  EXPECT_NE(told().find("NOT VERIFIED"), std::string::npos);
  EXPECT_EQ(directory_show({dir_ / "v1", {to_base64(Hash{})}}, context_), 1);
  EXPECT_EQ(directory_show({dir_ / "v1", {"x"}}, context_), 2);
  EXPECT_EQ(directory_show({dir_ / "absent", {pin_}}, context_), 2);
}

TEST_F(OfflineCommands, AddRefusesAnotherAgencysKeysAndBrokenSources) {
  make_ca();
  make_keys();
  make_directory();
  ASSERT_EQ(keys_show({dir_ / "keys", passphrase_, dir_ / "request.json", "ke.ncb", {}}, context_), 0);
  EXPECT_EQ(directory_add(customs(), context_), 1);
  EXPECT_NE(told().find("holds the keys of ke.ncb, not of ke.customs"), std::string::npos);
  const std::string before = read(source_);
  auto wrong = customs();
  wrong.id = "ke.ncb";
  wrong.endpoints = {"nowhere"};
  EXPECT_EQ(directory_add(wrong, context_), 1);
  EXPECT_EQ(read(source_), before);
}

}  // namespace
}  // namespace liaison::cli
