// A country's CA from root to revocation on real files, and every command interrupted at every step: given again it goes on, and nothing is issued twice.
#include "admin-cli/ca_commands.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "admin-cli/key_commands.h"
#include "core/crypto/certificate.h"
#include "core/crypto/revocation_list.h"
#include "pki/register.h"
#include "pki/request.h"
#include "tests/support/temporary_directory.h"

namespace liaison::cli {
namespace {

const Time now = parse_time("2026-06-01T00:00:00.000Z").value();

class CaCommands : public ::testing::Test {
 protected:
  std::string read(const std::filesystem::path& path) const {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  std::string told() {
    const std::string all = out_.str() + err_.str();
    out_.str({});
    err_.str({});
    return all;
  }
  void make_root() { ASSERT_EQ(ca_init({"demo", "ke", std::chrono::days(3650), dir_ / "root", {}}, context_), 0) << told(); }
  void make_issuing() {
    ASSERT_EQ(ca_request({"demo", "ke", dir_ / "issuing", {}, dir_ / "issuing.csr"}, context_), 0) << told();
    ASSERT_EQ(ca_issuing({dir_ / "root", {}, dir_ / "issuing.csr", dir_ / "issuing/ca.crt"}, context_), 0) << told();
  }
  // Keys of one agency and the request for one of them.
  std::filesystem::path request(const std::string& name, const std::string& role = "tls", const std::string& agency = "ke.customs") {
    if (!std::filesystem::exists(dir_ / name)) {
      EXPECT_EQ(keys_init({dir_ / name, {}}, context_), 0) << told();
    }
    EXPECT_EQ(csr({dir_ / name, {}, dir_ / (name + role + ".csr"), "demo", agency, role}, context_), 0) << told();
    told();
    return dir_ / (name + role + ".csr");
  }
  CaIssue order(const std::filesystem::path& csr, const std::string& out) const { return {dir_ / "issuing", {}, csr, dir_ / out, {}}; }
  pki::Register entries(const std::string& ca = "issuing") const { return pki::Register::parse(read(dir_ / ca / "register.txt")).value(); }
  std::vector<Bytes> chain(const std::string& file) const {
    std::vector<Bytes> out;
    const std::string pem = read(dir_ / file), mark = "-----BEGIN CERTIFICATE-----\n";
    for (auto at = pem.find(mark); at != std::string::npos; at = pem.find(mark, at + 1))
      out.push_back(pki::from_pem("CERTIFICATE", view(pem.substr(at, pem.find("-----END CERTIFICATE-----\n", at) + 26 - at))).value());
    return out;
  }
  Result<crypto::CertificateFacts> verdict(const std::string& file, std::vector<Bytes> lists = {}) const {
    const std::vector<Bytes> anchors{pki::from_pem("CERTIFICATE", view(read(dir_ / "root/ca.crt"))).value()};
    return crypto::check_chain({"demo", "ke", crypto::KeyRole::tls, now, lists, Seconds{0}}, chain(file), anchors);
  }
  OfflineContext interrupted_at(std::string wanted) {
    OfflineContext out{out_, err_, now, {}};
    out.on_step = [wanted = std::move(wanted)](std::string_view step) -> Result<void> {
      if (step == wanted) return fail(Errc::store_failed, "the power went");
      return {};
    };
    return out;
  }

  support::TemporaryDirectory dir_;
  std::ostringstream out_, err_;
  OfflineContext context_{out_, err_, now, {}};
};

TEST_F(CaCommands, FromRootToRevocation) {
  make_root();
  make_issuing();
  ASSERT_EQ(ca_issue(order(request("keys"), "tls.pem"), context_), 0) << told();
  EXPECT_EQ(chain("tls.pem").size(), 2u) << "the issuing CA travels with what it issued";
  const auto facts = verdict("tls.pem");
  ASSERT_TRUE(facts) << facts.error().message();
  told();
  ASSERT_EQ(ca_list({dir_ / "issuing"}, context_), 0);
  EXPECT_NE(told().find("90 days left"), std::string::npos);
  ASSERT_EQ(ca_crl({dir_ / "issuing", {}, dir_ / "1.crl"}, context_), 0) << told();
  EXPECT_TRUE(verdict("tls.pem", {to_bytes(read(dir_ / "1.crl"))}));
  ASSERT_EQ(ca_revoke({dir_ / "issuing", facts->serial, "keyCompromise"}, context_), 0) << told();
  ASSERT_EQ(ca_crl({dir_ / "issuing", {}, dir_ / "2.crl"}, context_), 0) << told();
  EXPECT_NE(verdict("tls.pem", {to_bytes(read(dir_ / "2.crl"))}).error().detail.find("revoked"), std::string::npos);
  EXPECT_EQ(crypto::read_revocation_list(to_bytes(read(dir_ / "2.crl")))->number, 2u);
  EXPECT_EQ(ca_revoke({dir_ / "issuing", facts->serial, "keyCompromise"}, context_), 2) << "once is enough";
  EXPECT_EQ(ca_revoke({dir_ / "issuing", "00ff", "superseded"}, context_), 2);
  EXPECT_EQ(ca_revoke({dir_ / "issuing", facts->serial, "boredom"}, context_), 2);
}

TEST_F(CaCommands, AKeyGetsOneCertificate) {
  make_root();
  make_issuing();
  const auto csr_file = request("keys");
  ASSERT_EQ(ca_issue(order(csr_file, "tls.pem"), context_), 0) << told();
  told();
  EXPECT_EQ(ca_issue(order(csr_file, "again.pem"), context_), 1);
  EXPECT_NE(told().find("make a new key"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(dir_ / "again.pem"));
  EXPECT_EQ(entries().certificates().size(), 1u);
}

TEST_F(CaCommands, RenewalNeedsAPredecessorAndANewKeyUnlessSaidOtherwise) {
  make_root();
  make_issuing();
  auto renewal = order(request("keys"), "next.pem");
  renewal.renewal = true;
  EXPECT_EQ(ca_issue(renewal, context_), 2) << "nothing to renew yet";
  ASSERT_EQ(ca_issue(order(dir_ / "keystls.csr", "tls.pem"), context_), 0) << told();
  EXPECT_EQ(ca_issue(renewal, context_), 1) << "the same key";
  renewal.same_key = true;
  EXPECT_EQ(ca_issue(renewal, context_), 0) << told();
  auto with_new_key = order(request("other"), "new.pem");
  with_new_key.renewal = true;
  EXPECT_EQ(ca_issue(with_new_key, context_), 0) << told();
  const auto issued = entries();
  EXPECT_EQ(issued.certificates().size(), 3u);
  EXPECT_TRUE(verdict("next.pem"));
  EXPECT_TRUE(verdict("new.pem"));
}

TEST_F(CaCommands, AnInterruptedIssueGoesOn) {
  make_root();
  make_issuing();
  int round = 0;
  for (const std::string step : {"recorded", "written"}) {
    const std::string keys = "keys" + std::to_string(++round), out = keys + ".pem";
    const auto what = order(request(keys, "tls", "ke.a" + std::to_string(round)), out);
    EXPECT_EQ(ca_issue(what, interrupted_at(step)), 2) << step;
    EXPECT_EQ(std::filesystem::exists(dir_ / out), step == "written");
    const auto recorded = entries().certificates();
    ASSERT_EQ(recorded.size(), static_cast<std::size_t>(round)) << "nothing leaves that is not recorded";
    EXPECT_FALSE(recorded.back().handed_over);
    told();
    ASSERT_EQ(ca_list({dir_ / "issuing"}, context_), 0);
    EXPECT_NE(told().find("give the same command again"), std::string::npos);
    ASSERT_EQ(ca_issue(what, context_), 0) << told();
    EXPECT_EQ(chain(out)[0], recorded.back().certificate) << "the same certificate, not a second one";
    EXPECT_EQ(entries().certificates().size(), static_cast<std::size_t>(round));
    EXPECT_TRUE(entries().certificates().back().handed_over);
  }
}

TEST_F(CaCommands, AnInterruptedSetUpGoesOn) {
  const CaInit root{"demo", "ke", std::chrono::days(3650), dir_ / "root", {}};
  EXPECT_EQ(ca_init(root, interrupted_at("key")), 2);
  const std::string key = read(dir_ / "root/ca.key");
  ASSERT_EQ(ca_init(root, context_), 0) << told();
  EXPECT_EQ(read(dir_ / "root/ca.key"), key);
  EXPECT_EQ(ca_init(root, context_), 2) << "a CA in use is never replaced";
  const CaRequest request{"demo", "ke", dir_ / "issuing", {}, dir_ / "issuing.csr"};
  EXPECT_EQ(ca_request(request, interrupted_at("key")), 2);
  ASSERT_EQ(ca_request(request, context_), 0) << told();
  const CaIssuing issuing{dir_ / "root", {}, dir_ / "issuing.csr", dir_ / "issuing/ca.crt"};
  for (const std::string step : {"recorded", "written"}) EXPECT_EQ(ca_issuing(issuing, interrupted_at(step)), 2) << step;
  ASSERT_EQ(ca_issuing(issuing, context_), 0) << told();
  EXPECT_EQ(entries("root").certificates().size(), 1u);
}

TEST_F(CaCommands, AnInterruptedListLeavesItsNumberUnused) {
  make_root();
  make_issuing();
  EXPECT_EQ(ca_crl({dir_ / "issuing", {}, dir_ / "1.crl"}, interrupted_at("recorded")), 2);
  EXPECT_FALSE(std::filesystem::exists(dir_ / "1.crl"));
  ASSERT_EQ(ca_crl({dir_ / "issuing", {}, dir_ / "1.crl"}, context_), 0) << told();
  EXPECT_EQ(crypto::read_revocation_list(to_bytes(read(dir_ / "1.crl")))->number, 2u);
}

TEST_F(CaCommands, AHalfWrittenLineIsCutOffAndAChangedOneStopsTheCa) {
  make_root();
  make_issuing();
  ASSERT_EQ(ca_issue(order(request("keys"), "tls.pem"), context_), 0) << told();
  const auto file = dir_ / "issuing/register.txt";
  const std::string before = read(file);
  std::ofstream(file, std::ios::app) << "issued 4a4b tls ke.cust";
  ASSERT_EQ(ca_issue(order(request("other"), "other.pem"), context_), 0) << told();
  EXPECT_TRUE(read(file).starts_with(before + "issued ")) << "nothing of the torn line is left";
  EXPECT_EQ(entries().certificates().size(), 2u);
  std::string changed = read(file);
  changed.replace(changed.find("ke.customs"), 10, "ke.thieves");
  std::ofstream(file, std::ios::trunc) << changed;
  told();
  EXPECT_EQ(ca_issue(order(request("third"), "third.pem"), context_), 1);
  EXPECT_NE(told().find("register, line 1"), std::string::npos);
}

TEST_F(CaCommands, TheRootWithdrawsAnIssuingCa) {
  make_root();
  make_issuing();
  ASSERT_EQ(ca_issue(order(request("keys"), "tls.pem"), context_), 0) << told();
  ASSERT_EQ(ca_revoke({dir_ / "root", entries("root").certificates()[0].serial, "cACompromise"}, context_), 0) << told();
  ASSERT_EQ(ca_crl({dir_ / "root", {}, dir_ / "root.crl", std::chrono::days(180)}, context_), 0) << told();
  EXPECT_NE(verdict("tls.pem", {to_bytes(read(dir_ / "root.crl"))}).error().detail.find("revoked at depth 1"), std::string::npos);
}

}  // namespace
}  // namespace liaison::cli
