// Revocation lists in the directory: written, read, signed with the rest, and asked at admission together with lists that reached the node otherwise.
#include <gtest/gtest.h>

#include "core/crypto/revocation_list.h"
#include "core/directory/authoring.h"
#include "tests/support/chains.h"
#include "tests/unit/directory/fixture.h"

namespace liaison::directory {
namespace {

using test::Federation;
constexpr auto day = std::chrono::hours(24);

struct Country {
  support::MadeCertificate root, issuing, leaf;
  Country() {
    auto spec = support::good_chain(test::now);
    for (auto* one : {&spec.root, &spec.issuing}) set_extension(*one, "nameConstraints", "critical,permitted;DNS:ke.test-exercise.liaison.internal");
    set_extension(spec.leaf, "subjectAltName", "DNS:customs.ke.test-exercise.liaison.internal");
    root = make_certificate(spec.root, nullptr);
    issuing = make_certificate(spec.issuing, &root);
    leaf = make_certificate(spec.leaf, &issuing);
  }
  std::vector<Bytes> chain() const { return {leaf.der, issuing.der}; }
  Bytes list(std::vector<Bytes> revoked, Time until = test::now + 7 * day) const {
    return make_revocation_list({test::now - day, until, std::move(revoked), 7, false}, issuing);
  }
};
const Country& kenya() {
  static const Country made;
  return made;
}

std::string entry(const std::vector<Bytes>& crls, std::chrono::hours grace = std::chrono::hours(168)) { return entry_json(CountryAuthority{"ke", {kenya().root.der}, crls, grace}); }

Result<std::shared_ptr<const Directory>> load(const std::string& country) {
  Federation federation;
  federation.countries = "[" + country + "]";
  LIAISON_TRY(const Bytes file, make_unsigned(federation.draft()));
  return Directory::load(Federation::sign(file, federation.authority_a), federation.pins());
}

void expect_refused(const Result<crypto::CertificateFacts>& admitted, std::string_view reason) {
  ASSERT_FALSE(admitted);
  EXPECT_EQ(admitted.error().code, Errc::not_admitted);
  EXPECT_NE(admitted.error().detail.find(reason), std::string::npos) << admitted.error().detail;
}

TEST(RevocationLists, TravelInTheDirectory) {
  const Bytes list = kenya().list({kenya().leaf.der});
  const auto directory = load(entry({list}, std::chrono::hours(24)));
  ASSERT_TRUE(directory) << directory.error().message();
  const auto* country = (*directory)->country("ke");
  EXPECT_EQ(country->crls, std::vector<Bytes>{list});
  EXPECT_EQ(country->crl_grace, std::chrono::hours(24));
  const auto facts = crypto::read_revocation_list(country->crls[0]).value();
  EXPECT_EQ(facts.issuer, "CN=Issuing CA of ke");
  EXPECT_EQ(facts.this_update, test::now - day);
  EXPECT_EQ(facts.next_update, test::now + 7 * day);
  EXPECT_EQ(facts.number, 7u);
  EXPECT_EQ(facts.entries, 1u);
  EXPECT_EQ((*load(entry({})))->country("ke")->crl_grace, std::chrono::hours(168)) << "as the schema says";
}

TEST(RevocationLists, WhoeverIsListedIsNotAdmitted) {
  EXPECT_TRUE((*load(entry({})))->admit(kenya().chain(), test::now));
  EXPECT_TRUE((*load(entry({kenya().list({})})))->admit(kenya().chain(), test::now));
  expect_refused((*load(entry({kenya().list({kenya().leaf.der})})))->admit(kenya().chain(), test::now), "certificate revoked at depth 0");
}

TEST(RevocationLists, NewerOnesFromElsewhereCountToo) {
  const auto directory = *load(entry({kenya().list({})}));
  const std::vector<Bytes> newer{make_revocation_list({test::now, test::now + 8 * day, {kenya().leaf.der}, 8, false}, kenya().issuing)};
  expect_refused(directory->admit(kenya().chain(), test::now, newer), "certificate revoked");
}

TEST(RevocationLists, TheGraceIsThatOfTheSignedDirectoryAndEndsHard) {
  const auto directory = *load(entry({kenya().list({}, test::now)}, std::chrono::hours(24)));
  EXPECT_TRUE(directory->admit(kenya().chain(), test::now));
  EXPECT_TRUE(directory->admit(kenya().chain(), test::now + day));
  expect_refused(directory->admit(kenya().chain(), test::now + day + Seconds(1)), "CRL has expired");
}

TEST(RevocationLists, AreBounded) {
  EXPECT_TRUE(load(entry(std::vector<Bytes>(8, kenya().list({})))));
  EXPECT_FALSE(load(entry(std::vector<Bytes>(9, kenya().list({})))));
  EXPECT_FALSE(load(entry({Bytes(crypto::revocation_list_bytes_max + 8, 1)})));
  EXPECT_FALSE(load(entry({kenya().list({})}, std::chrono::hours(24 * 91))));
}

}  // namespace
}  // namespace liaison::directory
