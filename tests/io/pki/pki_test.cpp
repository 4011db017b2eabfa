// The CA library against our own chain check and, where they are installed, against openssl and GnuTLS as judges who share no code with it.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "core/crypto/certificate.h"
#include "core/directory/directory.h"
#include "pki/ca.h"
#include "pki/request.h"
#include "tests/support/temporary_directory.h"

namespace liaison::pki {
namespace {

using crypto::KeyRole;
using crypto::PrivateKey;

const Time now = parse_time("2026-06-01T00:00:00.000Z").value();

// Certificates that foreign tools judge must be valid at the time of the test run.
Time today() { return std::chrono::floor<Milliseconds>(std::chrono::system_clock::now()); }

CountryCa ca_of(const std::string& country, Time at = now) { return make_country_ca({"demo", country, std::chrono::days(3650), at}).value(); }
PrivateKey new_key() { return PrivateKey::generate(crypto::KeyType::p256).value(); }

Bytes request_of(const std::string& agency, KeyRole role, const PrivateKey& key) { return make_request({"demo", agency, role}, key).value(); }

Bytes issued(const CountryCa& ca, const std::string& agency, KeyRole role, const PrivateKey& key, Time at = now) {
  return issue(ca, request_of(agency, role, key), role, at).value();
}

Result<crypto::CertificateFacts> checked(const Bytes& leaf, const CountryCa& ca, KeyRole role, Time at, std::string_view country = "ke") {
  const std::vector<Bytes> chain{leaf}, anchors{ca.certificate};
  return crypto::check_chain({"demo", country, role, at}, chain, anchors);
}

TEST(Pki, TlsCertificatePassesTheNodesCheck) {
  const auto ca = ca_of("ke");
  const auto key = new_key();
  const Bytes leaf = issued(ca, "ke.customs", KeyRole::tls, key);
  const auto facts = checked(leaf, ca, KeyRole::tls, now);
  ASSERT_TRUE(facts) << facts.error().message();
  EXPECT_EQ(facts->agency, "ke.customs");
  EXPECT_EQ(facts->key_hash, key.public_key().hash());
  EXPECT_EQ(facts->not_after, now + std::chrono::days(90));
  EXPECT_GE(facts->serial.size(), 16u);
  EXPECT_LE(facts->serial.size(), 40u);
  EXPECT_FALSE(checked(leaf, ca, KeyRole::tls, now + std::chrono::days(91)));
  EXPECT_FALSE(checked(leaf, ca, KeyRole::tls, now - std::chrono::hours(1)));
  EXPECT_FALSE(checked(leaf, ca, KeyRole::seal, now));
  EXPECT_FALSE(checked(leaf, ca_of("ke"), KeyRole::tls, now));
}

TEST(Pki, SealCertificatePassesTheNodesCheck) {
  const auto ca = ca_of("ke");
  const auto facts = checked(issued(ca, "ke.ncb", KeyRole::seal, new_key()), ca, KeyRole::seal, now);
  ASSERT_TRUE(facts) << facts.error().message();
  EXPECT_EQ(facts->role, KeyRole::seal);
  EXPECT_EQ(facts->not_after, now + std::chrono::days(730));
}

TEST(Pki, SerialsDiffer) {
  const auto ca = ca_of("ke");
  const auto key = new_key();
  const auto a = crypto::read_certificate("demo", issued(ca, "ke.customs", KeyRole::tls, key)).value();
  const auto b = crypto::read_certificate("demo", issued(ca, "ke.customs", KeyRole::tls, key)).value();
  EXPECT_NE(a.serial, b.serial);
}

TEST(Pki, CaNamesOnlyItsOwnCountryRealmAndRole) {
  const auto ca = ca_of("ke");
  const auto key = new_key();
  const auto refused = [&](const Bytes& request, KeyRole role) { return issue(ca, request, role, now).error(); };
  EXPECT_EQ(refused(request_of("ug.customs", KeyRole::tls, key), KeyRole::tls).code, Errc::not_permitted);
  EXPECT_EQ(refused(request_of("int.gs", KeyRole::tls, key), KeyRole::tls).code, Errc::not_permitted);
  EXPECT_EQ(refused(make_request({"other", "ke.customs", KeyRole::tls}, key).value(), KeyRole::tls).code, Errc::not_permitted);
  EXPECT_EQ(refused(request_of("ke.customs", KeyRole::tls, key), KeyRole::seal).code, Errc::not_permitted);
  EXPECT_EQ(refused(request_of("ke.customs", KeyRole::link, key), KeyRole::link).code, Errc::invalid_argument);
  EXPECT_EQ(refused(request_of("ke.customs", KeyRole::tls, ca.key), KeyRole::tls).code, Errc::not_permitted);
}

// A stolen CA key of one country, used with code that does not ask: the constraint in the certificate still holds.
TEST(Pki, NameConstraintHoldsWithoutOurChecks) {
  auto ca = ca_of("ke");
  ca.country = "ug";
  const Bytes forged = issued(ca, "ug.customs", KeyRole::tls, new_key());
  const auto facts = checked(forged, ca, KeyRole::tls, now, "ug");
  ASSERT_FALSE(facts);
  EXPECT_NE(facts.error().detail.find("permitted subtree"), std::string::npos) << facts.error().detail;
}

TEST(Pki, CertificateNeverOutlivesItsCa) {
  const auto ca = make_country_ca({"demo", "ke", std::chrono::days(30), now}).value();
  EXPECT_EQ(checked(issued(ca, "ke.customs", KeyRole::tls, new_key()), ca, KeyRole::tls, now)->not_after, now + std::chrono::days(30));
  EXPECT_EQ(issue(ca, request_of("ke.customs", KeyRole::tls, new_key()), KeyRole::tls, now + std::chrono::days(31)).error().code, Errc::expired);
}

TEST(Pki, CaOrdersAreChecked) {
  EXPECT_EQ(make_country_ca({"demo", "KE", std::chrono::days(30), now}).error().code, Errc::invalid_argument);
  EXPECT_EQ(make_country_ca({"de.mo", "ke", std::chrono::days(30), now}).error().code, Errc::invalid_argument);
  EXPECT_EQ(make_country_ca({"demo", "ke", std::chrono::days(0), now}).error().code, Errc::invalid_argument);
  EXPECT_TRUE(make_country_ca({"demo", "int", std::chrono::days(1), now}));
}

TEST(Pki, OpenedCaIsTheOneThatWasMade) {
  auto made = ca_of("ke");
  const Bytes certificate = made.certificate;
  const auto opened = open_country_ca(certificate, std::move(made.key));
  ASSERT_TRUE(opened) << opened.error().message();
  EXPECT_EQ(opened->realm, "demo");
  EXPECT_EQ(opened->country, "ke");
  EXPECT_EQ(opened->not_after, now + std::chrono::days(3650));
  EXPECT_EQ(open_country_ca(certificate, new_key()).error().code, Errc::key_not_valid);
  EXPECT_EQ(open_country_ca(issued(*opened, "ke.customs", KeyRole::tls, new_key()), new_key()).error().code, Errc::bad_format);
}

TEST(Pki, RequestProvesPossession) {
  const auto key = new_key();
  const Bytes der = request_of("ke.customs", KeyRole::tls, key);
  const auto request = read_request(der);
  ASSERT_TRUE(request) << request.error().message();
  EXPECT_EQ(request->subject.agency, "ke.customs");
  EXPECT_EQ(request->key.hash(), key.public_key().hash());
  for (std::size_t size = 0; size < der.size(); ++size) EXPECT_FALSE(read_request(ByteView(der).first(size))) << size;
  for (std::size_t bit = 0; bit < der.size() * 8; ++bit) {
    Bytes changed = der;
    changed[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
    EXPECT_FALSE(read_request(changed)) << bit;
  }
  EXPECT_FALSE(make_request({"demo", "Customs", KeyRole::tls}, key));
}

TEST(Pki, PemReadsBackAndRefusesOtherLabels) {
  const auto ca = ca_of("ke");
  const std::string pem = to_pem("CERTIFICATE", ca.certificate);
  EXPECT_EQ(from_pem("CERTIFICATE", view(pem)).value(), ca.certificate);
  EXPECT_EQ(from_pem("CERTIFICATE", ca.certificate).value(), ca.certificate);
  EXPECT_FALSE(from_pem("CERTIFICATE REQUEST", view(pem)));
  EXPECT_FALSE(from_pem("CERTIFICATE", view(pem + pem)));
  EXPECT_FALSE(from_pem("CERTIFICATE", view(pem.substr(0, pem.size() / 2))));
}

class ForeignJudge : public ::testing::Test {
 protected:
  static bool has(const std::string& tool) { return std::system(("command -v " + tool + " >/dev/null 2>&1").c_str()) == 0; }
  void write(const std::string& name, const std::string& content) const { std::ofstream(directory_ / name, std::ios::binary) << content; }
  int run(const std::string& command) const { return std::system(("cd '" + directory_.path().string() + "' && " + command + " >log 2>&1").c_str()); }
  std::string log() const {
    std::ifstream file(directory_ / "log");
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void write_chain(const CountryCa& ca, const Bytes& leaf) const {
    write("ca.pem", to_pem("CERTIFICATE", ca.certificate));
    write("leaf.pem", to_pem("CERTIFICATE", leaf));
    write("chain.pem", to_pem("CERTIFICATE", leaf) + to_pem("CERTIFICATE", ca.certificate));
  }
  support::TemporaryDirectory directory_;
};

TEST_F(ForeignJudge, OpensslAcceptsStrictly) {
  ASSERT_TRUE(has("openssl")) << "openssl is missing: deploy/setup test installs it";
  const auto ca = ca_of("ke", today());
  const std::string verify = "openssl verify -x509_strict -no-CApath -no-CAstore -CAfile ca.pem ";
  write_chain(ca, issued(ca, "ke.customs", KeyRole::tls, new_key(), today()));
  EXPECT_EQ(run(verify + "-purpose sslserver -verify_hostname customs.ke.demo.liaison.internal leaf.pem"), 0) << log();
  EXPECT_EQ(run(verify + "-purpose sslclient leaf.pem"), 0) << log();
  EXPECT_NE(run(verify + "-purpose smimesign leaf.pem"), 0) << log();
  write_chain(ca, issued(ca, "ke.ncb", KeyRole::seal, new_key(), today()));
  EXPECT_EQ(run(verify + "-purpose smimesign leaf.pem"), 0) << log();
}

TEST_F(ForeignJudge, OpensslRefusesAnotherCountry) {
  ASSERT_TRUE(has("openssl")) << "openssl is missing: deploy/setup test installs it";
  auto ca = ca_of("ke", today());
  ca.country = "ug";
  write_chain(ca, issued(ca, "ug.customs", KeyRole::tls, new_key(), today()));
  EXPECT_NE(run("openssl verify -x509_strict -CAfile ca.pem leaf.pem"), 0) << log();
  EXPECT_NE(log().find("permitted subtree violation"), std::string::npos) << log();
}

TEST_F(ForeignJudge, OpensslReadsTheRequest) {
  ASSERT_TRUE(has("openssl")) << "openssl is missing: deploy/setup test installs it";
  write("request.pem", to_pem("CERTIFICATE REQUEST", request_of("ke.customs", KeyRole::tls, new_key())));
  EXPECT_EQ(run("openssl req -in request.pem -noout -verify -text"), 0) << log();
  EXPECT_NE(log().find("customs.ke.demo.liaison.internal"), std::string::npos) << log();
}

TEST_F(ForeignJudge, GnutlsAcceptsTheChainAndRefusesAnotherCountry) {
  ASSERT_TRUE(has("certtool")) << "certtool is missing: deploy/setup test installs it";
  auto ca = ca_of("ke", today());
  for (const auto role : {KeyRole::tls, KeyRole::seal}) {
    write_chain(ca, issued(ca, "ke.customs", role, new_key(), today()));
    EXPECT_EQ(run("certtool --verify-chain --infile chain.pem"), 0) << log();
    EXPECT_NE(log().find("Chain verification output: Verified"), std::string::npos) << log();
  }
  ca.country = "ug";
  write_chain(ca, issued(ca, "ug.customs", KeyRole::tls, new_key(), today()));
  EXPECT_NE(run("certtool --verify-chain --infile chain.pem"), 0) << log();
}

// A directory with a real CA: who is admitted and why not.
class Admission : public ::testing::Test {
 protected:
  std::shared_ptr<const directory::Directory> load(const std::string& extra_key, const std::string& revocations) {
    const std::string json = R"({"realm":"demo","expires":"2026-12-01T00:00:00.000Z","grace":"2026-12-02T00:00:00.000Z","authorities":{"threshold":1,"keys":[")" +
                             to_base64(authority_.public_key().spki()) + R"("]},"agencies":[{"id":"ke.customs","country":"ke","type":"customs","keys":[)" + extra_key +
                             R"(]}],"countries":[{"country":"ke","certificates":[")" + to_base64(ca_.certificate) + R"("]}],"revocations":[)" + revocations + "]}";
    const Bytes file = directory::make_unsigned({json, 1, std::nullopt, now}).value();
    const Bytes signed_file = directory::add_signature(file, authority_.public_key(), [&](ByteView text) { return authority_.sign(text); }).value();
    return directory::Directory::load(signed_file, {1, {authority_.public_key().hash()}}).value();
  }
  std::string refusal(const directory::Directory& directory, const Bytes& leaf, Time at = now) const {
    const std::vector<Bytes> chain{leaf};
    const auto facts = directory.admit(chain, at);
    return facts ? "admitted " + facts->agency : facts.error().message();
  }
  PrivateKey authority_ = new_key();
  CountryCa ca_ = ca_of("ke");
  PrivateKey key_ = new_key();
};

TEST_F(Admission, OnlyAgenciesOfTheDirectoryWithCertificatesOfTheirCountry) {
  const auto directory = load("", "");
  EXPECT_EQ(refusal(*directory, issued(ca_, "ke.customs", KeyRole::tls, key_)), "admitted ke.customs");
  EXPECT_EQ(refusal(*directory, issued(ca_, "ke.police", KeyRole::tls, key_)), "not_admitted: ke.police is not in the directory");
  EXPECT_NE(refusal(*directory, issued(ca_, "ke.customs", KeyRole::seal, key_)).find("not_admitted: "), std::string::npos);
  EXPECT_NE(refusal(*directory, issued(ca_of("ke"), "ke.customs", KeyRole::tls, key_)).find("not_admitted: "), std::string::npos);
  EXPECT_NE(refusal(*directory, issued(ca_, "ke.customs", KeyRole::tls, key_), now + std::chrono::days(100)).find("expired"), std::string::npos);
  EXPECT_NE(refusal(*directory, ca_.certificate).find("not_admitted: "), std::string::npos);
}

TEST_F(Admission, RevokedKeyIsRefused) {
  const auto directory = load("", R"({"key":")" + to_base64(key_.public_key().hash()) + R"(","since":"2026-05-01T00:00:00.000Z","kind":"compromised"})");
  EXPECT_EQ(refusal(*directory, issued(ca_, "ke.customs", KeyRole::tls, key_)), "not_admitted: ke.customs: key was compromised since 2026-05-01T00:00:00.000Z");
}

TEST_F(Admission, RegisteredTlsKeyPinsTheCertificate) {
  const auto directory = load(R"({"role":"tls","spki":")" + to_base64(key_.public_key().spki()) +
                                  R"(","not_before":"2026-01-01T00:00:00.000Z","not_after":"2027-01-01T00:00:00.000Z"})", "");
  EXPECT_EQ(refusal(*directory, issued(ca_, "ke.customs", KeyRole::tls, key_)), "admitted ke.customs");
  EXPECT_EQ(refusal(*directory, issued(ca_, "ke.customs", KeyRole::tls, new_key())), "not_admitted: not a registered tls key of ke.customs");
}

}  // namespace
}  // namespace liaison::pki
