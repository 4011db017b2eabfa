// Disclosure (formats 2.2, 2.5): what redaction must keep true whatever is held back, by whom and in which order.
#include <algorithm>
#include <random>
#include <set>

#include "core/base/limits.h"
#include "tests/unit/record/package_fixture.h"

namespace liaison::record {
namespace {

class redaction : public RecordOnItsWay {
 protected:
  using Paths = std::set<Bytes>;

  Result<Package> redact(const Package& package, const support::Pass& hop, const Paths& paths, LeafEffect effect = LeafEffect::withhold) {
    auto decisions = support::open_all(package, hop);
    for (std::size_t i = 0; i < decisions.size(); ++i) {
      if (paths.contains(to_bytes(package.openings[i].path))) decisions[i] = {effect, "KE.DATA-PROTECTION"};
    }
    return support::pass_on(parties, package, hop, decisions);
  }
  static Paths open_fields(const Package& package) {
    Paths out;
    for (std::size_t i = 0; i < package.openings.size(); ++i) {
      if (first_component(package.openings.path(i)) == Component::field) out.insert(to_bytes(package.openings.path(i)));
    }
    return out;
  }
  static Paths withheld_fields(const Package& package) {
    Paths out;
    for (const auto& leaf : package.withheld) out.insert(leaf.path);
    return out;
  }
  // Whatever stands below a chosen path goes with it.
  static Paths with_children(const Package& package, const Paths& chosen) {
    Paths out = chosen;
    for (const Bytes& path : open_fields(package)) {
      for (const Bytes& ancestor : chosen) {
        if (starts_with(path, ancestor)) out.insert(path);
      }
    }
    return out;
  }
  static bool contains(ByteView where, ByteView what) { return std::search(where.begin(), where.end(), what.begin(), what.end()) != where.end(); }
};

TEST_F(redaction, every_field_can_be_withheld_alone) {
  const Package package = sealed();
  for (const Bytes& path : open_fields(package)) {
    const Paths chosen = with_children(package, {path});
    const auto out = redact(package, to_ncb, chosen);
    ASSERT_TRUE(out) << out.error().message();
    const auto verified = receive(*out, to_ncb);
    ASSERT_TRUE(verified) << verified.error().message();
    EXPECT_EQ(withheld_fields(verified->package()), chosen);
    EXPECT_EQ(status_of(*verified, path).state, FieldState::withheld);
    EXPECT_EQ(status_of(*verified, path).by, "ke.customs");
    EXPECT_EQ(status_of(*verified, path).basis, "KE.DATA-PROTECTION");
  }
}

TEST_F(redaction, random_subsets_verify_over_up_to_three_hops) {
  std::mt19937 random(20260304);
  const Package start = sealed();
  const std::vector<support::Pass> hops{to_ncb, to_gs, to_france};
  for (int round = 0; round < 1000; ++round) {
    Package package = start;
    Paths gone;
    const std::size_t count = 1 + random() % hops.size();
    for (std::size_t k = 0; k < count; ++k) {
      Paths chosen;
      for (const Bytes& path : open_fields(package)) {
        if (random() % 8 == 0) chosen.insert(path);
      }
      chosen = with_children(package, chosen);
      const auto effect = random() % 3 == 0 ? LeafEffect::opaque : LeafEffect::withhold;
      // What was withheld below must not lose its ancestors to opacity.
      if (effect == LeafEffect::opaque && !package.withheld.empty()) chosen.clear();
      auto out = redact(package, hops[k], chosen, effect);
      ASSERT_TRUE(out) << "round " << round << ": " << out.error().message();
      gone.insert(chosen.begin(), chosen.end());
      package = std::move(*out);
    }
    const auto verified = receive(package, hops[count - 1]);
    ASSERT_TRUE(verified) << "round " << round << ": " << verified.error().message();
    for (const Bytes& path : gone) EXPECT_FALSE(verified->package().openings.find(path));
    EXPECT_EQ(open_fields(package).size() + gone.size(), open_fields(start).size());
  }
}

TEST_F(redaction, in_two_steps_or_in_one_leaves_the_same) {
  const Package package = sealed();
  const Paths a{*from_hex("010001")}, b{*from_hex("010004"), *from_hex("010014")};
  Paths both = a;
  both.insert(b.begin(), b.end());
  const Package stepwise = *redact(*redact(package, to_ncb, a), to_gs, b);
  const Package at_once = *redact(*redact(package, to_ncb, both), to_gs, {});
  EXPECT_EQ(open_fields(stepwise), open_fields(at_once));
  EXPECT_EQ(withheld_fields(stepwise), withheld_fields(at_once));
  EXPECT_EQ(stepwise.withheld, at_once.withheld);
  const auto first = receive(stepwise, to_gs), second = receive(at_once, to_gs);
  ASSERT_TRUE(first);
  ASSERT_TRUE(second);
  const auto x = flatten(*schema, first->message(), parties.now), y = flatten(*schema, second->message(), parties.now);
  EXPECT_EQ(by_name(*schema, *x), by_name(*schema, *y));
}

TEST_F(redaction, no_withheld_value_or_salt_is_in_the_output) {
  const Package package = sealed();
  std::mt19937 random(7);
  for (int round = 0; round < 20; ++round) {
    Paths chosen;
    for (const Bytes& path : open_fields(package)) {
      if (random() % 4 == 0) chosen.insert(path);
    }
    chosen = with_children(package, chosen);
    const Package out = *redact(package, to_ncb, chosen, round % 2 == 0 ? LeafEffect::withhold : LeafEffect::opaque);
    const Bytes bytes = encode_package(out);
    std::set<Bytes> still_open;
    for (std::size_t i = 0; i < out.openings.size(); ++i) still_open.insert(to_bytes(out.openings[i].value));
    for (std::size_t i = 0; i < package.openings.size(); ++i) {
      const auto item = package.openings[i];
      if (out.openings.find(item.path)) continue;
      EXPECT_FALSE(contains(bytes, item.salt)) << to_hex(item.path);
      const bool repeated = std::any_of(still_open.begin(), still_open.end(), [&](const Bytes& value) { return contains(value, item.value); });
      const bool in_texts = contains(view(out.manifest.text), item.value);  // the month of the manifest's own dates
      if (item.value.size() >= 6 && !repeated && !in_texts && item.type == LeafType::string) {
        EXPECT_FALSE(contains(bytes, item.value)) << to_hex(item.path);
      }
    }
  }
}

TEST_F(redaction, decoys_become_opaque_on_every_hop) {
  Package package = sealed();
  const auto decoys = [](const Package& of) {
    std::size_t count = 0;
    for (std::size_t i = 0; i < of.openings.size(); ++i) count += is_decoy(of.openings.path(i)) ? 1 : 0;
    return count;
  };
  EXPECT_GE(decoys(package), 32u);
  EXPECT_LE(decoys(package), 47u);
  for (const support::Pass& hop : {to_ncb, to_gs, to_france}) {
    const Package next = *pass(package, hop);
    const std::size_t closed = decoys(package) - decoys(next);
    EXPECT_GE(closed, 4u);
    EXPECT_LE(closed, 8u);
    package = next;
  }
}

TEST_F(redaction, placeholders_stand_for_elements_held_back) {
  const Package package = sealed(*every().schema, full_message());
  Paths chosen;
  for (const Bytes& path : open_fields(package)) {
    const std::string name = every().schema->describe(path)->name;
    if (name.starts_with("nodes[]") || name.starts_with("animal.")) chosen.insert(path);
  }
  const auto verified = receive(*redact(package, to_ncb, chosen), to_ncb);
  ASSERT_TRUE(verified) << verified.error().message();
  const auto again = flatten(*every().schema, verified->message(), parties.now);
  auto values = by_name(*every().schema, *again);
  EXPECT_EQ(values["nodes"], "08:00000003");
  EXPECT_EQ(values["nodes[]''"], "09:");
  EXPECT_EQ(values["animal.Dog"], "09:");
}

TEST_F(redaction, broken_ancestors_are_refused) {
  const Package package = sealed();
  const Bytes persons = *from_hex("010009"), first_name = *from_hex("0100090200000000010002");
  EXPECT_EQ(redact(package, to_ncb, {persons}).error().code, Errc::structure_broken);
  const Package named = *redact(package, to_ncb, {first_name});
  Paths rest = with_children(named, {persons});
  EXPECT_EQ(redact(named, to_gs, rest, LeafEffect::opaque).error().code, Errc::structure_broken);
  EXPECT_TRUE(redact(named, to_gs, rest, LeafEffect::withhold));
}

TEST_F(redaction, derived_leaf_of_an_opaque_base_is_refused) {
  const Package package = sealed();
  const Bytes family_name = *from_hex("0100090200000000010001");
  EXPECT_EQ(redact(package, to_ncb, {family_name}, LeafEffect::opaque).error().code, Errc::structure_broken);
  EXPECT_TRUE(redact(package, to_ncb, with_children(package, {family_name}), LeafEffect::opaque));
  EXPECT_TRUE(redact(package, to_ncb, {family_name}, LeafEffect::withhold));
}

TEST_F(redaction, inseparable_groups_and_handling_bind) {
  NewRecord record = support::new_record(parties, *schema, "ke.customs", {"agency:int.gs"});
  const Bytes offence = *from_hex("010000"), method = *from_hex("010004"), company = *from_hex("01000a0200000000"), person = *from_hex("0100090200000000");
  record.manifest.inseparable = {offence};
  record.manifest.groups = {{0, company}};
  record.manifest.handling = {{"H1", person}};
  const Package package = support::seal(parties, *schema, support::typical_ecomessage(), record);
  Paths company_leaves;
  for (const Bytes& path : open_fields(package)) {
    if (starts_with(path, company)) company_leaves.insert(path);
  }
  EXPECT_EQ(redact(package, to_ncb, {offence}).error().code, Errc::structure_broken);
  EXPECT_EQ(redact(package, to_ncb, {offence}, LeafEffect::opaque).error().code, Errc::structure_broken);
  EXPECT_EQ(redact(package, to_ncb, {*company_leaves.begin()}).error().code, Errc::group_split);
  EXPECT_EQ(redact(package, to_ncb, company_leaves, LeafEffect::opaque).error().code, Errc::group_split);
  EXPECT_EQ(redact(package, to_ncb, {*from_hex("0100090200000000010003")}, LeafEffect::opaque).error().code, Errc::structure_broken);
  EXPECT_TRUE(redact(package, to_ncb, {method}, LeafEffect::opaque));
  const auto verified = receive(*redact(package, to_ncb, company_leaves), to_ncb);
  EXPECT_TRUE(verified) << verified.error().message();
}

TEST_F(redaction, a_fifth_hop_is_refused) {
  Package package = sealed();
  for (std::size_t i = 0; i < limits::hops_max; ++i) package = *pass(package, to_ncb);
  EXPECT_EQ(pass(package, to_ncb).error().code, Errc::limit_exceeded);
}

TEST_F(redaction, a_later_release_is_a_complete_package_that_supersedes) {
  const Package held = sealed();
  const Package first = *redact(held, to_ncb, {*from_hex("010001")});
  Hop hop{"ke.customs", parties.authority.key_of("ke.customs"), "ke.ncb", "investigation", {"direct", 1, {}}, {}, crypto::text_hash(view(first.disclosures[0].text)), parties.now};
  Package release = *disclose(held, support::open_all(held, to_ncb), hop, parties.random);
  parties.authority.sign("ke.customs", release.disclosures.back());
  const auto verified = receive(release, to_ncb);
  ASSERT_TRUE(verified);
  EXPECT_EQ(verified->disclosures()[0].supersedes, hop.supersedes);
  EXPECT_TRUE(verified->package().withheld.empty());
}

}  // namespace
}  // namespace liaison::record
