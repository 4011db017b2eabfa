// What authors and signers are told about a change: who could newly read or speak stands first, and whether access widens is right for every kind of edit.
#include <gtest/gtest.h>

#include "core/directory/changes.h"
#include "core/directory/edits.h"
#include "fixture.h"

namespace liaison::directory {
namespace {

using test::at;
using test::federation;
using test::now;

Authored source() { return read_authored(federation().json()).value(); }

std::vector<Change> changes(const Authored& before, const Result<std::string>& edited) {
  EXPECT_TRUE(edited) << edited.error().message();
  const auto after = read_authored(*edited);
  EXPECT_TRUE(after) << after.error().message();
  return compare(before.content.get(), *after->content, now);
}
bool has(const std::vector<Change>& list, Effect effect, const std::string& piece) {
  return std::any_of(list.begin(), list.end(), [&](const Change& change) { return change.effect == effect && change.text.find(piece) != std::string::npos; });
}

TEST(Changes, NothingChangesNothing) {
  EXPECT_TRUE(compare(source().content.get(), *source().content, now).empty());
}

TEST(Changes, FirstVersionIsAllNewAndWideningStandsFirst) {
  const auto list = compare(nullptr, *source().content, now);
  EXPECT_TRUE(has(list, Effect::widens, "ke.customs could newly read what is addressed to ke.customs"));
  EXPECT_TRUE(has(list, Effect::widens, "int.gs, ke.customs could newly read what is addressed to the group horn"));
  EXPECT_FALSE(has(list, Effect::widens, "the group nobody"));
  bool narrow_or_neutral = false;
  for (const auto& change : list) {
    if (change.effect != Effect::widens) narrow_or_neutral = true;
    else EXPECT_FALSE(narrow_or_neutral) << change.text;
  }
}

TEST(Changes, GroupsSayWhoReads) {
  const auto joined = changes(source(), change_group(source(), "horn", {{}, {}, {}, {}, {}, {"ke.ncb"}, {}, now}));
  EXPECT_TRUE(has(joined, Effect::widens, "ke.ncb could newly read what is addressed to the group horn"));
  const auto left = changes(source(), change_group(source(), "horn", {{}, {}, {}, {}, {}, {}, {"ke.customs"}, now}));
  EXPECT_TRUE(has(left, Effect::narrows, "ke.customs could no longer read what is addressed to the group horn"));
  EXPECT_FALSE(widens(left));
  EXPECT_TRUE(widens(changes(source(), change_group(source(), "horn", {{}, {}, {}, {}, at("2028-01-01T00:00:00.000Z"), {}, {}, now}))));
  const auto orphaned = changes(source(), suspend_agency(source(), "int.gs", now));
  EXPECT_TRUE(has(orphaned, Effect::narrows, "int.gs, ke.customs could no longer read what is addressed to the group horn"));
  // Backdating a joiner opens older records, although the members are the same.
  auto joiner = read_authored(*change_group(source(), "horn", {{}, {}, {}, {}, {}, {"ke.ncb"}, {}, now}));
  std::string older = joiner->json;
  const auto found = older.find(to_string(now));
  older.replace(found, 10, "2026-01-01");
  EXPECT_TRUE(has(changes(*joiner, older), Effect::widens, "ke.ncb gets older records of the group horn"));
}

TEST(Changes, BureausThatWouldOpenRecordsAreNamed) {
  std::string json = federation().json();
  json.replace(json.find("\"channels\":[\"customs\"]"), 22, "\"channels\":[\"interpol\"]");
  const auto before = read_authored(json).value();
  AgencyChange unblind;
  unblind.blind_pairs = std::vector<std::string>{};
  const auto list = changes(before, change_agency(before, "ke.ncb", unblind));
  EXPECT_TRUE(has(list, Effect::widens, "ke.ncb would newly open the records of ke.customs that pass over it as bureau, channel interpol")) << changes_text(list);
  AgencyChange none;
  none.bureau = "";
  EXPECT_TRUE(has(changes(before, change_agency(before, "ke.customs", none)), Effect::narrows, "int.gs would no longer open the records of ke.customs"));
}

TEST(Changes, KeysThatOpenSpeakOrAdmitWidenAndProofKeysDoNot) {
  using crypto::KeyRole;
  const std::pair<KeyRole, bool> powers[]{{KeyRole::box, true}, {KeyRole::seal, true}, {KeyRole::policy, true}, {KeyRole::tls, true}, {KeyRole::log, false}, {KeyRole::witness, false}, {KeyRole::link, false}};
  for (const auto& [role, wide] : powers) {
    const auto key = test::new_key(role);
    AgencyChange change;
    change.keys = {{role, key.public_key().spki(), key.public_key().hash(), now, now + std::chrono::days(10)}};
    const auto list = changes(source(), change_agency(source(), "ke.customs", change));
    EXPECT_EQ(widens(list), wide) << crypto::name(role);
    EXPECT_TRUE(has(list, wide ? Effect::widens : Effect::neutral, to_base64(key.public_key().hash()))) << crypto::name(role);
  }
}

TEST(Changes, StandingsAndSuccessions) {
  const auto suspended = changes(source(), suspend_agency(source(), "ke.customs", now));
  EXPECT_FALSE(widens(suspended));
  EXPECT_TRUE(has(suspended, Effect::narrows, "ke.customs is suspended since"));
  const auto away = read_authored(*suspend_agency(source(), "ke.customs", now)).value();
  EXPECT_TRUE(has(changes(away, resume_agency(away, "ke.customs")), Effect::widens, "ke.customs is a member again"));
  EXPECT_TRUE(has(changes(source(), succeed_agency(source(), {"ke.customs", "ke.ncb", now})), Effect::widens, "ke.ncb could newly read what is addressed to ke.customs"));
  EXPECT_FALSE(widens(changes(source(), remove_agency(source(), "ke.customs", now))));
}

TEST(Changes, RevocationsAuthoritiesAndCertificateAuthorities) {
  const Hash& seal = federation().seal.public_key().hash();
  const auto revoked = read_authored(*revoke_key(source(), {seal, now, RevocationKind::compromised})).value();
  const auto list = compare(source().content.get(), *revoked.content, now);
  EXPECT_TRUE(has(list, Effect::narrows, "seal key of ke.customs, compromised since"));
  EXPECT_FALSE(widens(list));
  EXPECT_TRUE(has(compare(revoked.content.get(), *source().content, now), Effect::widens, "no longer revoked"));
  EXPECT_TRUE(has(changes(source(), change_authorities(source(), {{}, {}, 2})), Effect::narrows, "more authorities must sign: 2 of 2"));
  const auto two = read_authored(*change_authorities(source(), {{}, {}, 2})).value();
  EXPECT_TRUE(has(changes(two, change_authorities(two, {{}, {}, 1})), Effect::widens, "fewer authorities must sign: 1 of 2"));
  EXPECT_TRUE(has(changes(source(), change_authorities(source(), {{test::new_key(crypto::KeyRole::authority).public_key().spki()}, {}, {}})), Effect::widens, "may sign the directory"));
  const auto with_ca = insert_entry(federation().json(), "countries", entry_json(CountryAuthority{"ke", {Bytes{1, 2, 3}}}));
  EXPECT_TRUE(has(changes(source(), with_ca), Effect::widens, "a certificate authority of ke"));
  const CountryAuthority listed{"ke", {Bytes{1, 2, 3}}, {Bytes{4}}, std::chrono::hours(24)};
  const auto with_list = read_authored(*insert_entry(federation().json(), "countries", entry_json(listed))).value();
  EXPECT_TRUE(has(changes(with_list, with_ca), Effect::widens, "a revocation list of ke is gone"));
  EXPECT_TRUE(has(changes(with_list, with_ca), Effect::widens, "old revocation lists of ke are used longer: 168 hours"));
}

TEST(Changes, PlainFactsAreSaidAndDoNotWiden) {
  AgencyChange change;
  change.endpoints = {"elsewhere.example:1"};
  const auto list = changes(source(), change_agency(source(), "ke.customs", change));
  EXPECT_TRUE(has(list, Effect::neutral, "goes to elsewhere.example:1 instead of customs.example:7001"));
  EXPECT_FALSE(widens(list));
  std::string json = federation().json();
  json.replace(json.find("+254 20 0000000"), 15, "+999 66 6666666");
  EXPECT_TRUE(has(changes(source(), json), Effect::neutral, "confirm it over a number you already have"));
}

TEST(Changes, CodeNamesTheSummaryAndTheVersion) {
  const auto list = compare(nullptr, *source().content, now);
  const auto code = summary_code(list, Hash{});
  EXPECT_EQ(code.size(), 64u);
  EXPECT_EQ(code, summary_code(list, Hash{}));
  EXPECT_NE(code, summary_code(list, merkle::sha256(std::string_view("other"))));
  EXPECT_NE(code, summary_code(std::span(list).first(list.size() - 1), Hash{}));
}

TEST(Signing, RefusesWhatMustNotBeSigned) {
  const auto& key = federation().authority_a.public_key().hash();
  const Bytes first_file = federation().signed_file();
  const auto first = read_content(first_file).value();
  const auto second = read_content(*make_unsigned(federation().draft(2, first->hash()))).value();
  EXPECT_TRUE(check_before_signing(*second, first.get(), key, now));
  EXPECT_TRUE(check_before_signing(*first, nullptr, key, now));
  EXPECT_EQ(check_before_signing(*first, second.get(), key, now).error().code, Errc::superseded);
  EXPECT_EQ(check_before_signing(*first, first.get(), key, now).error().code, Errc::superseded);
  EXPECT_EQ(check_before_signing(*read_content(*make_unsigned(federation().draft(2, Hash{}))).value(), first.get(), key, now).error().code, Errc::chain_broken);
  EXPECT_EQ(check_before_signing(*read_content(*make_unsigned(federation().draft(3, first->hash()))).value(), first.get(), key, now).error().code, Errc::chain_broken);
  EXPECT_EQ(check_before_signing(*second, first.get(), test::new_key(crypto::KeyRole::authority).public_key().hash(), now).error().code, Errc::unknown_key);
  EXPECT_EQ(check_before_signing(*second, first.get(), key, at("2026-12-02T00:00:00.000Z")).error().code, Errc::expired);
  EXPECT_EQ(check_before_signing(*second, first.get(), key, at("2026-05-01T00:00:00.000Z")).error().code, Errc::clock_out_of_range);
  auto draft = federation().draft(2, first->hash());
  draft.json.replace(draft.json.find("test-exercise"), 13, "another-realm");
  EXPECT_EQ(check_before_signing(*read_content(*make_unsigned(draft)).value(), first.get(), key, now).error().code, Errc::wrong_realm);
  // An authority that is being taken out still signs with the old set.
  const auto without = read_authored(*change_authorities(source(), {{}, {key}, {}})).value();
  const auto next = read_content(*make_unsigned({without.json, 2, first->hash(), at("2026-05-20T00:00:00.000Z")})).value();
  EXPECT_TRUE(check_before_signing(*next, first.get(), key, now));
  EXPECT_EQ(check_before_signing(*next, nullptr, key, now).error().code, Errc::unknown_key);
}

TEST(Signing, MergesSignaturesOfOneTextOnly) {
  const Bytes draft = make_unsigned(federation().draft()).value();
  const Bytes by_a = test::Federation::sign(draft, federation().authority_a), by_b = test::Federation::sign(draft, federation().authority_b);
  const auto merged = merge_signatures(std::vector{by_a, by_b, by_a});
  ASSERT_TRUE(merged) << merged.error().message();
  EXPECT_EQ(summarise(*merged)->signed_by.size(), 2u);
  EXPECT_TRUE(Directory::load(*merged, federation().pins(2)));
  EXPECT_FALSE(Directory::load(by_a, federation().pins(2)));
  auto other = federation().draft();
  other.issued += std::chrono::seconds(1);
  EXPECT_EQ(merge_signatures(std::vector{by_a, test::Federation::sign(*make_unsigned(other), federation().authority_b)}).error().code, Errc::conflicting_version);
  EXPECT_FALSE(merge_signatures({}));
  Bytes forged = by_b;
  const std::string_view line = text(forged);
  const auto at_signature = line.find("sig ") + 60;
  forged[at_signature] = forged[at_signature] == 'A' ? 'B' : 'A';
  EXPECT_FALSE(merge_signatures(std::vector{by_a, forged}));
}

}  // namespace
}  // namespace liaison::directory
