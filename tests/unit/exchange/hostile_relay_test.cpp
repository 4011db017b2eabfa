// Hostile relays with real packages: whatever a bureau does to a record on its way, its recipient refuses it with evidence, keeps the envelope as proof,
// raises an alarm, and neither shows nor passes on anything of it.
#include <gtest/gtest.h>

#include "core/record/path.h"
#include "core/record/permit.h"
#include "tests/support/messages.h"
#include "tests/unit/exchange/chain.h"

namespace liaison::exchange::test {
namespace {
using record::LeafEffect;
using record::Package;

bool writes(const ReceivedItem& item, Table table) {
  return std::any_of(item.ops.begin(), item.ops.end(), [table](const Op& op) { return op.table == table; });
}

// ke.customs > ke.ncb > int.gs, where ke.ncb is the one that cheats.
struct HostileRelay : testing::Test {
  Chain chain;
  Party& customs = chain.at("ke.customs");
  Party& ncb = chain.at("ke.ncb");
  std::uint8_t number = 0;

  void sign(Party& by, record::SignedText& one) { one.signatures = by.context->seal_texts(std::span(&one.text, 1)).value().front(); }

  record::NewRecord new_record(std::vector<std::string> audience = {"agency:int.gs"}) {
    record::NewRecord made;
    auto& manifest = made.manifest;
    const auto schema = support::ecomessage_schema();
    manifest.realm = sim::realm;
    manifest.record = {make_uuid(start, std::array<std::uint8_t, 10>{++number}), 1};
    manifest.kind = schema->kind();
    manifest.schema_number = schema->number();
    manifest.schema = schema->hash();
    manifest.from = "ke.customs";
    manifest.key = customs.context->seal_key;
    manifest.directory_version = 1;
    manifest.directory = customs.context->directory->hash();
    manifest.purpose = "investigation";
    manifest.channel = "interpol";
    manifest.level = "international";
    manifest.created = start;
    manifest.review = start + std::chrono::hours{1000};
    made.audience = std::move(audience);
    return made;
  }
  Package sealed(record::NewRecord what) {
    auto committed = record::commit_record(*support::ecomessage_schema(), support::typical_ecomessage(), std::move(what), customs.context->random_fill()).value();
    Package package;
    package.manifest.text = committed.text;
    package.openings = std::move(committed.openings);
    sign(customs, package.manifest);
    return package;
  }
  record::Hop hop(Party& relay, std::string recipient) {
    return {relay.site.agency, relay.context->seal_key, std::move(recipient), "investigation", relay.context->policy->ref(), {}, {}, start};
  }
  // One honest hop that keeps everything open, but for `effects` by index.
  Package pass(Party& relay, const Package& held, const record::Hop& next, const std::map<std::size_t, record::LeafDecision>& effects = {}) {
    std::vector<record::LeafDecision> decisions(held.openings.size());
    for (const auto& [index, decision] : effects) decisions[index] = decision;
    auto out = record::disclose(held, decisions, next, relay.context->random_fill()).value();
    sign(relay, out.disclosures.back());
    return out;
  }
  Package at_ncb(record::NewRecord what) { return pass(customs, sealed(std::move(what)), hop(customs, "ke.ncb")); }

