// Issuing CAs, revocation lists and OCSP answers of the CA library, judged by the node's own check and by openssl and NSS, who share no code with it.
#include "pki/revocation.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "core/crypto/certificate.h"
#include "core/crypto/revocation_list.h"
#include "pki/request.h"
#include "tests/support/temporary_directory.h"

namespace liaison::pki {
namespace {

using crypto::KeyRole;
using crypto::PrivateKey;

// Foreign tools judge by the clock of the test run.
const Time now = std::chrono::floor<Milliseconds>(std::chrono::system_clock::now());
PrivateKey new_key() { return PrivateKey::generate(crypto::KeyType::p256).value(); }

RegisteredCertificate entry_of(const Bytes& der, const std::string& role = "tls") {
  const auto summary = summarise(der).value();
  return {summary.serial, role, "ke.customs", summary.key, summary.from, summary.to, der, true};
}

// A country as it should be: an offline root, an issuing CA, two agencies' certificates.
struct Country {
  CountryCa root = make_country_ca({"demo", "ke", std::chrono::days(3650), now}).value();
  CountryCa issuing = make_issuing();
  Bytes leaf = make_leaf("ke.customs"), other = make_leaf("ke.ncb");
  Register of_root, of_issuing;
  Country() {
    liaison_assert(of_root.add_issued(entry_of(issuing.certificate, "ca")).has_value());
    for (const auto& one : {leaf, other}) liaison_assert(of_issuing.add_issued(entry_of(one)).has_value());
  }
  CountryCa make_issuing() const {
    auto key = new_key();
    const Bytes request = make_issuing_request("demo", "ke", key).value();
    return open_country_ca(issue_issuing_ca(root, request, std::chrono::days(730), now).value(), std::move(key)).value();
  }
  Bytes make_leaf(const std::string& agency) const {
    const auto key = new_key();
    return issue(issuing, make_request({"demo", agency, KeyRole::tls}, key).value(), KeyRole::tls, now).value();
  }
  void revoke(const Bytes& one) { liaison_assert((one == issuing.certificate ? of_root : of_issuing).add_revoked(summarise(one)->serial, {now, "keyCompromise"}).has_value()); }
  std::vector<Bytes> lists() const {
    const RevocationListOrder order{1, now, now + std::chrono::days(7)};
    return {make_revocation_list(root, of_root, order).value(), make_revocation_list(issuing, of_issuing, order).value()};
  }
};

Result<crypto::CertificateFacts> checked(const Country& country, const Bytes& leaf) {
  const std::vector<Bytes> chain{leaf, country.issuing.certificate}, anchors{country.root.certificate}, lists = country.lists();
  return crypto::check_chain({"demo", "ke", KeyRole::tls, now, lists, Seconds{0}}, chain, anchors);
}

TEST(IssuingCa, CertifiesBelowTheRootAndNoFurther) {
  const Country country;
  const auto facts = checked(country, country.leaf);
  ASSERT_TRUE(facts) << facts.error().message();
  EXPECT_EQ(country.issuing.country, "ke");
  EXPECT_LT(country.issuing.not_after, country.root.not_after);
  const Bytes request = make_issuing_request("demo", "ke", new_key()).value();
  EXPECT_EQ(issue_issuing_ca(country.issuing, request, std::chrono::days(30), now).error().code, Errc::not_permitted);
  EXPECT_EQ(issue_issuing_ca(country.root, make_issuing_request("demo", "ug", new_key()).value(), std::chrono::days(30), now).error().code, Errc::not_permitted);
  EXPECT_EQ(issue_issuing_ca(country.root, make_issuing_request("other", "ke", new_key()).value(), std::chrono::days(30), now).error().code, Errc::not_permitted);
  EXPECT_EQ(issue_issuing_ca(country.root, make_request({"demo", "ke.customs", KeyRole::tls}, new_key()).value(), std::chrono::days(30), now).error().code, Errc::not_permitted);
  EXPECT_FALSE(issue(country.root, request, KeyRole::tls, now));
}

TEST(RevocationListOfOurCa, IsReadByTheNode) {
  Country country;
  EXPECT_TRUE(checked(country, country.leaf));
  country.revoke(country.leaf);
  EXPECT_NE(checked(country, country.leaf).error().detail.find("certificate revoked at depth 0"), std::string::npos);
  EXPECT_TRUE(checked(country, country.other));
  const auto facts = crypto::read_revocation_list(country.lists()[1]).value();
  EXPECT_EQ(facts.number, 1u);
  EXPECT_EQ(facts.entries, 1u);
}

// The root's list alone takes a stolen issuing CA away, with everything it ever signed; the root stays, the next issuing CA works.
TEST(RevocationListOfOurCa, AStolenIssuingCaIsCuredWithoutANewRoot) {
  Country country;
  country.revoke(country.issuing.certificate);
  EXPECT_NE(checked(country, country.leaf).error().detail.find("certificate revoked at depth 1"), std::string::npos);
  const Bytes root_list = country.lists()[0];
  country.issuing = country.make_issuing();
  const std::vector<Bytes> chain{country.make_leaf("ke.customs"), country.issuing.certificate}, anchors{country.root.certificate}, lists{root_list};
  const auto again = crypto::check_chain({"demo", "ke", KeyRole::tls, now, lists, Seconds{0}}, chain, anchors);
  EXPECT_TRUE(again) << again.error().message();
}

TEST(RevocationListOfOurCa, LeavesOutWhatRanOutLongAgo) {
  Country country;
  country.revoke(country.leaf);
  const auto entries_at = [&](std::chrono::days later) {
    return crypto::read_revocation_list(make_revocation_list(country.issuing, country.of_issuing, {2, now + later, now + later + std::chrono::days(7)}).value())->entries;
  };
  EXPECT_EQ(entries_at(std::chrono::days(89)), 1u);
  EXPECT_EQ(entries_at(std::chrono::days(96)), 1u);
  EXPECT_EQ(entries_at(std::chrono::days(98)), 0u);
}

TEST(Ocsp, GarbageIsAnsweredAsMalformed) {
  const Country country;
  const RevocationListOrder order{0, now, now + std::chrono::hours(1)};
  const Bytes malformed{0x30, 0x03, 0x0A, 0x01, 0x01};
  EXPECT_EQ(answer_ocsp(country.issuing, country.of_issuing, to_bytes("nonsense"), order).value(), malformed);
  EXPECT_EQ(answer_ocsp(country.issuing, country.of_issuing, {}, order).value(), malformed);
  EXPECT_EQ(answer_ocsp(country.issuing, country.of_issuing, Bytes(17 << 10, 0x30), order).value(), malformed);
}

class ForeignTools : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const std::string tool : {"openssl", "certutil", "crlutil", "certtool"})
      ASSERT_EQ(std::system(("command -v " + tool + " >/dev/null 2>&1").c_str()), 0) << tool << " is missing: deploy/setup test installs it";
    write("root.pem", pem(country_.root.certificate));
    write("issuing.pem", pem(country_.issuing.certificate));
    write("leaf.pem", pem(country_.leaf));
    write("other.pem", pem(country_.other));
  }
  static std::string pem(const Bytes& der) { return to_pem("CERTIFICATE", der); }
  void write(const std::string& name, std::string_view content) const { std::ofstream(folder_ / name, std::ios::binary) << content; }
  int run(const std::string& command) const { return std::system(("cd '" + folder_.path().string() + "' && (" + command + ") >log 2>&1").c_str()); }
  std::string log() const {
    std::ifstream file(folder_ / "log");
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void write_lists() const {
    const auto lists = country_.lists();
    write("lists.pem", to_pem("X509 CRL", lists[0]) + to_pem("X509 CRL", lists[1]));
    write("issuing.crl", text(lists[1]));
  }
  Country country_;
  support::TemporaryDirectory folder_;
};

