// Loading a policy (policy_store.h, policy_text.h): signatures of registered keys, versions that never go back, refused files that change nothing, a restart
// that keeps what is in force, and D that decides anew when the policy changed under it.
#include "core/exchange/policy_store.h"
#include "core/exchange/receive.h"

#include "tests/unit/exchange/desk.h"

namespace liaison::exchange::test {
namespace {
const std::string open_all = "";
const std::string nameless = item_rule("R100", "withhold", "5.b");

struct PolicyLoad : testing::Test {
  Desk desk{"ke.customs"};

  link::SignedText sign(const std::string& json, std::size_t key, const std::function<void(PolicyText&)>& change = [](PolicyText&) {}) {
    const auto& pair = sim::federation().policy_keys.at("ke.customs")[key];
    const auto compiled = policy::Policy::compile(json);
    PolicyText text{sim::realm, "ke.customs", compiled ? (*compiled)->ref() : record::PolicyRef{"broken", 1, {}}, pair.public_key().hash(), desk.party.now};
    change(text);
    const std::string body = make_text(text);
    auto blocks = crypto::sign_texts(sim::realm, pair.public_key().hash(), std::span(&body, 1), [&](ByteView bytes) { return pair.sign(bytes); }).value();
    return {body, std::move(blocks.front())};
  }
  const api::Answer& load(const std::string& json, const std::vector<link::SignedText>& signatures, const std::string& person = "security") {
    return desk.ask(person, Desk::call([&](auto& builder) {
      const auto file = builder.CreateVector(reinterpret_cast<const std::uint8_t*>(json.data()), json.size());
      std::vector<flatbuffers::Offset<wire::SignedText>> list;
      for (const auto& one : signatures) {
        const auto text = builder.CreateVector(reinterpret_cast<const std::uint8_t*>(one.text.data()), one.text.size());
        list.push_back(wire::CreateSignedText(builder, text, builder.CreateVector(reinterpret_cast<const std::uint8_t*>(one.signatures.data()), one.signatures.size())));
      }
      return api::CreateLoadPolicy(builder, file, builder.CreateVector(list));
    }));
  }
  std::string result(const api::Answer& answer) {
    const auto* loaded = answer.reply_as_PolicyInForce();
    return loaded == nullptr ? Desk::refusal(answer) : loaded->name()->str() + " " + std::to_string(loaded->version());
  }
  std::string in_force(const std::string& person = "officer") { return result(desk.ask(person, Desk::call([](auto& builder) { return api::CreateAskPolicy(builder); }))); }
};
}  // namespace

TEST_F(PolicyLoad, two_signatures_bring_it_into_force_and_it_survives_a_restart) {
  const std::string json = policy_json(nameless, 3);
  EXPECT_EQ(in_force(), "open 1");
  EXPECT_EQ(result(load(json, {sign(json, 0), sign(json, 1)})), "desk 3");
  EXPECT_EQ(in_force("desk-1"), "desk 3");
  EXPECT_EQ(desk.audited("policy_loaded"), 1U);
  const auto stored = load_policy_in_force(desk.store()).value();
  ASSERT_TRUE(stored);
  EXPECT_EQ(stored->policy->ref().fingerprint, desk.context()->policy->ref().fingerprint);
  EXPECT_EQ(stored->row.signatures.size(), 2U);
  desk.restart();
  EXPECT_EQ(in_force(), "desk 3");
}

TEST_F(PolicyLoad, what_discloses_nothing_more_needs_one_signature) {
  const std::string first = policy_json(open_all, 2), stricter = policy_json(nameless, 3), looser = policy_json(open_all, 4);
  ASSERT_EQ(result(load(first, {sign(first, 0), sign(first, 1)})), "desk 2");
  EXPECT_EQ(result(load(stricter, {})), "not_permitted");
  EXPECT_EQ(result(load(stricter, {sign(stricter, 1)})), "desk 3");
  EXPECT_EQ(result(load(looser, {sign(looser, 0), sign(looser, 0)})), "not_permitted");
  EXPECT_EQ(result(load(looser, {sign(looser, 0), sign(looser, 1)})), "desk 4");
}

TEST_F(PolicyLoad, signatures_that_do_not_count) {
  const std::string json = policy_json(item_rule("R100", "refer", "5.b"), 3);
  const std::string base = policy_json(nameless, 2);
  ASSERT_EQ(result(load(base, {sign(base, 0), sign(base, 1)})), "desk 2");
  EXPECT_EQ(result(load(json, {})), "not_permitted");
  EXPECT_EQ(result(load(json, {sign(json, 0), sign(json, 0)})), "not_permitted");
  EXPECT_EQ(result(load(json, {sign(json, 0), sign(json, 1, [](auto& text) { text.agency = "int.gs"; })})), "bad_signature");
  EXPECT_EQ(result(load(json, {sign(json, 0), sign(json, 1, [](auto& text) { text.realm = "other-exercise"; })})), "bad_signature");
  EXPECT_EQ(result(load(json, {sign(json, 0), sign(json, 1, [](auto& text) { text.policy.version = 4; })})), "bad_signature");
  EXPECT_EQ(result(load(json, {sign(json, 0), sign(json, 1, [](auto& text) { text.at += std::chrono::hours{1}; })})), "bad_signature");
  EXPECT_EQ(result(load(json, {sign(json, 0), sign(json, 1, [](auto& text) { text.key = merkle::sha256("stranger"); })})), "bad_signature");
  auto changed = sign(json, 1);
  changed.signatures[changed.signatures.size() - 10] ^= 1;
  EXPECT_EQ(result(load(json, {sign(json, 0), changed})), "bad_signature");
  EXPECT_EQ(result(load(json, {{"no text", "no signature"}})), "bad_text");
  EXPECT_EQ(result(load(json, std::vector(9, sign(json, 0)))), "limit_exceeded");
  EXPECT_EQ(result(load(json, {sign(json, 0), sign(json, 1)}, "officer")), "not_permitted");
  EXPECT_EQ(in_force(), "desk 2");
  EXPECT_EQ(desk.rows(Table::policy), 1U);
}

TEST_F(PolicyLoad, a_broken_file_leaves_the_old_one_in_force) {
  EXPECT_EQ(result(load("{ \"policy\": \"x\" ", {})), "invalid_settings");
  EXPECT_EQ(result(load(policy_json(item_rule("R1", "withhold", "77"), 2), {})), "invalid_settings");
  EXPECT_EQ(result(load("", {})), "limit_exceeded");
  EXPECT_EQ(in_force(), "open 1");
}

TEST_F(PolicyLoad, versions_never_go_back) {
  const std::string third = policy_json(nameless, 3), second = policy_json(nameless, 2), again = policy_json(open_all, 3), fourth = policy_json(open_all, 4);
  ASSERT_EQ(result(load(third, {sign(third, 0), sign(third, 1)})), "desk 3");
  EXPECT_EQ(result(load(second, {sign(second, 0), sign(second, 1)})), "superseded");
  EXPECT_EQ(result(load(again, {sign(again, 0), sign(again, 1)})), "superseded");
  desk.restart();
  EXPECT_EQ(result(load(second, {sign(second, 0), sign(second, 1)})), "superseded");
  EXPECT_EQ(result(load(fourth, {sign(fourth, 0), sign(fourth, 1)})), "desk 4");
}

TEST_F(PolicyLoad, a_full_disk_leaves_the_old_one_in_force) {
  const std::string json = policy_json(nameless, 3);
  desk.store().script({support::Fault::refuse});
  EXPECT_EQ(result(load(json, {sign(json, 0), sign(json, 1)})), "outcome_unknown");
  EXPECT_EQ(in_force(), "open 1");
  EXPECT_TRUE(desk.node().may_decide());
  desk.store().script({support::Fault::apply_and_unknown});
  EXPECT_EQ(result(load(json, {sign(json, 0), sign(json, 1)})), "desk 3");
  EXPECT_EQ(in_force(), "desk 3");
}

TEST_F(PolicyLoad, dispatch_decided_under_the_old_one_is_not_committed_under_the_new_one) {
  const std::string json = policy_json(nameless, 3);
  auto item = dispatched(desk.party, "int.gs", submission("int.gs"));
  Prepared prepared;
  prepared.policy = desk.context()->policy->ref().fingerprint;
  prepared.directory = desk.context()->directory->hash();
  prepared.items.push_back(std::move(item));
  WriteSet row;
  row.ops.push_back({OpKind::put, Table::outbox, key_of_outbox("int.gs", Lane::routine, 0), encode(prepared.items.front().row)});
  ASSERT_EQ(desk.store().commit(std::span(&row, 1)).front(), Outcome::committed);
  OutboundLog log{{"int.gs", Direction::outbound, 0, Lane::routine, 0}, {}};
  const NextOutboxSeq seqs = [this](const std::string& peer, Lane lane) { return desk.node().next_outbox_seq(peer, lane); };
  auto done = finish_dispatch(*desk.context(), log, std::move(prepared), {seqs, desk.node().held_seqs()}).value();
  ASSERT_EQ(result(load(json, {sign(json, 0), sign(json, 1)})), "desk 3");
  EXPECT_EQ(desk.store().commit(std::span(&done.set, 1)).front(), Outcome::conflict);
}

TEST_F(PolicyLoad, a_batch_screened_under_the_old_one_is_not_taken_under_the_new_one) {
  const std::string json = policy_json(nameless, 3);
  InboundBatch batch;
  batch.log = {"int.gs", Direction::inbound, 0, Lane::routine, 0};
  batch.entries.resize(1);
  const NextOutboxSeq seqs = [this](const std::string& peer, Lane lane) { return desk.node().next_outbox_seq(peer, lane); };
  const auto take = [&] {
    ReceivedWork work;
    work.policy = desk.context()->policy->ref().fingerprint;
    work.directory = desk.context()->directory->hash();
    ReceiveNumbers numbers{1, seqs, desk.node().held_seqs()};
    return finish_receive(*desk.context(), batch, std::move(work), numbers).set;
  };
  const WriteSet old_one = take();
  ASSERT_EQ(result(load(json, {sign(json, 0), sign(json, 1)})), "desk 3");
  EXPECT_EQ(desk.store().commit(std::span(&old_one, 1)).front(), Outcome::conflict);
  const WriteSet new_one = take();
  EXPECT_EQ(desk.store().commit(std::span(&new_one, 1)).front(), Outcome::committed);
}

TEST_F(PolicyLoad, the_policy_of_the_settings_counts_once) {
  auto first = make_initial_policy(to_bytes(policy_json(nameless, 7)), start).value();
  ASSERT_EQ(desk.store().commit(std::span(&first.set, 1)).front(), Outcome::committed);
  auto other = make_initial_policy(to_bytes(policy_json(open_all, 9)), start).value();
  EXPECT_EQ(desk.store().commit(std::span(&other.set, 1)).front(), Outcome::conflict);
  desk.restart();
  EXPECT_EQ(in_force(), "desk 7");
  EXPECT_FALSE(make_initial_policy(to_bytes("{"), start));
}

TEST(PolicyTextForm, round_trips_and_refuses_other_text) {
  const PolicyText text{sim::realm, "ke.customs", {"ke-outbound", 12, merkle::sha256("meaning")}, merkle::sha256("key"), start};
  const std::string body = make_text(text);
  EXPECT_EQ(make_text(parse_policy_text(view(body)).value()), body);
  for (std::size_t size = 0; size < body.size(); ++size) EXPECT_FALSE(parse_policy_text(view(body).first(size))) << size;
  EXPECT_FALSE(parse_policy_text(view(body + "more x\n")));
}

}  // namespace liaison::exchange::test
