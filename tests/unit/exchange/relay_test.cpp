// Relays: records over one to four hops, who gets what of the audience, whose people see it, evidence on its way back, and what no relay may do.
#include <gtest/gtest.h>

#include "core/exchange/permits.h"
#include "core/record/permit.h"
#include "tests/unit/exchange/chain.h"

namespace liaison::exchange::test {
namespace {
using Lines = std::vector<std::string>;
struct Relay : testing::Test {
  Chain chain;
  RecordKey to(std::vector<std::string> recipients) { return chain.accept("ke.customs", over_bureaus(std::move(recipients))); }
  std::string refusal(Submission what) {
    const auto refused = validate(*chain.at("ke.customs").context, std::move(what));
    return refused ? "" : refused.error().detail;
  }
};
}  // namespace

TEST_F(Relay, first_hop_is_the_own_bureau_whoever_is_addressed) {
  to({"int.gs", "de.customs", "de.ncb"});
  EXPECT_EQ(chain.outbox("ke.customs", "ke.ncb").size(), 1U);
  EXPECT_TRUE(chain.outbox("ke.customs", "int.gs").empty());
}

TEST_F(Relay, four_hops_arrive_once_and_only_the_addressee_has_it_in_its_inbox) {
  const auto key = to({"de.customs"});
  for (const auto& [from, next] : {std::pair{"ke.customs", "ke.ncb"}, {"ke.ncb", "int.gs"}, {"int.gs", "de.ncb"}, {"de.ncb", "de.customs"}}) {
    const auto carried = chain.carry(from, next);
    EXPECT_EQ(carried.only().entry->event, audit::Event::received) << carried.only().log;
  }
  for (const char* relay : {"ke.ncb", "int.gs", "de.ncb"}) EXPECT_EQ(chain.inbox(relay), 0U) << relay;
  EXPECT_EQ(chain.inbox("de.customs"), 1U);
  EXPECT_EQ(chain.held("de.customs", key).disclosures.size(), 4U);
}

TEST_F(Relay, evidence_of_the_final_recipient_comes_back_to_the_originator_once) {
  const auto key = to({"de.customs"});
  const Lines way{"ke.customs", "ke.ncb", "int.gs", "de.ncb", "de.customs"};
  for (std::size_t i = 0; i + 1 < way.size(); ++i) chain.carry(way[i], way[i + 1]);
  for (std::size_t i = way.size() - 1; i > 0; --i) chain.carry(way[i], way[i - 1]);
  EXPECT_EQ(chain.evidence("ke.customs", key),
            (Lines{"delivered - de.customs", "relayed de.customs de.ncb", "relayed de.ncb int.gs", "relayed int.gs ke.ncb"}));
  EXPECT_TRUE(chain.outbox("ke.ncb", "ke.customs").empty());
}

TEST_F(Relay, an_addressed_relay_shows_it_and_passes_it_on) {
  const auto key = to({"int.gs", "de.ncb"});
  chain.carry("ke.customs", "ke.ncb");
  chain.carry("ke.ncb", "int.gs");
  EXPECT_EQ(chain.inbox("int.gs"), 1U);
  EXPECT_EQ(chain.carry("int.gs", "de.ncb").items.size(), 1U);
  EXPECT_EQ(chain.inbox("de.ncb"), 1U);
  EXPECT_EQ(audiences_of(chain.held("de.ncb", key).openings), (Lines{"agency:de.ncb"}));
  EXPECT_EQ(audiences_of(chain.held("int.gs", key).openings).size(), 2U);
}

TEST_F(Relay, a_bureau_distributes_what_is_for_its_country) {
  Submission what = over_bureaus({"country:ke"});
  const auto key = chain.accept("de.customs", std::move(what));
  chain.carry("de.customs", "de.ncb");
  chain.carry("de.ncb", "int.gs");
  chain.carry("int.gs", "ke.ncb");
  EXPECT_EQ(chain.inbox("ke.ncb"), 1U);
  EXPECT_EQ(chain.carry("ke.ncb", "ke.customs").only().entry->event, audit::Event::received);
  EXPECT_EQ(chain.inbox("ke.customs"), 1U);
  EXPECT_EQ(chain.held("ke.customs", key).disclosures.size(), 4U);
}

TEST_F(Relay, national_and_regional_messages_never_reach_the_general_secretariat) {
  auto what = over_bureaus({"int.gs"});
  what.level = "national";
  EXPECT_NE(refusal(what).find("does not leave the country"), std::string::npos);
  what.level = "regional";
  EXPECT_NE(refusal(what).find("never reaches int.gs"), std::string::npos);
  what.to = {"de.customs"};  // between the bureaus
  EXPECT_EQ(refusal(what), "");
  chain.accept("ke.customs", what);
  chain.carry("ke.customs", "ke.ncb");
  EXPECT_TRUE(chain.outbox("ke.ncb", "int.gs").empty());
  chain.carry("ke.ncb", "de.ncb");
  EXPECT_EQ(chain.carry("de.ncb", "de.customs").only().entry->event, audit::Event::received);
}

TEST_F(Relay, without_a_bureau_nothing_goes_abroad_on_the_interpol_channel) {
  Party police("tz.police");
  const auto refused = validate(*police.context, over_bureaus({"int.gs"}));
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().detail.find("tz.police has no bureau on the channel interpol"), std::string::npos) << refused.error().detail;
  EXPECT_NE(refusal(over_bureaus({"zm.parks"})).find("zm.parks has no bureau"), std::string::npos);
}