TEST_F(ForeignTools, OpensslFollowsTheChainAndTheLists) {
  country_.revoke(country_.leaf);
  write_lists();
  const std::string verify = "openssl verify -x509_strict -no-CApath -no-CAstore -CAfile root.pem -untrusted issuing.pem -CRLfile lists.pem -crl_check_all ";
  EXPECT_EQ(run(verify + "-purpose sslclient other.pem"), 0) << log();
  EXPECT_NE(run(verify + "leaf.pem"), 0);
  EXPECT_NE(log().find("certificate revoked"), std::string::npos) << log();
}

TEST_F(ForeignTools, GnutlsFollowsTheChainAndTheLists) {
  country_.revoke(country_.leaf);
  write_lists();
  EXPECT_EQ(run("cat other.pem issuing.pem > chain.pem && certtool --verify --load-ca-certificate root.pem --load-crl lists.pem --infile chain.pem"), 0) << log();
  EXPECT_NE(run("cat leaf.pem issuing.pem > chain.pem && certtool --verify --load-ca-certificate root.pem --load-crl lists.pem --infile chain.pem"), 0);
  EXPECT_NE(log().find("revoked"), std::string::npos) << log();
}

TEST_F(ForeignTools, NssFollowsTheChainAndTheLists) {
  country_.revoke(country_.leaf);
  write_lists();
  ASSERT_EQ(run("mkdir db && certutil -N -d sql:db --empty-password && certutil -A -d sql:db -n root -t CT,, -a -i root.pem && certutil -A -d sql:db -n issuing -t ,, -a -i issuing.pem && "
                "certutil -A -d sql:db -n leaf -t ,, -a -i leaf.pem && certutil -A -d sql:db -n other -t ,, -a -i other.pem"),
            0)
      << log();
  for (const std::string name : {"leaf", "other"})
    for (const std::string usage : {"V", "C"}) EXPECT_EQ(run("certutil -V -d sql:db -n " + name + " -u " + usage), 0) << log();
  ASSERT_EQ(run("crlutil -I -d sql:db -i issuing.crl -t 1"), 0) << log();
  EXPECT_EQ(run("certutil -V -d sql:db -n other -u C"), 0) << log();
  EXPECT_NE(run("certutil -V -d sql:db -n leaf -u C"), 0);
  EXPECT_NE(log().find("revoked"), std::string::npos) << log();
}

