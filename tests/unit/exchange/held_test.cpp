// What waits for a person (held.h, held_rows.h, held_book.h, queue.h): four eyes over one digest, what voids an approval, returns, emergencies, ends, and
// D, which never sends under a decision nobody approved.
#include "core/exchange/held.h"

#include "core/exchange/held_book.h"
#include "core/exchange/rights.h"
#include "core/exchange/ledger_rows.h"
#include "tests/unit/exchange/desk.h"

namespace liaison::exchange::test {
namespace {
const std::string nationals = item_rule("R100", "refer", "5.b", R"(, "approvals": 2, "emergency": true, "review_within_hours": 12)");

struct Held : testing::Test {
  Desk desk{"ke.customs", make_policy(nationals)};
  Party at{"int.gs"};
  std::uint8_t submissions = 0;

  const api::Answer& submit(const std::string& words = "nothing", Time expires = {}) {
    const Uuid id = make_uuid(start, std::array<std::uint8_t, 10>{++submissions});
    return desk.ask("officer", Desk::call([&](auto& builder) {
      const auto submission = builder.CreateVector(id.bytes.data(), id.bytes.size());
      const auto kind = builder.CreateString("ecomessage");
      const auto message = builder.CreateVector(message_with(words));
      const auto to = builder.CreateVectorOfStrings(std::vector<std::string>{"int.gs"});
      api::SubmitBuilder submit_builder(builder);
      submit_builder.add_submission(submission);
      submit_builder.add_kind(kind);
      submit_builder.add_message(message);
      submit_builder.add_to(to);
      if (expires != Time{}) submit_builder.add_expires_ms(millis(expires));
      return submit_builder.Finish();
    }));
  }
  const api::HeldItem* look(std::uint64_t seq, const std::string& person = "release-1", const std::string& action = "", const std::vector<std::string>& items = {}) {
    return desk.ask(person, Desk::call([&](auto& builder) { return api::CreateAskHeldItem(builder, seq, builder.CreateString(action), builder.CreateVectorOfStrings(items)); })).reply_as_HeldItem();
  }
  struct Word {
    std::string person = {}, action = "release";
    std::vector<std::string> items = {};
    bool emergency = false;
    std::optional<Bytes> digest = {};
    std::string code = {};
  };
  const api::Answer& decide(std::uint64_t seq, const Word& word) {
    Bytes digest = word.digest.value_or(Bytes{});
    if (!word.digest && (word.action == "release" || word.action == "withhold")) {
      const auto* shown = look(seq, "release-1", word.action, word.items);
      if (shown != nullptr) digest.assign(shown->digest()->begin(), shown->digest()->end());
    }
    return desk.ask(word.person, Desk::call([&](auto& builder) {
      const auto action = builder.CreateString(word.action);
      const auto items = builder.CreateVectorOfStrings(word.items);
      const auto digest_offset = builder.CreateVector(digest);
      const auto reason = builder.CreateString("because");
      return api::CreateDecideHeld(builder, seq, action, items, digest_offset, reason, builder.CreateString(word.code), word.emergency);
    }));
  }
  static std::string state(const api::Answer& answer) { return answer.reply_as_Held() == nullptr ? Desk::refusal(answer) : answer.reply_as_Held()->rows()->Get(0)->state()->str(); }
  HeldRow row(std::uint64_t seq) { return decode_held_row(*desk.store().get(Table::held, key_of(seq)).value()).value(); }
  std::vector<OutboxRef> waiting() {
    std::vector<OutboxRef> refs;
    for (const auto& [key, value] : desk.store().scan(Table::outbox, {}, 100).value()) refs.push_back({parse_number(key).value(), decode_outbox_row(value).value(), nullptr});
    return refs;
  }
  // D of everything that waits, committed; what comes of it at the recipient, if anything left.
  std::optional<ReceivedItem> dispatch() {
    auto context = desk.context();
    OutboundLog log{{"int.gs", Direction::outbound, 0, Lane::routine, 0}, load_head(desk.store(), {"int.gs", Direction::outbound, 0, Lane::routine, 0}).value()};
    auto prepared = prepare_dispatch(*context, "int.gs", *sealing(desk.party, "int.gs"), waiting()).value();
    const NextOutboxSeq seqs = [this](const std::string& peer, Lane lane) { return desk.node().next_outbox_seq(peer, lane); };
    auto dispatched = finish_dispatch(*context, log, std::move(prepared), {seqs, desk.node().held_seqs()}).value();
    EXPECT_EQ(desk.store().commit(std::span(&dispatched.set, 1)).front(), Outcome::committed);
    desk.node().on_held(std::move(dispatched.held), Outcome::committed);
    if (dispatched.elements.empty()) return std::nullopt;
    auto item = received(at, "ke.customs", *dispatched.elements.front().envelope);
    WriteSet set;
    set.ops = item.ops;
    EXPECT_EQ(at.site.disk.memory.commit(std::span(&set, 1)).front(), Outcome::committed);
    return item;
  }
  std::string name_seen(const RecordKey& key) {
    const auto held = load_record(*at.context, key).value();
    const auto leaves = leaves_named(*schema_of(*at.context, held.manifest).value(), held.package.openings, "persons[0].family_name");
    return leaves.empty() ? "" : std::string(text(held.package.openings[leaves.front()].value));
  }
  std::string tracked(const RecordKey& key) {
    const auto* track = desk.ask("officer", Desk::call([&](auto& builder) { return api::CreateAskTrack(builder, builder.CreateVector(key.id.bytes.data(), 16)); })).reply_as_Track();
    return track == nullptr ? "none" : track->steps()->Get(0)->state()->str() + " " + track->steps()->Get(0)->question()->str();
  }
};
}  // namespace

TEST_F(Held, referred_waits_in_the_same_transaction_and_track_says_so) {
  const auto* accepted = submit().reply_as_Accepted();
  ASSERT_NE(accepted, nullptr);
  ASSERT_EQ(accepted->held()->size(), 1U);
  EXPECT_EQ(accepted->held()->Get(0)->str(), "int.gs");
  EXPECT_EQ(desk.rows(Table::outbox), 0U);
  EXPECT_EQ(desk.rows(Table::held), 1U);
  EXPECT_EQ(desk.audited("held_outbound"), 1U);
  EXPECT_EQ(tracked(row(1).record), "held ");
  EXPECT_EQ(row(1).reason, "R100");
}

TEST_F(Held, two_different_persons_release_one_digest) {
  ASSERT_NE(submit().reply_as_Accepted(), nullptr);
  EXPECT_EQ(state(decide(1, {"release-1"})), "waiting");
  EXPECT_EQ(state(decide(1, {"release-1"})), "waiting");
  EXPECT_EQ(row(1).approvals.size(), 1U);
  EXPECT_EQ(state(decide(1, {"release-2"})), "released");
  ASSERT_EQ(waiting().size(), 1U);
  EXPECT_TRUE(waiting().front().row.approved);
  EXPECT_EQ(desk.audited("approved"), 2U);
  EXPECT_EQ(desk.audited("released"), 1U);
  const auto item = dispatch();
  ASSERT_TRUE(item && item->inbox);
  EXPECT_EQ(name_seen(item->inbox->record), "Wanyonyi");
  EXPECT_EQ(state(decide(1, {"release-3"})), "conflict");
}

TEST_F(Held, only_releasing_officers_see_and_decide) {
  ASSERT_NE(submit().reply_as_Accepted(), nullptr);
  EXPECT_EQ(look(1, "officer"), nullptr);
  EXPECT_EQ(state(decide(1, {"officer"})), "not_permitted");
  EXPECT_EQ(state(decide(1, {"admin"})), "not_permitted");
  EXPECT_FALSE(may("officer", api::Request::DecideHeld));
  EXPECT_EQ(desk.rows(Table::outbox), 0U);
}

TEST_F(Held, values_are_shown_only_with_an_audit_entry) {
  ASSERT_NE(submit().reply_as_Accepted(), nullptr);
  const auto before = desk.rows(Table::audit_entry);
  const auto* shown = look(1);
  ASSERT_NE(shown, nullptr);
  EXPECT_EQ(desk.rows(Table::audit_entry), before + 1);
  const auto& fields = *shown->view()->fields();
  EXPECT_TRUE(std::any_of(fields.begin(), fields.end(), [](const auto* field) { return field->name()->str() == "persons[0].family_name" && field->value()->str() == "Wanyonyi"; }));
  desk.store().script({support::Fault::refuse});
  EXPECT_EQ(look(1), nullptr);
}

TEST_F(Held, a_digest_nobody_was_shown_is_refused) {
  ASSERT_NE(submit().reply_as_Accepted(), nullptr);
  EXPECT_EQ(state(decide(1, {.person = "release-1", .digest = Bytes(32, 7)})), "conflict");
  EXPECT_EQ(state(decide(1, {.person = "release-1", .digest = Bytes{}})), "invalid_argument");
  EXPECT_TRUE(row(1).approvals.empty());
}

TEST_F(Held, a_changed_policy_voids_earlier_approvals) {
  ASSERT_NE(submit().reply_as_Accepted(), nullptr);
  const auto* shown = look(1);
  const Bytes old(shown->digest()->begin(), shown->digest()->end());
  EXPECT_EQ(state(decide(1, {"release-1"})), "waiting");
  desk.use(make_policy(nationals, 2));
  EXPECT_EQ(state(decide(1, {.person = "release-2", .digest = old})), "conflict");
  EXPECT_EQ(state(decide(1, {"release-2"})), "waiting");
  ASSERT_EQ(row(1).approvals.size(), 1U);
  EXPECT_EQ(state(decide(1, {"release-1"})), "released");
}

TEST_F(Held, another_proposal_voids_earlier_approvals) {
  ASSERT_NE(submit().reply_as_Accepted(), nullptr);
  desk.use(make_policy(nationals + ", " + item_rule("R101", "refer", "5.c", R"(, "approvals": 2)"), 2));
  ASSERT_NE(submit("else").reply_as_Accepted(), nullptr);
  EXPECT_EQ(state(decide(2, {"release-1"})), "waiting");
  EXPECT_EQ(state(decide(2, {.person = "release-2", .items = {"5.b"}})), "waiting");
  EXPECT_EQ(row(2).approvals.size(), 1U);
  EXPECT_EQ(row(2).items, std::vector<std::string>{"5.b"});
  EXPECT_EQ(state(decide(2, {.person = "release-1", .items = {"5.b"}})), "released");
}

TEST_F(Held, a_disabled_persons_approval_does_not_count) {
  ASSERT_NE(submit().reply_as_Accepted(), nullptr);
  EXPECT_EQ(state(decide(1, {"release-1"})), "waiting");
  ASSERT_NE(desk.ask("admin", Desk::call([](auto& builder) { return api::CreatePersonDisableDirect(builder, "release-1", "left-service"); })).reply_as_Done(), nullptr);
  desk.ask("release-2", Desk::call([](auto& builder) { return api::CreateAskHeld(builder, 0, 10); }));
  const auto* shown = look(1, "release-2", "release");
  const Bytes digest(shown->digest()->begin(), shown->digest()->end());
  EXPECT_EQ(state(decide(1, {.person = "release-2", .digest = digest})), "waiting");
  EXPECT_EQ(state(decide(1, {.person = "release-3", .digest = digest})), "released");
}

TEST_F(Held, one_person_may_always_hold_back_more) {
  ASSERT_NE(submit().reply_as_Accepted(), nullptr);
  EXPECT_EQ(state(decide(1, {"release-1", "withhold"})), "released");
  const auto item = dispatch();
  ASSERT_TRUE(item && item->inbox);
  EXPECT_EQ(name_seen(item->inbox->record), "");
  EXPECT_TRUE(item->inbox->partial);
}

TEST_F(Held, what_is_not_asked_about_cannot_be_released) {
  ASSERT_NE(submit().reply_as_Accepted(), nullptr);
  const Bytes digest(32, 1);
  EXPECT_EQ(state(decide(1, {.person = "release-1", .items = {"5.c"}, .digest = digest})), "not_found");
  EXPECT_EQ(state(decide(1, {.person = "release-1", .items = {"99"}, .digest = digest})), "not_found");
  EXPECT_EQ(state(decide(7, {.person = "release-1", .digest = digest})), "not_found");
  EXPECT_EQ(state(decide(1, {.person = "release-1", .action = "accept"})), "not_permitted");
  EXPECT_EQ(state(decide(1, {.person = "release-1", .action = "confirm"})), "conflict");
  EXPECT_EQ(state(decide(1, {.person = "release-1", .action = "dance"})), "invalid_argument");
}

TEST_F(Held, a_name_held_back_is_looked_for_in_the_rest) {
  ASSERT_NE(submit("The suspect Wanyonyi was seen before").reply_as_Accepted(), nullptr);
  EXPECT_EQ(state(decide(1, {"release-1", "withhold"})), "repeated_value");
  EXPECT_EQ(state(decide(1, {"release-1", "withhold", {"5.b", "12"}})), "released");
}

TEST_F(Held, returned_with_a_question_the_submitter_can_read) {
  ASSERT_NE(submit().reply_as_Accepted(), nullptr);
  EXPECT_EQ(state(decide(1, {"release-1", "return"})), "returned");
  EXPECT_EQ(tracked(row(1).record), "returned because");
  EXPECT_EQ(desk.audited("returned"), 1U);
  // I3: the words are nowhere in clear.
  const Bytes bytes = *desk.store().get(Table::held, key_of(1)).value();
  EXPECT_EQ(text(bytes).find("because"), std::string_view::npos);
  EXPECT_EQ(state(decide(1, {"release-2"})), "conflict");
}

TEST_F(Held, emergency_release_by_one_is_marked_and_reviewed_by_another) {
  ASSERT_NE(submit().reply_as_Accepted(), nullptr);
  EXPECT_EQ(state(decide(1, {.person = "release-1", .emergency = true})), "unreviewed");
  EXPECT_EQ(desk.audited("emergency_release"), 1U);
  ASSERT_TRUE(dispatch());
  EXPECT_EQ(state(decide(1, {"release-1", "confirm"})), "not_permitted");
  desk.party.now += std::chrono::hours{13};
  desk.node().on_tick();
  desk.drain();
  EXPECT_EQ(desk.audited("review_overdue"), 1U);
  const auto* list = desk.ask("release-2", Desk::call([](auto& builder) { return api::CreateAskHeld(builder, 0, 10); })).reply_as_Held();
  ASSERT_EQ(list->rows()->size(), 1U);
  EXPECT_TRUE(list->rows()->Get(0)->overdue());
  EXPECT_EQ(state(decide(1, {"release-2", "object"})), "objected");
  EXPECT_EQ(desk.audited("emergency_objected"), 1U);
}

TEST_F(Held, no_emergency_where_the_policy_does_not_allow_it) {
  desk.use(make_policy(item_rule("R100", "refer", "5.b"), 2));
  ASSERT_NE(submit().reply_as_Accepted(), nullptr);
  EXPECT_EQ(state(decide(1, {.person = "release-1", .emergency = true})), "not_permitted");
  EXPECT_EQ(state(decide(1, {"release-1"})), "released");
}

TEST_F(Held, the_clock_runs_while_it_waits) {
  ASSERT_NE(submit("nothing", start + std::chrono::hours{1}).reply_as_Accepted(), nullptr);
  desk.party.now += std::chrono::hours{2};
  EXPECT_EQ(state(decide(1, {.person = "release-1", .digest = Bytes(32)})), "expired");
  desk.restart(make_policy(nationals));
  desk.party.now += std::chrono::minutes{11};
  desk.node().on_tick();
  desk.drain();
  EXPECT_EQ(name(row(1).state), "expired");
  EXPECT_EQ(tracked(row(1).record), "expired ");
  EXPECT_EQ(desk.audited("expired_while_held"), 1U);
}

TEST_F(Held, never_sent_under_another_decision_also_after_a_crash) {
  ASSERT_NE(submit().reply_as_Accepted(), nullptr);
  decide(1, {"release-1"});
  EXPECT_EQ(state(decide(1, {"release-2"})), "released");
  desk.restart(make_policy(nationals + ", " + item_rule("R102", "withhold", "5.g"), 2));
  EXPECT_FALSE(dispatch());
  EXPECT_EQ(desk.rows(Table::outbox), 0U);
  EXPECT_EQ(row(2).reason, "decision_changed");
  EXPECT_EQ(tracked(row(2).record), "held ");
  decide(2, {"release-1"});
  EXPECT_EQ(state(decide(2, {"release-2"})), "released");
  const auto item = dispatch();
  ASSERT_TRUE(item && item->inbox);
  EXPECT_TRUE(item->inbox->partial);
}

TEST_F(Held, what_a_newer_policy_refers_is_held_at_dispatch) {
  desk.use(make_policy("", 1));
  ASSERT_NE(submit().reply_as_Accepted(), nullptr);
  desk.use(make_policy(nationals, 2));
  EXPECT_FALSE(dispatch());
  EXPECT_EQ(row(1).what, HeldWhat::outbound);
}

TEST_F(Held, a_name_that_a_newer_policy_holds_back_is_looked_for_at_dispatch) {
  desk.use(make_policy("", 1));
  ASSERT_NE(submit("Wanyonyi was seen before").reply_as_Accepted(), nullptr);
  desk.use(make_policy(item_rule("R100", "withhold", "5.b"), 2));
  EXPECT_FALSE(dispatch());
  EXPECT_EQ(row(1).what, HeldWhat::repeats);
  EXPECT_EQ(state(decide(1, {"release-1"})), "released");
  const auto item = dispatch();
  ASSERT_TRUE(item && item->inbox);
  EXPECT_EQ(name_seen(item->inbox->record), "");
}

TEST_F(Held, store_faults_leave_one_answer) {
  ASSERT_NE(submit().reply_as_Accepted(), nullptr);
  decide(1, {"release-1"});
  const auto* shown = look(1, "release-2");
  const Bytes digest(shown->digest()->begin(), shown->digest()->end());
  desk.store().script({support::Fault::lose});
  EXPECT_EQ(state(decide(1, {.person = "release-2", .digest = digest})), "outcome_unknown");
  EXPECT_EQ(row(1).state, HeldState::waiting);
  desk.store().script({support::Fault::apply_and_unknown});
  EXPECT_EQ(state(decide(1, {.person = "release-2", .digest = digest})), "outcome_unknown");
  EXPECT_EQ(row(1).state, HeldState::released);
  EXPECT_EQ(desk.rows(Table::outbox), 1U);
  desk.restart(make_policy(nationals));
  EXPECT_TRUE(dispatch());
}

TEST_F(Held, the_end_of_an_item_is_found_whatever_the_store_said_of_its_decision) {
  ASSERT_NE(submit().reply_as_Accepted(), nullptr);
  ASSERT_NE(submit().reply_as_Accepted(), nullptr);
  for (const std::uint64_t seq : {1, 2}) decide(seq, {"release-1"});
  const auto decide_with = [this](std::uint64_t seq, support::Fault fault) {
    const auto* shown = look(seq, "release-2");
    const Bytes digest(shown->digest()->begin(), shown->digest()->end());
    desk.store().script({fault});
    EXPECT_EQ(state(decide(seq, {.person = "release-2", .digest = digest})), "outcome_unknown");
  };
  decide_with(1, support::Fault::apply_and_unknown);
  decide_with(2, support::Fault::lose);
  desk.party.now += std::chrono::hours{24} * 31;
  desk.node().on_tick();
  desk.drain();
  EXPECT_EQ(row(1).state, HeldState::released);
  EXPECT_EQ(row(2).state, HeldState::expired);
}

TEST(HeldBook, finds_ends_and_late_reviews_and_goes_on_counting) {
  Party party("ke.customs");
  HeldRow waits;
  waits.record = {"ke.customs", make_uuid(start, std::array<std::uint8_t, 10>{1}), 1};
  waits.expires = start + Seconds{10};
  HeldRow unreviewed = waits;
  unreviewed.state = HeldState::unreviewed;
  unreviewed.review_by = start + Seconds{20};
  WriteSet set;
  set.ops.push_back({OpKind::put, Table::held, key_of(3), encode(waits)});
  set.ops.push_back({OpKind::put, Table::held, key_of(9), encode(unreviewed)});
  ASSERT_EQ(party.site.disk.memory.commit(std::span(&set, 1)).front(), Outcome::committed);
  HeldBook book;
  ASSERT_TRUE(book.load(party.site.disk.memory));
  EXPECT_EQ(book.next(), 10U);
  EXPECT_TRUE(book.ended(start).empty());
  EXPECT_EQ(book.ended(start + Seconds{10}), std::vector<std::uint64_t>{3});
  EXPECT_EQ(book.late_reviews(start + Seconds{20}), std::vector<std::uint64_t>{9});
  EXPECT_TRUE(book.late_reviews(start + Seconds{21}).empty());
  waits.state = HeldState::released;
  book.note(3, waits);
  EXPECT_TRUE(book.ended(start + Seconds{10}).empty());
}

}  // namespace liaison::exchange::test