TEST_F(Relay, a_policy_that_passes_nothing_on_refuses_with_evidence) {
  auto& bureau = chain.at("ke.ncb");
  auto changed = std::make_shared<Context>(*bureau.context);
  changed->policy = policy::Policy::direct().value();
  bureau.context = changed;
  const auto key = to({"int.gs"});
  EXPECT_EQ(chain.carry("ke.customs", "ke.ncb").only().entry->reason, "not_permitted");
  chain.carry("ke.ncb", "ke.customs");
  EXPECT_EQ(chain.evidence("ke.customs", key), (Lines{"refused not_permitted ke.ncb"}));
}

TEST_F(Relay, what_expires_at_a_relay_is_said_to_the_originator) {
  auto what = over_bureaus({"int.gs"});
  what.expires = start + Seconds{30};
  const auto key = chain.accept("ke.customs", std::move(what));
  chain.carry("ke.customs", "ke.ncb");
  chain.at("ke.ncb").now = start + Seconds{31};
  const auto carried = chain.carry("ke.ncb", "int.gs");
  EXPECT_EQ(carried.dropped.size(), 1U);
  EXPECT_TRUE(carried.items.empty());
  chain.at("ke.customs").now = start + Seconds{31};
  chain.carry("ke.ncb", "ke.customs");
  EXPECT_EQ(chain.evidence("ke.customs", key), (Lines{"not_relayed expired:int.gs ke.ncb"}));
}

namespace {
struct Permits : Relay {
  Submission red(bool permitted = false) {
    auto what = over_bureaus({"de.ncb"});
    what.handling = {"TLP:RED"};
    what.permit_relays = permitted;
    return what;
  }
  // As the request GivePermit does.
  void give(const RecordKey& key) {
    Party& customs = chain.at("ke.customs");
    const auto held = load_record(*customs.context, key).value();
    auto permits = make_permits(*customs.context, held.manifest, held.manifest_hash(), held.row.recipients).value();
    ASSERT_EQ(permits.size(), 1U);
    WriteSet set;
    set.ops = {permits.front().op, {OpKind::insert, Table::outbox, key_of_outbox("ke.ncb", Lane::routine, 1000), encode(make_permit_report(*customs.context, permits.front()).row)}};
    chain.commit(customs, set);
  }
};
}  // namespace

TEST_F(Permits, under_originator_control_nothing_goes_on_without_one) {
  const auto key = chain.accept("ke.customs", red());
  EXPECT_EQ(chain.carry("ke.customs", "ke.ncb").only().entry->event, audit::Event::received);
  EXPECT_TRUE(chain.outbox("ke.ncb", "int.gs").empty());
  chain.carry("ke.ncb", "ke.customs");
  EXPECT_EQ(chain.evidence("ke.customs", key), (Lines{"held permit_missing:int.gs ke.ncb"}));
}