TEST_F(ForeignTools, OpensslUnderstandsTheOcspAnswers) {
  country_.revoke(country_.leaf);
  const auto stranger = Country().leaf;
  write("stranger.pem", pem(stranger));
  const auto status = [&](const std::string& certificate) {
    EXPECT_EQ(run("openssl ocsp -issuer issuing.pem -cert " + certificate + " -reqout request.der"), 0) << log();
    std::ifstream file(folder_ / "request.der", std::ios::binary);
    const std::string request{std::istreambuf_iterator<char>(file), {}};
    write("answer.der", text(answer_ocsp(country_.issuing, country_.of_issuing, view(request), {0, now, now + std::chrono::hours(1)}).value()));
    EXPECT_EQ(run("openssl ocsp -issuer issuing.pem -cert " + certificate + " -no_nonce -respin answer.der -CAfile root.pem -verify_other issuing.pem -trust_other"), 0) << log();
    EXPECT_NE(log().find("Response verify OK"), std::string::npos) << log();
    return log();
  };
  EXPECT_NE(status("other.pem").find("other.pem: good"), std::string::npos) << log();
  EXPECT_NE(status("leaf.pem").find("leaf.pem: revoked"), std::string::npos) << log();
  EXPECT_NE(log().find("keyCompromise"), std::string::npos) << log();
  EXPECT_NE(status("stranger.pem").find("stranger.pem: unknown"), std::string::npos) << log();
}

}  // namespace
}  // namespace liaison::pki
