// Inbound screening at T2: accepted, held until a person looks, or refused with the reason the sender may read.
#include "core/exchange/evidence.h"
#include "core/exchange/held.h"
#include "tests/unit/exchange/desk.h"

namespace liaison::exchange::test {
namespace {
std::string screening(const std::string& effect) {
  return R"(, "screening_default": "accept", "screening": [ { "id": "S10", "effect": ")" + effect + R"(", "when": { "sender": ["int.gs"] }, "reason": "grade-too-low" } ])";
}

struct Screening : testing::Test {
  Party from{"int.gs"};
  Desk desk{"ke.customs", make_policy("", 1, screening("hold"))};

  // T2 of what `from` sends, committed by the desk's store.
  std::pair<ReceivedItem, std::vector<Report>> receive() {
    const Bytes envelope = *dispatched(from, "ke.customs", submission("ke.customs")).element->envelope;
    ReceiveInput input;
    input.log = {"int.gs", Direction::inbound, 0, Lane::routine, 0};
    input.elements.push_back({link::EntryBytes{}, envelope});
    auto result = receive_elements(*desk.context(), desk.party.site.notes, input).value();
    ReceivedItem item = result.items.front();
    ReceiveNumbers numbers{1, [this](const std::string& peer, Lane lane) { return desk.node().next_outbox_seq(peer, lane); }, desk.node().held_seqs()};
    InboundBatch batch;
    batch.log = input.log;
    batch.entries.resize(1);
    auto done = finish_receive(*desk.context(), batch, {result.items, result.reports, desk.context()->policy->ref().fingerprint, desk.context()->directory->hash()}, numbers);
    EXPECT_EQ(desk.store().commit(std::span(&done.set, 1)).front(), Outcome::committed);
    desk.node().on_held(std::move(done.held), Outcome::committed);
    return {std::move(item), std::move(result.reports)};
  }
  static std::string said(const std::vector<Report>& reports) {
    if (reports.empty()) return "nothing";
    const auto evidence = parse_evidence(view(reports.front().row.texts.front().text)).value();
    return evidence.event + " " + evidence.reason;
  }
  // The evidence waiting for int.gs, the last one first.
  std::string last_said() {
    const auto rows = desk.store().scan(Table::outbox, {}, 100).value();
    const auto row = decode_outbox_row(rows.back().second).value();
    const auto evidence = parse_evidence(view(row.texts.front().text)).value();
    return evidence.event + " " + evidence.reason;
  }
  std::string decide(const std::string& action) {
    const auto& answer = desk.ask("release-1", Desk::call([&](auto& builder) {
      const auto word = builder.CreateString(action);
      return api::CreateDecideHeld(builder, 1, word, 0, 0, builder.CreateString("looked at"));
    }));
    return answer.reply_as_Held() == nullptr ? Desk::refusal(answer) : answer.reply_as_Held()->rows()->Get(0)->state()->str();
  }
};
}  // namespace

TEST_F(Screening, held_is_stored_not_shown_and_said) {
  const auto [item, reports] = receive();
  EXPECT_FALSE(item.inbox);
  EXPECT_EQ(said(reports), "held grade-too-low:ke.customs");
  EXPECT_EQ(desk.rows(Table::inbox), 0U);
  EXPECT_EQ(desk.rows(Table::record), 1U);
  EXPECT_EQ(desk.audited("held_screening"), 1U);
  const auto* shown = desk.ask("release-1", Desk::call([](auto& builder) { return api::CreateAskHeldItem(builder, 1); })).reply_as_HeldItem();
  ASSERT_NE(shown, nullptr);
  EXPECT_GT(shown->view()->message()->size(), 0U);
}

TEST_F(Screening, accepted_by_a_person_it_stands_in_the_inbox) {
  receive();
  EXPECT_EQ(decide("release"), "not_permitted");
  EXPECT_EQ(decide("accept"), "accepted");
  EXPECT_EQ(desk.rows(Table::inbox), 1U);
  EXPECT_EQ(last_said(), "accepted -");
  EXPECT_EQ(desk.audited("accepted_after_screening"), 1U);
  EXPECT_EQ(decide("refuse"), "conflict");
}

TEST_F(Screening, refused_by_a_person_the_sender_reads_why) {
  receive();
  EXPECT_EQ(decide("refuse"), "refused");
  EXPECT_EQ(desk.rows(Table::inbox), 0U);
  EXPECT_EQ(last_said(), "refused grade-too-low");
}

TEST_F(Screening, refused_by_rule_at_once) {
  desk.use(make_policy("", 2, screening("refuse")));
  const auto [item, reports] = receive();
  EXPECT_FALSE(item.inbox);
  EXPECT_EQ(item.entry->event, audit::Event::refused);
  EXPECT_EQ(said(reports), "refused grade-too-low");
  EXPECT_EQ(desk.rows(Table::record), 0U);
}

TEST_F(Screening, nobody_looks_in_time) {
  receive();
  desk.party.now += std::chrono::hours{24} * 31;
  desk.node().on_tick();
  desk.drain();
  EXPECT_EQ(last_said(), "refused expired");
}

}  // namespace liaison::exchange::test
