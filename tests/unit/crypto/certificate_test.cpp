// Certificates: good chains of both roles are admitted with the right facts; each flaw alone is refused; nothing outside the given
// anchors of the given country is trusted.
#include <gtest/gtest.h>

#include "core/base/limits.h"
#include "core/crypto/certificate.h"
#include "tests/support/certificates.h"

namespace liaison::crypto {
namespace {

using support::CaFlaw;
using support::CaOptions;
using support::certificate_time;
using support::CertificateAuthority;
using support::Flaw;
using support::LeafOptions;

const CertificateAuthority& kenya() {
  static const CertificateAuthority ca;
  return ca;
}

ChainCheck check_for(KeyRole role) { return {"demo", "ke", role, certificate_time}; }

Result<CertificateFacts> checked(const LeafOptions& options, KeyRole as) {
  const std::array chain{kenya().issue(options).certificate};
  const std::array anchors{kenya().certificate()};
  return check_chain(check_for(as), chain, anchors);
}

void expect_refused(const Result<CertificateFacts>& result, std::string_view reason = {}) {
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::not_admitted);
  EXPECT_NE(result.error().detail.find(reason), std::string::npos) << result.error().detail;
}

TEST(CertificateNames, RoundTripWithinTheRealm) {
  EXPECT_EQ(certificate_name("demo", "ke.customs"), "customs.ke.demo.liaison.internal");
  EXPECT_EQ(certificate_name("demo", "int.wco.training"), "training.wco.int.demo.liaison.internal");
  EXPECT_EQ(certificate_zone("demo", "ke"), ".ke.demo.liaison.internal");
  for (const std::string agency : {"ke.customs", "int.wco", "de.zoll.hamburg"}) EXPECT_EQ(agency_of_name("demo", certificate_name("demo", agency)), agency);
}

TEST(CertificateNames, OthersAreNoAgency) {
  for (const std::string_view name : {"", ".demo.liaison.internal", "demo.liaison.internal", "ke.demo.liaison.internal", "customs.ke.other.liaison.internal",
                                      "customs.ke.demo.liaison.internal.", "customs.ke.demo.liaison.internal.example.org", "Customs.ke.demo.liaison.internal",
                                      "*.ke.demo.liaison.internal", "customs..ke.demo.liaison.internal", ".customs.ke.demo.liaison.internal",
                                      "customs.ken.demo.liaison.internal", "customs.kedemo.liaison.internal", "customs.ke.xdemo.liaison.internal"}) {
    EXPECT_FALSE(agency_of_name("demo", name)) << name;
  }
  EXPECT_FALSE(agency_of_name("demo", std::string_view("a\0.ke.demo.liaison.internal", 27)));
}

TEST(ReadCertificate, GivesTheFacts) {
  const auto issued = kenya().issue({.role = KeyRole::seal});
  const auto facts = read_certificate("demo", issued.certificate);
  ASSERT_TRUE(facts) << facts.error().message();
  EXPECT_EQ(facts->agency, "ke.customs");
  EXPECT_EQ(facts->role, KeyRole::seal);
  EXPECT_EQ(facts->key_hash, issued.key.public_key().hash());
  EXPECT_EQ(to_string(facts->not_before), "2026-03-03T05:06:07.000Z");
  EXPECT_EQ(to_string(facts->not_after), "2026-06-02T05:06:07.000Z");
  EXPECT_EQ(facts->issuer, "CN=CA of ke");
  EXPECT_EQ(facts->subject, "CN=ke.customs");
  EXPECT_TRUE(from_hex(facts->serial));
  EXPECT_FALSE(facts->serial.empty());
}

TEST(ReadCertificate, NameUsageAndKeyAreExact) {
  const auto refused = [](Flaw flaw, std::string_view reason) {
    for (const auto role : {KeyRole::tls, KeyRole::seal}) {
      expect_refused(read_certificate("demo", kenya().issue({.role = role, .flaw = flaw}).certificate), reason);
    }
  };
  for (const auto flaw : {Flaw::no_name, Flaw::two_names, Flaw::email_name}) refused(flaw, "subject alternative name");
  for (const auto flaw : {Flaw::wrong_realm, Flaw::foreign_name}) refused(flaw, "not an agency of this realm");
  for (const auto flaw : {Flaw::server_only, Flaw::extra_usage, Flaw::no_key_usage, Flaw::key_agreement}) refused(flaw, "neither tls nor seal");
  for (const auto flaw : {Flaw::rsa_key, Flaw::p384_key}) refused(flaw, "not P-256");
  refused(Flaw::ca_flag, "CA certificate");
}

TEST(ReadCertificate, MalformedDerIsRefused) {
  const Bytes der = kenya().issue().certificate;
  for (std::size_t length = 0; length < der.size(); ++length) EXPECT_FALSE(read_certificate("demo", ByteView(der).first(length))) << length;
  Bytes longer = der;
  longer.push_back(0);
  expect_refused(read_certificate("demo", longer), "not a DER");
  expect_refused(read_certificate("demo", Bytes(limits::certificate_bytes_max + 1, 0x30)), "bytes");
}

TEST(CheckChain, BothRolesAreAdmitted) {
  const auto tls = checked({.role = KeyRole::tls}, KeyRole::tls);
  ASSERT_TRUE(tls) << tls.error().message();
  EXPECT_EQ(tls->role, KeyRole::tls);
  const auto seal = checked({.role = KeyRole::seal}, KeyRole::seal);
  ASSERT_TRUE(seal) << seal.error().message();
  EXPECT_EQ(seal->role, KeyRole::seal);
}

TEST(CheckChain, OneRoleIsNotTheOther) {
  expect_refused(checked({.role = KeyRole::tls}, KeyRole::seal));
  expect_refused(checked({.role = KeyRole::seal}, KeyRole::tls));
}

struct FlawCase { Flaw flaw; std::string_view reason; };
class EveryFlaw : public testing::TestWithParam<FlawCase> {};

TEST_P(EveryFlaw, IsRefusedForItsReason) {
  for (const auto role : {KeyRole::tls, KeyRole::seal}) expect_refused(checked({.role = role, .flaw = GetParam().flaw}, role), GetParam().reason);
}

INSTANTIATE_TEST_SUITE_P(CheckChain, EveryFlaw,
                         testing::Values(FlawCase{Flaw::expired, "expired"}, FlawCase{Flaw::not_yet_valid, "not yet valid"},
                                         FlawCase{Flaw::wrong_zone, "permitted subtree"}, FlawCase{Flaw::wrong_realm, "permitted subtree"},
                                         FlawCase{Flaw::foreign_name, "not an agency"}, FlawCase{Flaw::no_name, ""},
                                         FlawCase{Flaw::two_names, "subject alternative name"}, FlawCase{Flaw::email_name, ""},
                                         FlawCase{Flaw::server_only, "at depth 0"}, FlawCase{Flaw::extra_usage, ""}, FlawCase{Flaw::no_key_usage, "usage"},
                                         FlawCase{Flaw::key_agreement, "usage"}, FlawCase{Flaw::no_key_identifier, "Authority Key Identifier"},
                                         FlawCase{Flaw::ca_flag, ""}, FlawCase{Flaw::unknown_critical, "critical extension"},
                                         FlawCase{Flaw::sha1_signature, "weak"}, FlawCase{Flaw::broken_signature, "signature failure"},
                                         FlawCase{Flaw::rsa_key, "P-256"}, FlawCase{Flaw::p384_key, "P-256"}));

TEST(CheckChain, ValidityIsThatOfTheGivenTime) {
  const std::array chain{kenya().issue().certificate};
  const std::array anchors{kenya().certificate()};
  ChainCheck check = check_for(KeyRole::tls);
  const auto facts = check_chain(check, chain, anchors).value();
  check.now = facts.not_before;
  EXPECT_TRUE(check_chain(check, chain, anchors));
  check.now = facts.not_before - Milliseconds(1);
  expect_refused(check_chain(check, chain, anchors), "not yet valid");
  check.now = facts.not_after - Milliseconds(1);
  EXPECT_TRUE(check_chain(check, chain, anchors));
  check.now = facts.not_after;  // OpenSSL counts the last second as over
  expect_refused(check_chain(check, chain, anchors), "expired");
}

TEST(CheckChain, OnlyTheGivenAnchorsCount) {
  const CertificateAuthority impostor;  // same names, another key
  const std::array chain{impostor.issue().certificate};
  const std::array with_own_root{chain[0], impostor.certificate()};
  const std::array anchors{kenya().certificate()};
  expect_refused(check_chain(check_for(KeyRole::tls), chain, anchors));
  expect_refused(check_chain(check_for(KeyRole::tls), with_own_root, anchors));
  expect_refused(check_chain(check_for(KeyRole::tls), chain, {}), "no CA");
  const std::array both{kenya().certificate(), impostor.certificate()};
  EXPECT_TRUE(check_chain(check_for(KeyRole::tls), chain, both)) << "while a country changes its CA both stand";
}

TEST(CheckChain, CountryIsThatOfTheAgency) {
  // The CA of South Africa is asked about as if it were Kenya's, and one that could name any agency is no country's CA.
  const CertificateAuthority other(CaOptions{.country = "za"}), unconstrained(CaOptions{.name_constraints = false});
  const std::array anchors{other.certificate()}, open_anchors{unconstrained.certificate()};
  const std::array foreign{other.issue({.agency = "za.police"}).certificate}, own{unconstrained.issue().certificate};
  expect_refused(check_chain(check_for(KeyRole::tls), foreign, anchors), "reaches beyond");
  expect_refused(check_chain(check_for(KeyRole::tls), own, open_anchors), "no name constraint");
}

TEST(CheckChain, IntermediatesAreFollowed) {
  const auto issuing = kenya().intermediate({.path_length = 0});
  const std::array anchors{kenya().certificate()};
  const std::array chain{issuing.issue().certificate, issuing.certificate()};
  EXPECT_TRUE(check_chain(check_for(KeyRole::tls), chain, anchors));
  expect_refused(check_chain(check_for(KeyRole::tls), std::span(chain).first(1), anchors), "issuer");
  const std::array own_anchor{issuing.certificate()};
  EXPECT_TRUE(check_chain(check_for(KeyRole::tls), std::span(chain).first(1), own_anchor)) << "the directory may name a CA below another root";
}

TEST(CheckChain, PathLengthIsHeld) {
  const auto first = kenya().intermediate({.path_length = 1});
  const auto second = first.intermediate({.path_length = 0});
  const std::array chain{second.issue().certificate, second.certificate(), first.certificate()};
  const std::array anchors{kenya().certificate()};
  expect_refused(check_chain(check_for(KeyRole::tls), chain, anchors), "path length");
}

TEST(CheckChain, IntermediateCannotWidenTheZone) {
  const auto issuing = kenya().intermediate({.country = "za", .path_length = 0});
  const std::array chain{issuing.issue({.agency = "za.customs"}).certificate, issuing.certificate()};
  const std::array anchors{kenya().certificate()};
  ChainCheck check = check_for(KeyRole::tls);
  check.country = "za";
  expect_refused(check_chain(check, chain, anchors), "permitted subtree");
}

TEST(CheckChain, FlawedAuthoritiesAreRefused) {
  for (const auto flaw : {CaFlaw::expired, CaFlaw::no_ca_flag, CaFlaw::no_cert_sign, CaFlaw::weak_rsa, CaFlaw::p224_key}) {
    const CertificateAuthority ca(CaOptions{.flaw = flaw});
    const std::array chain{ca.issue().certificate};
    const std::array anchors{ca.certificate()};
    expect_refused(check_chain(check_for(KeyRole::tls), chain, anchors));
  }
}

TEST(CheckChain, ALeafIsNoIssuer) {
  // A node's certificate used as a CA for another.
  const CertificateAuthority node(CaOptions{.flaw = CaFlaw::no_ca_flag});
  const auto below = kenya().intermediate({.flaw = CaFlaw::no_ca_flag});
  const std::array chain{below.issue().certificate, below.certificate()};
  const std::array anchors{kenya().certificate()};
  expect_refused(check_chain(check_for(KeyRole::tls), chain, anchors));
}

TEST(CheckChain, ACertificateIsNotItsOwnAnchor) {
  const auto issued = kenya().issue();
  const std::array chain{issued.certificate};
  expect_refused(check_chain(check_for(KeyRole::tls), chain, chain));
}

TEST(CheckChain, LengthIsBounded) {
  const std::array anchors{kenya().certificate()};
  expect_refused(check_chain(check_for(KeyRole::tls), {}, anchors), "chain of 0");
  std::vector<Bytes> chain(limits::certificate_chain_max + 1, kenya().certificate());
  chain[0] = kenya().issue().certificate;
  expect_refused(check_chain(check_for(KeyRole::tls), chain, anchors), "chain of 5");
  chain.pop_back();
  EXPECT_TRUE(check_chain(check_for(KeyRole::tls), chain, anchors)) << "certificates that are not needed do no harm";
}

TEST(CheckChain, AFlippedBitIsRefusedOrChangesNothing) {
  const auto issued = kenya().issue();
  const std::array anchors{kenya().certificate()};
  for (std::size_t byte = 0; byte < issued.certificate.size(); ++byte) {
    Bytes changed = issued.certificate;
    changed[byte] ^= static_cast<std::uint8_t>(1u << (byte % 8));
    const std::array chain{changed};
    EXPECT_FALSE(check_chain(check_for(KeyRole::tls), chain, anchors)) << byte;
  }
}

}  // namespace
}  // namespace liaison::crypto