TEST_F(Permits, one_given_later_lets_it_go_on_over_every_relay) {
  const auto key = chain.accept("ke.customs", red());
  chain.carry("ke.customs", "ke.ncb");
  give(key);
  EXPECT_EQ(chain.carry("ke.customs", "ke.ncb").only().entry->reason, "permit");
  EXPECT_EQ(chain.outbox("ke.ncb", "int.gs").size(), 1U);
  EXPECT_EQ(chain.carry("ke.ncb", "int.gs").only().entry->event, audit::Event::received);
  EXPECT_EQ(chain.carry("int.gs", "de.ncb").only().entry->event, audit::Event::received);
  EXPECT_EQ(chain.inbox("de.ncb"), 1U);
  EXPECT_EQ(chain.held("de.ncb", key).permits.size(), 1U);
}

TEST_F(Permits, one_given_when_it_is_sent_travels_along) {
  const auto key = chain.accept("ke.customs", red(true));
  for (const auto& [from, next] : {std::pair{"ke.customs", "ke.ncb"}, {"ke.ncb", "int.gs"}, {"int.gs", "de.ncb"}})
    EXPECT_EQ(chain.carry(from, next).only().entry->event, audit::Event::received);
  EXPECT_EQ(chain.held("de.ncb", key).permits.size(), 1U);
}

namespace {
struct EarlyPermits : Permits {
  std::uint8_t number = 0;

  record::SignedText permit(const RecordKey& key, const Hash& manifest) {
    Party& customs = chain.at("ke.customs");
    record::Permit made;
    made.realm = sim::realm;
    made.id = make_uuid(start, std::array<std::uint8_t, 10>{7, ++number});
    made.from = made.record_from = "ke.customs";
    made.key = customs.context->seal_key;
    made.to = "ke.ncb";
    made.recipients = {"de.ncb", "int.gs"};
    made.record = {key.id, key.version};
    made.manifest = manifest;
    made.event = "permitted";
    made.reason = "-";
    made.at = start;
    record::SignedText text{record::make_text(made), {}};
    text.signatures = customs.context->seal_texts(std::span(&text.text, 1)).value().front();
    return text;
  }
  // Sent before anything else of the record; stored as T2 would.
  std::string overtakes(const record::SignedText& text) {
    Party& customs = chain.at("ke.customs");
    auto head = header(customs, "ke.ncb", Content::texts);
    head.msg_id = make_uuid(start, std::array<std::uint8_t, 10>{8, ++number});
    const auto item = received(chain.at("ke.ncb"), "ke.customs", seal_envelope(*sealing(customs, "ke.ncb"), head, encode_texts({text}), customs.site.random)->bytes);
    WriteSet set;
    set.ops = item.ops;
    chain.commit(chain.at("ke.ncb"), set);
    return item.entry->reason;
  }
  Hash manifest_of(const RecordKey& key) { return load_record(*chain.at("ke.customs").context, key).value().manifest_hash(); }
};
}  // namespace

TEST_F(EarlyPermits, one_that_overtakes_its_record_waits_for_it) {
  const auto key = chain.accept("ke.customs", red());
  EXPECT_EQ(overtakes(permit(key, manifest_of(key))), "permit_early");
  chain.carry("ke.customs", "ke.ncb");
  EXPECT_EQ(chain.carry("ke.ncb", "int.gs").only().entry->event, audit::Event::received);
  EXPECT_EQ(chain.held("int.gs", key).permits.size(), 1U);
}

TEST_F(EarlyPermits, one_for_another_manifest_permits_nothing) {
  const auto key = chain.accept("ke.customs", red());
  EXPECT_EQ(overtakes(permit(key, merkle::sha256("another"))), "permit_early");
  chain.carry("ke.customs", "ke.ncb");
  EXPECT_TRUE(chain.outbox("ke.ncb", "int.gs").empty());
}

TEST_F(EarlyPermits, only_so_many_are_kept_for_records_that_never_come) {
  for (std::uint8_t i = 0; i < 64; ++i) ASSERT_EQ(overtakes(permit({"ke.customs", make_uuid(start, std::array<std::uint8_t, 10>{9, i}), 1}, {})), "permit_early") << int{i};
  const auto key = chain.accept("ke.customs", red());
  EXPECT_EQ(overtakes(permit(key, manifest_of(key))), "permit_unrelated");
  EXPECT_EQ(chain.at("ke.ncb").site.disk.memory.scan(Table::permit, {}, 1000)->size(), 64U);
}

