// Verification (formats 2.6): the good way through three hops, and each wrong thing by its error.
#include "core/base/limits.h"
#include "core/merkle/tree.h"
#include "core/record/permit.h"
#include "tests/unit/record/package_fixture.h"

namespace liaison::record {
namespace {

using verify_package = RecordOnItsWay;

TEST_F(verify_package, whole_record_arrives_as_it_was_sent) {
  const Bytes message = full_message();
  parties.authority.let_relay("int.gs", "ke.customs");
  const support::Pass hop{"ke.customs", "int.gs", {}};
  const Package package = *pass(sealed(*every().schema, message), hop);
  const auto verified = receive(package, hop);
  ASSERT_TRUE(verified) << verified.error().message();
  const auto before = flatten(*every().schema, message, parties.now);
  const auto after = flatten(*every().schema, verified->message(), parties.now);
  ASSERT_TRUE(before);
  ASSERT_TRUE(after) << after.error().message();
  EXPECT_EQ(by_name(*every().schema, *before), by_name(*every().schema, *after));
}

TEST_F(verify_package, chain_of_three_hops_verifies) {
  const Package first = *pass(sealed(), to_ncb);
  EXPECT_TRUE(receive(first, to_ncb)) << receive(first, to_ncb).error().message();
  const Package second = *pass(first, to_gs);
  EXPECT_TRUE(receive(second, to_gs)) << receive(second, to_gs).error().message();
  const Package third = *pass(second, to_france);
  const auto verified = receive(third, to_france);
  ASSERT_TRUE(verified) << verified.error().message();
  EXPECT_EQ(verified->disclosures().size(), 3u);
  EXPECT_GE(verified->opaque_count(), 3u * 4u);
  EXPECT_TRUE(schema->verify_message(verified->message()));
}

class wrong_package : public RecordOnItsWay {
 protected:
  Errc refusal(const Package& package, const support::Pass& last) {
    const auto verified = receive(package, last);
    return verified ? Errc{} : verified.error().code;
  }
  Errc refusal_in(VerifyContext in, const Package& package) {
    crypto::VerifiedBatches batches;
    const auto verified = verify(package, in, batches);
    return verified ? Errc{} : verified.error().code;
  }
  // Replaces text in the last disclosure and signs it anew, as a relay that lies would.
  Package lying(Package package, const std::string& relay, const std::string& what, const std::string& with) {
    std::string& text = package.disclosures.back().text;
    const auto at = text.find(what);
    EXPECT_NE(at, std::string::npos) << what;
    text.replace(at, what.size(), with);
    parties.authority.sign(relay, package.disclosures.back());
    return package;
  }
  static std::string line(const SignedText& text, const std::string& key) {
    const auto at = text.text.find("\n" + key + " ");
    return text.text.substr(at + 1, text.text.find('\n', at + 1) - at - 1);
  }
};

TEST_F(wrong_package, realm_and_parties) {
  const Package package = direct(sealed());
  VerifyContext in = context(to_ncb);
  in.realm = "liaison";
  EXPECT_EQ(refusal_in(in, package), Errc::wrong_realm);
  in.realm = "test-exercise";
  in.self = "tz.ncb";
  EXPECT_EQ(refusal_in(in, package), Errc::wrong_recipient);
  in.self = "ke.ncb";
  in.envelope_from = "ke.kws";
  EXPECT_EQ(refusal_in(in, package), Errc::wrong_sender);
}

TEST_F(wrong_package, signatures_and_keys) {
  Package package = direct(sealed());
  Package other = package;
  other.manifest.signatures = parties.authority.sign("ke.ncb", other.manifest.text);
  EXPECT_EQ(refusal(other, to_ncb), Errc::unknown_key);
  other = package;
  other.manifest.signatures = parties.authority.sign("ke.customs", other.manifest.text + " ");
  EXPECT_EQ(refusal(other, to_ncb), Errc::bad_signature);
  other = package;
  other.disclosures[0].signatures = parties.authority.sign("ke.customs", "liaison x");
  EXPECT_EQ(refusal(other, to_ncb), Errc::bad_signature);
  other.disclosures[0].signatures.clear();
  EXPECT_NE(refusal(other, to_ncb), Errc{});
  parties.authority.end_validity("ke.customs", parties.now);
  EXPECT_EQ(refusal(package, to_ncb), Errc::key_not_valid);
}

TEST_F(wrong_package, age_of_the_manifest) {
  const Package package = direct(sealed());
  VerifyContext in = context(to_ncb);
  in.now = parties.now + limits::created_age_max + Milliseconds(1);
  EXPECT_EQ(refusal_in(in, package), Errc::clock_out_of_range);
  in.manifest_already_held = true;
  EXPECT_EQ(refusal_in(in, package), Errc{});
  in.now = parties.now - limits::clock_ahead_max - Milliseconds(1);
  EXPECT_EQ(refusal_in(in, package), Errc::clock_out_of_range);
}

TEST_F(wrong_package, unknown_schema) {
  const Package package = direct(sealed());
  const SchemaRegistry empty;
  const VerifyContext in{"test-exercise", "ke.ncb", "ke.customs", parties.now, false, empty, parties.authority};
  EXPECT_EQ(refusal_in(in, package), Errc::unknown_schema);
}

TEST_F(wrong_package, leaves_left_out_added_or_changed) {
  const Package package = direct(sealed());
  std::vector<bool> keep(package.openings.size(), true);
  keep[3] = false;
  Package other = package;
  other.openings = package.openings.subset(keep);
  EXPECT_EQ(refusal(other, to_ncb), Errc::commitment_mismatch);
  other = package;
  Bytes packed = package.openings.packed();
  packed[packed.size() / 3] ^= 1;
  const auto changed = Openings::parse(parse_manifest(view(package.manifest.text))->record, packed);
  if (changed) {
    other.openings = *changed;
    EXPECT_EQ(refusal(other, to_ncb), Errc::commitment_mismatch);
  }
  other = package;
  other.opaque[0].pop_back();
  EXPECT_EQ(refusal(other, to_ncb), Errc::commitment_mismatch);
  // Opened and at the same time named as withheld: a path twice.
  other = package;
  const auto item = package.openings[0];
  other.withheld.push_back({to_bytes(item.path), commitment(item.salt, item.type, item.value)});
  other.openings = package.openings.subset(std::vector<bool>(keep.size(), true));
  EXPECT_EQ(refusal(other, to_ncb), Errc::commitment_mismatch);
}

TEST_F(wrong_package, relay_that_lies_about_the_chain) {
  const Package first = *pass(sealed(), to_ncb);
  const Package second = *pass(first, to_gs);
  const auto& d = second.disclosures[1];
  EXPECT_EQ(refusal(lying(second, "ke.ncb", "hop 2", "hop 3"), to_gs), Errc::chain_broken);
  EXPECT_EQ(refusal(lying(second, "ke.ncb", line(d, "prev"), "prev -"), to_gs), Errc::chain_broken);
  EXPECT_EQ(refusal(lying(second, "ke.ncb", line(d, "prev"), "prev " + to_base64(Hash{})), to_gs), Errc::chain_broken);
  EXPECT_EQ(refusal(lying(second, "ke.ncb", line(d, "manifest"), "manifest " + to_base64(Hash{})), to_gs), Errc::chain_broken);
  EXPECT_EQ(refusal(lying(second, "ke.ncb", "record ke.customs", "record ke.kws"), to_gs), Errc::chain_broken);
  EXPECT_EQ(refusal(lying(second, "ke.ncb", "realm test-exercise", "realm other"), to_gs), Errc::wrong_realm);
  EXPECT_EQ(refusal(lying(second, "ke.ncb", line(d, "at"), "at 2026-03-04T05:06:07.088Z"), to_gs), Errc::chain_broken);
  EXPECT_EQ(refusal(lying(second, "ke.ncb", line(d, "opened"), "opened 1 " + to_base64(Hash{})), to_gs), Errc::chain_broken);
  Package skipped = second;
  skipped.disclosures.erase(skipped.disclosures.begin());
  EXPECT_EQ(refusal(skipped, to_gs), Errc::bad_format);
  skipped = second;
  skipped.disclosures.clear();
  skipped.opaque.clear();
  EXPECT_EQ(refusal(skipped, to_gs), Errc::chain_broken);
}

TEST_F(wrong_package, relay_that_names_withheld_leaves_wrongly) {
  const Package held = sealed();
  auto decisions = support::open_all(held, to_ncb);
  decisions[1] = {LeafEffect::withhold, "KE.NATIONALS"};
  const Package package = *support::pass_on(parties, held, to_ncb, decisions);
  EXPECT_EQ(refusal(package, to_ncb), Errc{});
  const std::string named = line(package.disclosures[0], "withheld");
  EXPECT_EQ(refusal(lying(package, "ke.customs", named + "\n", ""), to_ncb), Errc::chain_broken);
  EXPECT_EQ(refusal(lying(package, "ke.customs", named, named + "\n" + named + "2"), to_ncb), Errc::chain_broken);
  Package other = package;
  other.withheld[0].commitment[0] ^= 1;
  EXPECT_EQ(refusal(other, to_ncb), Errc::commitment_mismatch);
}

TEST_F(wrong_package, route_and_audience) {
  const support::Pass to_tanzania{"ke.customs", "tz.ncb", {"int.gs"}};
  EXPECT_EQ(refusal(*pass(sealed(), to_tanzania), to_tanzania), Errc::audience_excludes);
  const support::Pass to_stranger{"ke.customs", "ke.kws", {"int.gs"}}, by_stranger{"ke.kws", "int.gs", {}};
  const Package second = *pass(*pass(sealed(), to_stranger), by_stranger);
  EXPECT_EQ(refusal(second, by_stranger), Errc::route_not_allowed);
}

TEST_F(wrong_package, message_the_schema_does_not_fit) {
  // A record whose leaves are well formed, but not those of any message.
  const auto refused = [&](std::vector<Leaf> leaves) {
    NewRecord record = support::new_record(parties, *every().schema, "ke.customs", {});
    leaves.push_back({audience_path(1), LeafType::string, to_bytes("agency:ke.ncb")});
    Package package;
    package.openings = *Openings::commit(record.manifest.record, leaves, parties.random);
    std::vector<Hash> hashes = package.openings.leaf_hashes();
    std::sort(hashes.begin(), hashes.end());
    record.manifest.root = merkle::root(hashes);
    record.manifest.leaves = hashes.size();
    package.manifest.text = make_text(record.manifest);
    parties.authority.sign("ke.customs", package.manifest);
    const auto out = pass(package, to_ncb_only);
    return out ? refusal(*out, to_ncb_only) : out.error().code;
  };
  const Bytes flag = *from_hex("010000"), text = *from_hex("01000c"), nodes = *from_hex("010010"), animal = *from_hex("010012"), birth = *from_hex("010018");
  EXPECT_EQ(refused({{flag, LeafType::boolean, {1}}}), Errc{});
  EXPECT_EQ(refused({{flag, LeafType::string, {}}}), Errc::rebuild_mismatch);
  EXPECT_EQ(refused({{*from_hex("01001b"), LeafType::string, {}}}), Errc::rebuild_mismatch);   // deprecated
  EXPECT_EQ(refused({{*from_hex("010063"), LeafType::string, {}}}), Errc::rebuild_mismatch);   // unknown
  EXPECT_EQ(refused({{*from_hex("010005"), LeafType::unsigned_number, *from_hex("0000000000000100")}}), Errc::rebuild_mismatch);  // 256 in a byte
  EXPECT_EQ(refused({{nodes, LeafType::vector_length, *from_hex("ffffffff")}}), Errc::limit_exceeded);
  EXPECT_EQ(refused({{nodes, LeafType::vector_length, *from_hex("00000001")}, {*from_hex("0100100200000001010000"), LeafType::string, {}}}), Errc::structure_broken);
  EXPECT_EQ(refused({{*from_hex("0100100200000000010000"), LeafType::string, {}}}), Errc::structure_broken);
  EXPECT_EQ(refused({{animal, LeafType::union_type, {9}}}), Errc::rebuild_mismatch);
  EXPECT_EQ(refused({{animal, LeafType::union_type, {1}}, {*from_hex("0100120302010000"), LeafType::string, {}}}), Errc::structure_broken);
  EXPECT_EQ(refused({{text, LeafType::string, to_bytes("1234567890")}, {*from_hex("01000c0409"), LeafType::string, to_bytes("7890")}}), Errc{});
  EXPECT_EQ(refused({{text, LeafType::string, to_bytes("1234567890")}, {*from_hex("01000c0409"), LeafType::string, to_bytes("7891")}}), Errc::rebuild_mismatch);
  EXPECT_EQ(refused({{text, LeafType::string, to_bytes("12345678")}, {*from_hex("01000c0409"), LeafType::string, to_bytes("5678")}}), Errc::rebuild_mismatch);
  EXPECT_EQ(refused({{*from_hex("0100180401"), LeafType::signed_number, *from_hex("00000000000007c0")}}), Errc{});  // the base is not open
  EXPECT_EQ(refused({{*from_hex("01000f"), LeafType::empty_table, {}}, {*from_hex("01000f010000"), LeafType::string, {}}}), Errc::rebuild_mismatch);
  EXPECT_EQ(refused({{*from_hex("010013"), LeafType::scalar_vector, *from_hex("ffffffff")}}), Errc::rebuild_mismatch);
  EXPECT_EQ(refused({{birth, LeafType::bytes, {}}}), Errc::rebuild_mismatch);
}

TEST_F(wrong_package, originator_control_without_permit) {
  NewRecord record = support::new_record(parties, *schema, "ke.customs", {"agency:int.gs"});
  record.manifest.handling = {{"H2", std::nullopt}};
  const Package first = *pass(support::seal(parties, *schema, support::tiny_ecomessage(), record), to_ncb);
  EXPECT_EQ(refusal(first, to_ncb), Errc{});
  EXPECT_EQ(refusal(*pass(first, to_gs), to_gs), Errc::permit_missing);

  Permit permit;
  permit.realm = "test-exercise";
  permit.from = permit.record_from = "ke.customs";
  permit.key = parties.authority.key_of("ke.customs");
  permit.to = "ke.ncb";
  permit.recipients = {"int.gs"};
  permit.record = record.manifest.record;
  permit.manifest = crypto::text_hash(view(first.manifest.text));
  permit.event = "permitted";
  permit.reason = "-";
  permit.at = parties.now;
  const auto passed_with = [&](Permit with) {
    Package held = first;
    held.permits = {{make_text(with), {}}};
    parties.authority.sign("ke.customs", held.permits[0]);
    const Hop hop{"ke.ncb", parties.authority.key_of("ke.ncb"), "int.gs", "investigation", {"direct", 1, {}}, {crypto::text_hash(view(held.permits[0].text))}, {}, parties.now};
    Package out = *disclose(held, support::open_all(held, to_gs), hop, parties.random);
    parties.authority.sign("ke.ncb", out.disclosures.back());
    return refusal(out, to_gs);
  };
  EXPECT_EQ(passed_with(permit), Errc{});
  Permit elsewhere = permit;
  elsewhere.recipients = {"fr.ncb"};
  EXPECT_EQ(passed_with(elsewhere), Errc::permit_missing);
  elsewhere = permit;
  elsewhere.manifest = {};
  EXPECT_EQ(passed_with(elsewhere), Errc::permit_missing);
}

TEST_F(verify_package, status_of_a_path_that_is_not_shown) {
  const auto verified = receive(direct(sealed()), to_ncb);
  ASSERT_TRUE(verified);
  EXPECT_EQ(status_of(*verified, *from_hex("010000")).state, FieldState::opened);
  EXPECT_EQ(status_of(*verified, *from_hex("01000d")).state, FieldState::not_shown);  // provenance: absent or opaque, decoys hide which
  EXPECT_TRUE(verified->withheld_fields().empty());
}

}  // namespace
}  // namespace liaison::record
