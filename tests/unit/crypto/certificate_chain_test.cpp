// Every way to break a chain of a country's CA that we know of: each is refused for its own reason, and the unbroken chain is admitted. Real certificates,
// made here; what OpenSSL itself thinks of the same chains is compared in certificate_agreement_test.cpp.
#include <gtest/gtest.h>

#include <functional>

#include "core/base/limits.h"
#include "core/crypto/certificate.h"
#include "core/crypto/presented_chain.h"
#include "core/crypto/revocation_list.h"
#include "tests/support/chains.h"

namespace liaison::crypto {
namespace {

using support::CertificateSpec;
using support::ChainSpec;
using support::drop_extension;
using support::make_certificate;
using support::make_revocation_list;
using support::MadeCertificate;
using support::set_extension;

const Time now = parse_time("2026-03-04T05:06:07.000Z").value();
constexpr auto day = std::chrono::hours(24);

struct Shown {
  std::vector<Bytes> chain, anchors, crls;
  Seconds crl_grace{};
};
struct Made {
  MadeCertificate root, issuing, leaf;
};

Made make(const ChainSpec& spec) {
  MadeCertificate root = make_certificate(spec.root, nullptr);
  MadeCertificate issuing = make_certificate(spec.issuing, &root);
  MadeCertificate leaf = make_certificate(spec.leaf, &issuing);
  return {std::move(root), std::move(issuing), std::move(leaf)};
}

Shown shown(const Made& made) { return {{made.leaf.der, made.issuing.der}, {made.root.der}, {}, {}}; }

Result<CertificateFacts> verdict(const Shown& shown) {
  return check_chain({"demo", "ke", KeyRole::tls, now, shown.crls, shown.crl_grace}, shown.chain, shown.anchors);
}

// As a node asks: who the chain claims to be decides whose CAs are asked.
Result<CertificateFacts> presented(const Shown& shown, std::string country = "ke") {
  return check_presented({"demo", KeyRole::tls, now}, shown.chain, [&](const CertificateFacts&) -> Result<Trust> { return Trust{country, shown.anchors, shown.crls, shown.crl_grace}; });
}

struct Case {
  std::string name, reason;
  std::function<void(ChainSpec&)> change;
};

class BrokenChain : public testing::TestWithParam<Case> {};

TEST_P(BrokenChain, IsRefusedForItsReason) {
  ChainSpec spec = support::good_chain(now);
  GetParam().change(spec);
  const auto result = verdict(shown(make(spec)));
  ASSERT_FALSE(result) << "admitted as " << result->agency;
  EXPECT_EQ(result.error().code, Errc::not_admitted);
  EXPECT_NE(result.error().detail.find(GetParam().reason), std::string::npos) << result.error().detail;
  const auto other_way = presented(shown(make(spec)));
  ASSERT_FALSE(other_way);
  EXPECT_EQ(other_way.error().code, Errc::not_admitted);
}

void san(ChainSpec& chain, const std::string& value) { set_extension(chain.leaf, "subjectAltName", value); }
void unknown(CertificateSpec& spec) { spec.extensions.push_back({"1.3.6.1.4.1.55555.1", "critical,DER:05:00"}); }

const std::vector<Case> validity_and_keys{
    {"ExpiredLeaf", "expired at depth 0", [](ChainSpec& c) { c.leaf.not_after = now - day / 2; }},
    {"ExpiredIssuing", "expired at depth 1", [](ChainSpec& c) { c.issuing.not_after = now - day; }},
    {"ExpiredRoot", "expired at depth 2", [](ChainSpec& c) { c.root.not_after = now - day; }},
    {"NotYetValidLeaf", "not yet valid at depth 0", [](ChainSpec& c) { c.leaf.not_before = now + day; }},
    {"NotYetValidIssuing", "not yet valid at depth 1", [](ChainSpec& c) { c.issuing.not_before = now + day; }},
    {"BrokenLeaf", "signature failure", [](ChainSpec& c) { c.leaf.broken_signature = true; }},
    {"BrokenIssuing", "signature failure", [](ChainSpec& c) { c.issuing.broken_signature = true; }},
    {"LeafRsa1024", "weak", [](ChainSpec& c) { c.leaf.key = "RSA-1024"; }},
    {"LeafRsa2048", "P-256", [](ChainSpec& c) { c.leaf.key = "RSA-2048"; }},
    {"LeafP192", "weak", [](ChainSpec& c) { c.leaf.key = "P-192"; }},
    {"LeafP384", "P-256", [](ChainSpec& c) { c.leaf.key = "P-384"; }},
    {"LeafEd25519", "weak", [](ChainSpec& c) { c.leaf.key = "ed25519"; }},
    {"IssuingRsa1024", "weak", [](ChainSpec& c) { c.issuing.key = "RSA-1024"; }},
    {"IssuingP192", "weak", [](ChainSpec& c) { c.issuing.key = "P-192"; }},
    {"RootRsa1024", "weak", [](ChainSpec& c) { c.root.key = "RSA-1024"; }},
    {"RootP224", "weak", [](ChainSpec& c) { c.root.key = "P-224"; }},
    {"LeafMd5", "weak", [](ChainSpec& c) { c.issuing.key = "RSA-2048"; c.leaf.digest = "MD5"; }},
    {"LeafSha1", "weak", [](ChainSpec& c) { c.leaf.digest = "SHA1"; }},
    {"IssuingSha1", "weak", [](ChainSpec& c) { c.issuing.digest = "SHA1"; }},
    {"IssuingMd5", "weak", [](ChainSpec& c) { c.root.key = "RSA-2048"; c.issuing.digest = "MD5"; }},
    {"VersionOneLeaf", "permitted subtree", [](ChainSpec& c) { c.leaf.version_1 = true; }},
    {"VersionOneIssuing", "Authority Key Identifier", [](ChainSpec& c) { c.issuing.version_1 = true; }},
    {"SerialOf21Bytes", "serial number", [](ChainSpec& c) { c.leaf.serial = std::vector<std::uint8_t>(21, 0x41); }},
    {"OtherIssuerName", "issuer", [](ChainSpec& c) { c.leaf.issuer_name = "Somebody else"; }},
};

const std::vector<Case> usage{
    {"IntermediateIsNoCa", "invalid CA certificate at depth 1", [](ChainSpec& c) { set_extension(c.issuing, "basicConstraints", "critical,CA:FALSE"); }},
    {"IntermediateWithoutBasicConstraints", "invalid CA certificate at depth 1", [](ChainSpec& c) { drop_extension(c.issuing, "basicConstraints"); }},
    {"IntermediateMayNotSign", "invalid CA certificate at depth 1", [](ChainSpec& c) { set_extension(c.issuing, "keyUsage", "critical,cRLSign"); }},
    {"IntermediateWithoutKeyUsage", "keyCertSign at depth 1", [](ChainSpec& c) { drop_extension(c.issuing, "keyUsage"); }},
    {"RootMayNotSign", "invalid CA certificate at depth 2", [](ChainSpec& c) { set_extension(c.root, "keyUsage", "critical,cRLSign"); }},
    {"PathLengthOfRoot", "path length", [](ChainSpec& c) { set_extension(c.root, "basicConstraints", "critical,CA:TRUE,pathlen:0"); }},
    {"LeafIsCa", "CA certificate cannot serve a node", [](ChainSpec& c) { set_extension(c.leaf, "basicConstraints", "critical,CA:TRUE"); }},
    {"SealUsage", "certificate is for seal, not tls", [](ChainSpec& c) { drop_extension(c.leaf, "extendedKeyUsage"); set_extension(c.leaf, "keyUsage", "critical,digitalSignature,nonRepudiation"); }},
    {"ServerOnly", "unsuitable certificate purpose", [](ChainSpec& c) { set_extension(c.leaf, "extendedKeyUsage", "serverAuth"); }},
    {"AnyUsage", "unsuitable certificate purpose", [](ChainSpec& c) { set_extension(c.leaf, "extendedKeyUsage", "anyExtendedKeyUsage"); }},
    {"AlsoOcspSigning", "neither tls nor seal", [](ChainSpec& c) { set_extension(c.leaf, "extendedKeyUsage", "serverAuth,clientAuth,OCSPSigning"); }},
    {"IssuingOnlyForMail", "purpose", [](ChainSpec& c) { c.issuing.extensions.push_back({"extendedKeyUsage", "emailProtection"}); }},
    {"UsageTwice", "invalid certificate", [](ChainSpec& c) { c.leaf.extensions.push_back({"keyUsage", "critical,digitalSignature"}); }},
    {"NameTwice", "invalid certificate", [](ChainSpec& c) { c.leaf.extensions.push_back({"subjectAltName", "DNS:customs.ke.demo.liaison.internal"}); }},
    {"UnknownCriticalInLeaf", "critical extension at depth 0", [](ChainSpec& c) { unknown(c.leaf); }},
    {"UnknownCriticalInIssuing", "critical extension at depth 1", [](ChainSpec& c) { unknown(c.issuing); }},
    {"UnknownCriticalInRoot", "critical extension at depth 2", [](ChainSpec& c) { unknown(c.root); }},
};

constexpr const char* own = "DNS:customs.ke.demo.liaison.internal";
const std::vector<Case> names{
    {"CommonNameOnly", "alternative name", [](ChainSpec& c) { drop_extension(c.leaf, "subjectAltName"); c.leaf.subject = "customs.ke.demo.liaison.internal"; }},
    {"ForeignCommonNameOnly", "permitted subtree", [](ChainSpec& c) { drop_extension(c.leaf, "subjectAltName"); c.leaf.subject = "customs.za.demo.liaison.internal"; }},
    {"ForeignName", "permitted subtree", [](ChainSpec& c) { san(c, "DNS:customs.za.demo.liaison.internal"); }},
    {"Wildcard", "not an agency", [](ChainSpec& c) { san(c, "DNS:*.ke.demo.liaison.internal"); }},
    {"WildcardAbove", "permitted subtree", [](ChainSpec& c) { san(c, "DNS:*.demo.liaison.internal"); }},
    {"TrailingDot", "permitted subtree", [](ChainSpec& c) { san(c, "DNS:customs.ke.demo.liaison.internal."); }},
    {"UpperCase", "not an agency", [](ChainSpec& c) { san(c, "DNS:CUSTOMS.ke.demo.liaison.internal"); }},
    {"UpperCaseZone", "not an agency", [](ChainSpec& c) { san(c, "DNS:customs.KE.DEMO.liaison.internal"); }},
    {"TheZoneItself", "not an agency", [](ChainSpec& c) { san(c, "DNS:ke.demo.liaison.internal"); }},
    {"LooksLikeTheZone", "permitted subtree", [](ChainSpec& c) { san(c, "DNS:customs.xke.demo.liaison.internal"); }},
    {"BehindTheZone", "permitted subtree", [](ChainSpec& c) { san(c, "DNS:customs.ke.demo.liaison.internal.example.org"); }},
    // DNS name "customs.za.demo\0.ke.demo.liaison.internal"
    {"NulByte", "not an agency", [](ChainSpec& c) { san(c, "DER:30:2B:82:29:63:75:73:74:6f:6d:73:2e:7a:61:2e:64:65:6d:6f:00:2e:6b:65:2e:64:65:6d:6f:2e:6c:69:61:69:73:6f:6e:2e:69:6e:74:65:72:6e:61:6c"); }},
    {"SecondNameOfAnotherCountry", "permitted subtree", [](ChainSpec& c) { san(c, std::string(own) + ",DNS:customs.za.demo.liaison.internal"); }},
    {"SecondNameOfTheCountry", "alternative name", [](ChainSpec& c) { san(c, std::string(own) + ",DNS:police.ke.demo.liaison.internal"); }},
    {"AddressToo", "alternative name", [](ChainSpec& c) { san(c, std::string(own) + ",IP:127.0.0.1"); }},
    {"MailToo", "alternative name", [](ChainSpec& c) { san(c, std::string(own) + ",email:a@example.org"); }},
    {"MailOnly", "permitted subtree", [](ChainSpec& c) { san(c, "email:a@customs.ke.demo.liaison.internal"); }},
    {"UriToo", "alternative name", [](ChainSpec& c) { san(c, std::string(own) + ",URI:https://customs.za.demo.liaison.internal/"); }},
    {"OtherNameToo", "alternative name", [](ChainSpec& c) { san(c, std::string(own) + ",otherName:1.2.3.4;UTF8:customs.za.demo.liaison.internal"); }},
    {"RegisteredIdOnly", "permitted subtree", [](ChainSpec& c) { san(c, "RID:1.2.3.4"); }},
    {"OtherRealm", "permitted subtree", [](ChainSpec& c) { san(c, "DNS:customs.ke.other.liaison.internal"); }},
};

constexpr const char* for_ke = "critical,permitted;DNS:ke.demo.liaison.internal";
const std::vector<Case> constraints{
    {"ConstraintOnlyInIssuing", "no name constraint", [](ChainSpec& c) { drop_extension(c.root, "nameConstraints"); }},
    {"NoConstraintAtAll", "no name constraint", [](ChainSpec& c) { drop_extension(c.root, "nameConstraints"); drop_extension(c.issuing, "nameConstraints"); }},
    {"ConstraintOfAnotherKind", "no name constraint", [](ChainSpec& c) { set_extension(c.root, "nameConstraints", "critical,permitted;email:ke.demo.liaison.internal"); }},
    {"ConstraintReachesFurther", "reaches beyond", [](ChainSpec& c) { set_extension(c.root, "nameConstraints", std::string(for_ke) + ",permitted;DNS:za.demo.liaison.internal"); }},
    {"ConstraintOfTheRealm", "reaches beyond", [](ChainSpec& c) { set_extension(c.root, "nameConstraints", "critical,permitted;DNS:demo.liaison.internal"); }},
    {"ConstraintOfAnotherCountry", "permitted subtree", [](ChainSpec& c) { set_extension(c.root, "nameConstraints", "critical,permitted;DNS:za.demo.liaison.internal"); }},
    {"OnlyExcluded", "no name constraint", [](ChainSpec& c) { set_extension(c.root, "nameConstraints", "critical,excluded;DNS:za.demo.liaison.internal"); }},
    {"ExcludedByRoot", "excluded subtree", [](ChainSpec& c) { set_extension(c.root, "nameConstraints", std::string(for_ke) + ",excluded;DNS:customs.ke.demo.liaison.internal"); }},
    {"ExcludedByIssuing", "excluded subtree", [](ChainSpec& c) { set_extension(c.issuing, "nameConstraints", std::string(for_ke) + ",excluded;DNS:customs.ke.demo.liaison.internal"); }},
    {"IssuingNarrowed", "permitted subtree", [](ChainSpec& c) { set_extension(c.issuing, "nameConstraints", "critical,permitted;DNS:police.ke.demo.liaison.internal"); }},
    {"IssuingWidensToAnotherCountry", "permitted subtree",
     [](ChainSpec& c) { set_extension(c.issuing, "nameConstraints", "critical,permitted;DNS:za.demo.liaison.internal"); san(c, "DNS:customs.za.demo.liaison.internal"); }},
    {"IssuingWithoutConstraintNamesAnother", "permitted subtree",
     [](ChainSpec& c) { drop_extension(c.issuing, "nameConstraints"); san(c, "DNS:customs.za.demo.liaison.internal"); }},
};

std::string case_name(const testing::TestParamInfo<Case>& info) { return info.param.name; }
INSTANTIATE_TEST_SUITE_P(ValidityAndKeys, BrokenChain, testing::ValuesIn(validity_and_keys), case_name);
INSTANTIATE_TEST_SUITE_P(Usage, BrokenChain, testing::ValuesIn(usage), case_name);
INSTANTIATE_TEST_SUITE_P(Names, BrokenChain, testing::ValuesIn(names), case_name);
INSTANTIATE_TEST_SUITE_P(Constraints, BrokenChain, testing::ValuesIn(constraints), case_name);

void expect_refused(const Shown& shown, std::string_view reason) {
  const auto result = verdict(shown);
  ASSERT_FALSE(result) << reason;
  EXPECT_NE(result.error().detail.find(reason), std::string::npos) << result.error().detail;
}

TEST(WholeChain, IsAdmitted) {
  ChainSpec spec = support::good_chain(now);
  const auto result = verdict(shown(make(spec)));
  ASSERT_TRUE(result) << result.error().detail;
  EXPECT_EQ(result->agency, "ke.customs");
  EXPECT_NE(result->fingerprint, Hash{});
  EXPECT_EQ(presented(shown(make(spec)))->agency, "ke.customs");
  EXPECT_FALSE(presented(shown(make(spec)), "za"));
  const auto nobody = check_presented({"demo", KeyRole::tls, now}, shown(make(spec)).chain, [](const CertificateFacts&) -> Result<Trust> { return fail(Errc::not_admitted, "nobody knows it"); });
  EXPECT_EQ(nobody.error().detail, "nobody knows it");
  drop_extension(spec.issuing, "nameConstraints");  // the root's still holds
  EXPECT_TRUE(verdict(shown(make(spec))));
}

TEST(WholeChain, StrangersAndGapsAreRefused) {
  const Made made = make(support::good_chain(now));
  Shown gap = shown(made);
  gap.chain.pop_back();
  expect_refused(gap, "issuer");
  ChainSpec other = support::good_chain(now);
  other.root.key = "P-256/impostor";
  Shown impostor = shown(make(other));
  impostor.chain.push_back(impostor.anchors[0]);
  impostor.anchors = {made.root.der};
  expect_refused(impostor, "self-signed");
}

// Two CAs that signed each other: no anchor is ever reached.
TEST(WholeChain, ALoopIsRefused) {
  const Made made = make(support::good_chain(now));
  ChainSpec spec = support::good_chain(now);
  spec.root.key = "P-256/loop";
  CertificateSpec first = spec.issuing, second = spec.issuing;
  first.subject = "First", first.key = "P-256/first", second.subject = "Second", second.key = "P-256/second";
  MadeCertificate one = make_certificate(first, nullptr), two = make_certificate(second, &one);
  one = make_certificate(first, &two);
  const MadeCertificate leaf = make_certificate(spec.leaf, &two);
  expect_refused({{leaf.der, two.der, one.der}, {made.root.der}, {}, {}}, "issuer");
}

TEST(WholeChain, IsBoundedInNumberAndBytes) {
  const Made made = make(support::good_chain(now));
  Shown long_one = shown(made);
  while (long_one.chain.size() <= limits::certificate_chain_max) long_one.chain.push_back(made.issuing.der);
  expect_refused(long_one, "chain of 5");
  ChainSpec spec = support::good_chain(now);
  std::string comment = "nsComment";
  spec.leaf.extensions.push_back({comment, std::string(limits::certificate_bytes_max, 'x')});
  expect_refused(shown(make(spec)), "bytes");
}

TEST(WholeChain, OneSerialForTwoCertificatesIsRefused) {
  ChainSpec spec = support::good_chain(now);
  spec.issuing.serial = {0x11, 0x22};
  const Made made = make(spec);
  spec.issuing.key = "P-256/twin";
  const Made twin = make(spec);
  Shown both = {{made.leaf.der, made.issuing.der, twin.issuing.der}, {made.root.der}, {}, {}};
  // OpenSSL would take the first root it finds; issuer and serial must be unique all the same.
  expect_refused(both, "same serial number");
}

// --- revocation lists ---

support::RevocationListSpec list(std::vector<Bytes> revoked, Time next_update = now + 7 * day) { return {now - day, next_update, std::move(revoked), 1, false}; }

Shown with_lists(const Made& made, std::vector<Bytes> by_root, std::vector<Bytes> by_issuing) {
  Shown out = shown(made);
  out.crls = {make_revocation_list(list(std::move(by_root)), made.root), make_revocation_list(list(std::move(by_issuing)), made.issuing)};
  return out;
}

TEST(RevocationLists, OnlyTheRevokedAreRefused) {
  const Made made = make(support::good_chain(now));
  const auto fine = verdict(with_lists(made, {}, {}));
  EXPECT_TRUE(fine) << fine.error().detail;
  EXPECT_TRUE(verdict(with_lists(made, {made.leaf.der}, {}))) << "another CA's serial numbers are its own";
  expect_refused(with_lists(made, {}, {made.leaf.der}), "certificate revoked at depth 0");
  expect_refused(with_lists(made, {made.issuing.der}, {}), "certificate revoked at depth 1");
}

TEST(RevocationLists, AMissingListRevokesNothing) {
  const Made made = make(support::good_chain(now));
  for (const bool by_root : {true, false}) {
    Shown one = shown(made);
    one.crls = {make_revocation_list(list({}), by_root ? made.root : made.issuing)};
    const auto result = verdict(one);
    EXPECT_TRUE(result) << result.error().detail;
  }
}

TEST(RevocationLists, RunOutAreUsedThroughTheirGraceAndNoLonger) {
  const Made made = make(support::good_chain(now));
  Shown old = shown(made);
  old.crls = {make_revocation_list(list({}, now - std::chrono::hours(1)), made.issuing)};
  expect_refused(old, "CRL has expired");
  old.crl_grace = std::chrono::hours(1) - Seconds(1);
  expect_refused(old, "CRL has expired");
  old.crl_grace = std::chrono::hours(1);
  EXPECT_TRUE(verdict(old));
  old.crls = {make_revocation_list(list({made.leaf.der}, now - std::chrono::hours(1)), made.issuing)};
  expect_refused(old, "certificate revoked");
}

TEST(RevocationLists, TheNewerOfTwoCounts) {
  const Made made = make(support::good_chain(now));
  Shown both = shown(made);
  auto older = list({}, now + day), newer = list({made.leaf.der});
  older.this_update = now - 10 * day;
  newer.number = 2;
  both.crls = {make_revocation_list(older, made.issuing), make_revocation_list(newer, made.issuing)};
  expect_refused(both, "certificate revoked");
  std::swap(both.crls[0], both.crls[1]);
  expect_refused(both, "certificate revoked");
}

TEST(RevocationLists, ForgedOnesStopEverythingOfTheirCa) {
  const Made made = make(support::good_chain(now));
  const MadeCertificate stranger = make_certificate({.subject = "x", .key = "P-256/stranger", .not_before = now, .not_after = now + day}, nullptr);
  Shown forged = shown(made);
  forged.crls = {make_revocation_list(list({}), made.issuing, &stranger)};
  expect_refused(forged, "CRL signature failure");
  forged.crls = {Bytes{0x30, 0x00}};
  expect_refused(forged, "not a DER revocation list");
  forged.crls = {Bytes(revocation_list_bytes_max + 1, 0x30)};
  expect_refused(forged, "bytes");
  auto strange = list({});
  strange.unknown_critical = true;
  forged.crls = {make_revocation_list(strange, made.issuing)};
  expect_refused(forged, "critical CRL extension");
}

TEST(RevocationLists, AnIssuerThatMayNotSignListsIsRefused) {
  ChainSpec spec = support::good_chain(now);
  set_extension(spec.issuing, "keyUsage", "critical,keyCertSign");
  const Made made = make(spec);
  Shown wrong = shown(made);
  wrong.crls = {make_revocation_list(list({}), made.issuing)};
  expect_refused(wrong, "CRL signing");
}

TEST(RevocationLists, AnAnchorBelowARootOfItsOwnIsVouchedForByTheDirectory) {
  const Made made = make(support::good_chain(now));
  Shown anchored = {{made.leaf.der}, {made.issuing.der}, {make_revocation_list(list({made.issuing.der}), made.root), make_revocation_list(list({}), made.issuing)}, {}};
  const auto result = verdict(anchored);
  EXPECT_TRUE(result) << result.error().detail;
}

}  // namespace
}  // namespace liaison::crypto