TEST_F(Permits, of_somebody_else_or_forged_are_refused) {
  const auto key = chain.accept("ke.customs", red());
  chain.carry("ke.customs", "ke.ncb");
  Party& customs = chain.at("ke.customs");
  const auto held = load_record(*customs.context, key).value();
  auto permit = make_permits(*customs.context, held.manifest, held.manifest_hash(), held.row.recipients).value().front().text;
  permit.signatures = chain.at("ke.ncb").context->seal_texts(std::span(&permit.text, 1)).value().front();
  const auto sent = [&](Party& by) {
    return received(chain.at("ke.ncb"), by.site.agency, seal_envelope(*sealing(by, "ke.ncb"), header(by, "ke.ncb", Content::texts), encode_texts({permit}), by.site.random)->bytes);
  };
  EXPECT_EQ(sent(customs).entry->reason, "unknown_key");
  EXPECT_EQ(sent(chain.at("int.gs")).entry->reason, "wrong_sender");
}

TEST_F(Relay, texts_passed_on_are_exactly_those_named) {
  Party& ncb = chain.at("ke.ncb");
  const Time now = start;
  const auto texts_with = [&](std::vector<Hash> named, const std::string& to) {
    Evidence evidence;
    evidence.realm = sim::realm;
    evidence.from = "ke.ncb";
    evidence.key = ncb.context->seal_key;
    evidence.to = "ke.customs";
    evidence.event = "relayed";
    evidence.reason = "int.gs";
    evidence.at = now;
    std::vector<std::string> bodies{make_text(evidence)};
    if (named.empty()) named = {crypto::text_hash(view(bodies.front()))};
    bodies.push_back(make_text(Pass{sim::realm, {}, "ke.ncb", ncb.context->seal_key, to, named, now}));
    auto blocks = ncb.context->seal_texts(bodies).value();
    const auto bytes = encode_texts({{bodies[0], blocks[0]}, {bodies[1], blocks[1]}});
    return received(chain.at("ke.customs"), "ke.ncb", seal_envelope(*sealing(ncb, "ke.customs"), header(ncb, "ke.customs", Content::texts), bytes, ncb.site.random)->bytes).entry;
  };
  EXPECT_EQ(texts_with({}, "ke.customs")->event, audit::Event::received);
  EXPECT_EQ(texts_with({merkle::sha256("other")}, "ke.customs")->reason, "bad_text");
  EXPECT_EQ(texts_with({}, "int.gs")->reason, "wrong_recipient");
}

TEST_F(Relay, dispatch_conflicts_when_the_item_left_the_outbox_meanwhile) {
  to({"int.gs"});
  Party& customs = chain.at("ke.customs");
  const auto rows = chain.outbox("ke.customs", "ke.ncb");
  std::vector<OutboxRef> refs{{parse_number(rows.front().first).value(), decode_outbox_row(rows.front().second).value(), nullptr}};
  auto prepared = prepare_dispatch(*customs.context, "ke.ncb", *sealing(customs, "ke.ncb"), std::move(refs)).value();
  OutboundLog log{{"ke.ncb", Direction::outbound, 0, Lane::routine, 0}, {}};
  const auto done = finish_dispatch(*customs.context, log, std::move(prepared), {}).value();
  WriteSet recalled;
  recalled.ops.push_back({OpKind::del, Table::outbox, rows.front().first, {}});
  chain.commit(customs, recalled);
  EXPECT_EQ(customs.site.disk.memory.commit(std::span(&done.set, 1)).front(), Outcome::conflict);
}

TEST_F(Relay, erased_meanwhile_is_not_passed_on) {
  const auto key = to({"int.gs"});
  chain.carry("ke.customs", "ke.ncb");
  WriteSet erased;
  Bytes version;
  put_u32(version, 1);
  erased.ops.push_back({OpKind::put, Table::tombstone, key_of(RecordKey{key.from, key.id, 0}), version});
  chain.commit(chain.at("ke.ncb"), erased);
  const auto carried = chain.carry("ke.ncb", "int.gs");
  ASSERT_EQ(carried.dropped.size(), 1U);
  EXPECT_EQ(carried.dropped.front().disclosure.reason, "superseded");
}

}  // namespace liaison::exchange::test