  // What the formats forbid and disclose() therefore refuses: made under a manifest without the originator's conditions, then put under the real one.
  Package cheat(const Package& held, const std::map<std::size_t, record::LeafDecision>& effects) {
    auto manifest = record::parse_manifest(view(held.manifest.text)).value();
    manifest.inseparable.clear();
    manifest.groups.clear();
    manifest.handling.clear();
    Package lenient = held;
    lenient.manifest.text = record::make_text(manifest);
    Package out = pass(ncb, lenient, hop(ncb, "int.gs"), effects);
    out.manifest = held.manifest;
    change(out, out.disclosures.size() - 1, ncb, [&](record::Disclosure& last) { last.manifest = crypto::text_hash(view(held.manifest.text)); });
    return out;
  }
  // Rewrites one disclosure and signs it with the key of `by`.
  void change(Package& package, std::size_t index, Party& by, const std::function<void(record::Disclosure&)>& how) {
    auto parsed = record::parse_disclosure(view(package.disclosures[index].text)).value();
    how(parsed);
    package.disclosures[index].text = record::make_text(parsed);
    sign(by, package.disclosures[index]);
  }
  std::vector<std::size_t> below(const Package& package, std::string_view prefix) {
    std::vector<std::size_t> found;
    const auto schema = support::ecomessage_schema();
    for (std::size_t i = 0; i < package.openings.size(); ++i) {
      const ByteView path = package.openings.path(i);
      if (!record::is_audience(path) && !record::is_decoy(path) && schema->describe(path)->name.starts_with(prefix)) found.push_back(i);
    }
    return found;
  }
  std::size_t leaf(const Package& package, std::string_view name) {
    for (const std::size_t i : below(package, name))
      if (support::ecomessage_schema()->describe(package.openings.path(i))->name == name) return i;
    ADD_FAILURE() << name;
    return 0;
  }
  Bytes envelope(const Package& package, const std::string& to = "int.gs") {
    auto head = header(ncb, to);
    head.msg_id = make_uuid(start, std::array<std::uint8_t, 10>{++number, 7});
    return seal_envelope(*sealing(ncb, to), head, record::encode_package(package), ncb.site.random)->bytes;
  }
  // Sent to `to`: refused with this code, and the proof and the alarm are there.
  void expect_refused(const Package& package, Errc code, const std::string& to = "int.gs", const std::string& alarm = "bad_package") {
    const auto result = received_all(chain.at(to), "ke.ncb", {envelope(package, to)});
    const auto& item = result.items.front();
    EXPECT_EQ(item.entry->event, audit::Event::refused);
    EXPECT_EQ(item.entry->reason, name(code)) << item.log;
    EXPECT_EQ(item.alarm, alarm);
    EXPECT_TRUE(writes(item, Table::quarantine));
    EXPECT_FALSE(writes(item, Table::record));
    EXPECT_FALSE(item.inbox);
    EXPECT_TRUE(item.onwards.empty());
    ASSERT_EQ(result.reports.size(), 1U);
    EXPECT_EQ(result.reports.front().to, "ke.ncb");
    const auto evidence = parse_evidence(view(result.reports.front().row.texts.front().text)).value();
    EXPECT_EQ(evidence.event, "refused");
    EXPECT_EQ(evidence.reason, name(code));
    EXPECT_TRUE(evidence.core);
  }
  void expect_taken(const Package& package) {
    const auto item = received(chain.at("int.gs"), "ke.ncb", envelope(package));
    EXPECT_EQ(item.entry->event, audit::Event::received) << item.log;
    WriteSet set;
    set.ops = item.ops;
    chain.commit(chain.at("int.gs"), set);
  }
  record::LeafDecision withheld() { return {LeafEffect::withhold, "KE.LAW"}; }
  record::LeafDecision opaque() { return {LeafEffect::opaque, {}}; }
  record::Permit permit_for(const Package& package, std::vector<std::string> recipients) {
    const auto manifest = record::parse_manifest(view(package.manifest.text)).value();
    record::Permit permit;
    permit.realm = sim::realm;
    permit.id = make_uuid(start, std::array<std::uint8_t, 10>{++number, 9});
    permit.from = permit.record_from = "ke.customs";
    permit.key = customs.context->seal_key;
    permit.to = "ke.ncb";
    permit.recipients = std::move(recipients);
    permit.record = manifest.record;
    permit.manifest = crypto::text_hash(view(package.manifest.text));
    permit.event = "permitted";
    permit.reason = "-";
    permit.at = start;
    return permit;
  }
  Package pass_with(Package held, const record::Permit& permit, Party& signer) {
    held.permits = {{record::make_text(permit), {}}};
    sign(signer, held.permits.front());
    auto next = hop(ncb, "int.gs");
    next.permits = {crypto::text_hash(view(held.permits.front().text))};
    return pass(ncb, held, next);
  }
};
}  // namespace

TEST_F(HostileRelay, the_honest_one_is_taken) {
  const Package held = at_ncb(new_record());
  expect_taken(pass(ncb, held, hop(ncb, "int.gs"), {{leaf(held, "persons[].family_name"), withheld()}}));
}

TEST_F(HostileRelay, alters_a_value) {
  const Package held = at_ncb(new_record());
  Bytes packed = held.openings.packed();
  const std::string_view all = text(packed);
  packed[all.find("raw ivory")] ^= 1;
  Package altered = held;
  altered.openings = record::Openings::parse(record::parse_manifest(view(held.manifest.text))->record, packed).value();
  expect_refused(pass(ncb, altered, hop(ncb, "int.gs")), Errc::commitment_mismatch);
}

TEST_F(HostileRelay, drops_a_leaf) {
  Package held = at_ncb(new_record());
  std::vector<bool> keep(held.openings.size(), true);
  keep[leaf(held, "offence")] = false;
  held.openings = held.openings.subset(keep);
  expect_refused(pass(ncb, held, hop(ncb, "int.gs")), Errc::commitment_mismatch);
}

TEST_F(HostileRelay, drops_a_leaf_that_was_withheld_before) {
  const Package all = sealed(new_record());
  Package held = pass(customs, all, hop(customs, "ke.ncb"), {{leaf(all, "code_name"), withheld()}});
  held.withheld.clear();
  expect_refused(pass(ncb, held, hop(ncb, "int.gs")), Errc::commitment_mismatch);
}

TEST_F(HostileRelay, withholds_or_hides_an_inseparable_field) {
  auto what = new_record();
  const Package probe = sealed(what);
  what.manifest.inseparable = {to_bytes(probe.openings.path(leaf(probe, "quantity_text")))};
  const Package held = at_ncb(what);
  const std::size_t index = leaf(held, "quantity_text");
  expect_refused(cheat(held, {{index, withheld()}}), Errc::structure_broken);
  expect_refused(cheat(held, {{index, opaque()}}), Errc::structure_broken);
}

TEST_F(HostileRelay, opens_or_hides_half_of_a_group) {
  auto what = new_record();
  const Package probe = sealed(what);
  const auto group = below(probe, "companies[].");
  const Bytes first = to_bytes(probe.openings.path(group.front()));
  what.manifest.groups = {{group.size(), Bytes(first.begin(), first.end() - 3)}};  // without its last field: the element
  const Package held = at_ncb(what);
  const std::size_t index = leaf(held, "companies[].names");
  expect_refused(cheat(held, {{index, withheld()}}), Errc::group_split);
  expect_refused(cheat(held, {{index, opaque()}}), Errc::group_split);
}

TEST_F(HostileRelay, hides_what_open_fields_stand_on) {
  const Package held = at_ncb(new_record());
  const auto out = record::disclose(held, [&] {
    std::vector<record::LeafDecision> decisions(held.openings.size());
    decisions[leaf(held, "companies")].effect = LeafEffect::opaque;
    return decisions;
  }(), hop(ncb, "int.gs"), ncb.context->random_fill());
  EXPECT_EQ(out.error().code, Errc::structure_broken);  // our own code does not even make it
  // By hand: the number of companies moves from the openings to the opaque leaves of this hop.
  Package forged = pass(ncb, held, hop(ncb, "int.gs"));
  const std::size_t index = leaf(forged, "companies");
  const Hash hidden = forged.openings[index].leaf;
  std::vector<bool> keep(forged.openings.size(), true);
  keep[index] = false;
  forged.openings = forged.openings.subset(keep);
  auto& mine = forged.opaque.back();
  mine.insert(std::upper_bound(mine.begin(), mine.end(), hidden, record::hash_less), hidden);
  const auto list_hash = [](std::vector<Hash> hashes) {
    std::sort(hashes.begin(), hashes.end(), record::hash_less);
    Bytes all;
    for (const auto& hash : hashes) put(all, ByteView(hash));
    return merkle::sha256(all);
  };
  change(forged, 1, ncb, [&](record::Disclosure& last) {
    last.opaque = mine.size();
    last.opaque_hash = list_hash(mine);
    last.opened = forged.openings.size();
    last.opened_hash = list_hash(forged.openings.leaf_hashes());
  });
  expect_refused(forged, Errc::structure_broken);
}

TEST_F(HostileRelay, readdresses_a_package) {
  const Package held = at_ncb(new_record({"agency:int.gs", "agency:de.ncb"}));
  const Package for_gs = pass(ncb, held, hop(ncb, "int.gs"));
  expect_refused(for_gs, Errc::wrong_recipient, "de.ncb");
  Package rewritten = for_gs;
  auto last = record::parse_disclosure(view(rewritten.disclosures.back().text)).value();
  last.recipient = "de.ncb";
  rewritten.disclosures.back().text = record::make_text(last);
  expect_refused(rewritten, Errc::bad_signature, "de.ncb");
  // A package for the bureau itself, handed on as it is.
  expect_refused(held, Errc::wrong_sender);
}

TEST_F(HostileRelay, strips_or_claims_the_disclosure_of_another) {
  const Package all = sealed(new_record());
  const Package held = pass(customs, all, hop(customs, "ke.ncb"), {{leaf(all, "code_name"), withheld()}});
  const Package honest = pass(ncb, held, hop(ncb, "int.gs"));
  Package stripped = honest;
  stripped.disclosures.erase(stripped.disclosures.begin());
  stripped.opaque.erase(stripped.opaque.begin());
  expect_refused(stripped, Errc::commitment_mismatch);
  Package restarted = pass(ncb, all, hop(ncb, "int.gs"));  // as if it had written the record itself
  expect_refused(restarted, Errc::chain_broken);
  Package claimed = honest;  // the withholding of the originator as its own
  change(claimed, 0, ncb, [&](record::Disclosure& first) { first.relay = "ke.ncb"; first.key = ncb.context->seal_key; });
  expect_refused(claimed, Errc::chain_broken);
  Package blamed = honest;   // its own as the originator's
  change(blamed, 0, ncb, [](record::Disclosure& first) { first.withheld.front().basis = "KE.OTHER"; });
  change(blamed, 1, ncb, [&](record::Disclosure& last) { last.prev = crypto::text_hash(view(blamed.disclosures.front().text)); });
  expect_refused(blamed, Errc::unknown_key);
}

TEST_F(HostileRelay, opens_again_what_was_withheld_before_it) {
  const Package all = sealed(new_record());
  Package held = pass(customs, all, hop(customs, "ke.ncb"), {{leaf(all, "code_name"), withheld()}});
  std::vector<bool> keep(all.openings.size());  // had it from elsewhere
  for (std::size_t i = 0; i < keep.size(); ++i) keep[i] = held.openings.find(all.openings.path(i)) || i == leaf(all, "code_name");
  held.openings = all.openings.subset(keep);
  held.withheld.clear();
  expect_refused(pass(ncb, held, hop(ncb, "int.gs")), Errc::chain_broken);
}

TEST_F(HostileRelay, forwards_outside_the_audience) {
  const Package held = at_ncb(new_record({"agency:int.gs"}));
  expect_refused(pass(ncb, held, hop(ncb, "de.ncb")), Errc::audience_excludes, "de.ncb");
  expect_refused(pass(ncb, held, hop(ncb, "tz.police")), Errc::audience_excludes, "tz.police");
}

TEST_F(HostileRelay, a_relay_above_it_does_not_carry_back_what_was_never_for_it) {
  // int.gs relays for ke.ncb, so the route holds; but all that the audience names lies behind the sender.
  expect_refused(pass(ncb, at_ncb(new_record({"agency:ke.customs"})), hop(ncb, "int.gs")), Errc::audience_excludes);
}

TEST_F(HostileRelay, an_agency_that_is_no_bureau_relays_nothing) {
  Party& police = chain.at("tz.police");
  const Package first = pass(customs, sealed(new_record()), hop(customs, "tz.police"));
  const Package second = pass(police, first, hop(police, "int.gs"));
  const auto result = received_all(chain.at("int.gs"), "tz.police",
                                   {seal_envelope(*sealing(police, "int.gs"), header(police, "int.gs"), record::encode_package(second), police.site.random)->bytes});
  EXPECT_EQ(result.items.front().entry->reason, "route_not_allowed");
  EXPECT_EQ(result.items.front().alarm, "bad_package");
}

TEST_F(HostileRelay, uses_a_superseded_package) {
  const Package held = at_ncb(new_record());
  const Package first = pass(ncb, held, hop(ncb, "int.gs"), {{leaf(held, "code_name"), withheld()}});
  expect_taken(first);
  auto again = hop(ncb, "int.gs");
  again.supersedes = crypto::text_hash(view(first.disclosures.back().text));
  expect_taken(pass(ncb, held, again));
  expect_refused(first, Errc::superseded);
  // A package that takes its place and opens less.
  const auto row = load_record(*chain.at("int.gs").context, RecordKey{"ke.customs", record::parse_manifest(view(held.manifest.text))->record.id, 1}).value();
  again.supersedes = row.row.last_disclosure;
  expect_refused(pass(ncb, held, again, {{leaf(held, "offence"), withheld()}}), Errc::chain_broken);
}

TEST_F(HostileRelay, uses_an_old_policy) {
  auto newer = hop(ncb, "int.gs");
  newer.policy.version = 7;
  expect_taken(pass(ncb, at_ncb(new_record()), newer));
  auto older = hop(ncb, "int.gs");
  older.policy.version = 6;
  expect_taken(pass(ncb, at_ncb(new_record()), older));  // signed no later: it was on its way
  older.at = start + Seconds{1};
  chain.at("int.gs").now = start + Seconds{2};
  expect_refused(pass(ncb, at_ncb(new_record()), older), Errc::superseded, "int.gs", "old_policy");
}

TEST_F(HostileRelay, forges_borrows_or_lacks_a_permit) {
  auto what = new_record();
  what.manifest.handling = {{"TLP:RED", std::nullopt}};
  const Package held = at_ncb(what);
  const auto permit = permit_for(held, {"int.gs"});
  expect_refused(pass(ncb, held, hop(ncb, "int.gs")), Errc::permit_missing);
  expect_refused(pass_with(held, permit, ncb), Errc::permit_missing);
  auto other = permit_for(at_ncb(new_record()), {"int.gs"});
  expect_refused(pass_with(held, other, customs), Errc::permit_missing);
  expect_refused(pass_with(held, permit_for(held, {"de.ncb"}), customs), Errc::permit_missing);
  expect_taken(pass_with(held, permit, customs));
}

}  // namespace liaison::exchange::test
