// A field withheld from a recipient is released later (held_hop): asked by one, approved by another, sent as a package that supersedes, and seen there.
#include "core/exchange/held.h"
#include "core/exchange/ledger_rows.h"
#include "tests/unit/exchange/desk.h"

namespace liaison::exchange::test {
namespace {
// Item 5.b never leaves by rule but can be released; item 2.2 is nobody's to release.
const std::string rules = item_rule("R100", "withhold", "5.b") + ", " + item_rule("R101", "opaque", "2.2");
const std::string never = R"(, "never": [ { "items": ["2.2"] } ])";

struct Release : testing::Test {
  Desk desk{"ke.customs", make_policy(rules, 1, never)};
  Party at{"int.gs"};
  RecordKey key;

  Release() {
    const auto made = desk.ask("officer", Desk::call([](auto& builder) {
      const Uuid id = make_uuid(start, std::array<std::uint8_t, 10>{1});
      const auto submission = builder.CreateVector(id.bytes.data(), id.bytes.size());
      const auto kind = builder.CreateString("ecomessage");
      const auto message = builder.CreateVector(message_with("nothing"));
      const auto to = builder.CreateVectorOfStrings(std::vector<std::string>{"int.gs"});
      api::SubmitBuilder submit_builder(builder);
      submit_builder.add_submission(submission);
      submit_builder.add_kind(kind);
      submit_builder.add_message(message);
      submit_builder.add_to(to);
      return submit_builder.Finish();
    })).reply_as_Accepted();
    EXPECT_NE(made, nullptr);
    key.from = "ke.customs";
    key.version = 1;
    std::memcpy(key.id.bytes.data(), made->record()->data(), 16);
  }
  ReceivedItem send() {
    auto context = desk.context();
    const LogKey name{"int.gs", Direction::outbound, 0, Lane::routine, 0};
    OutboundLog log{name, load_head(desk.store(), name).value()};
    std::vector<OutboxRef> refs;
    for (const auto& [row_key, value] : desk.store().scan(Table::outbox, {}, 100).value()) refs.push_back({parse_number(row_key).value(), decode_outbox_row(value).value(), nullptr});
    auto prepared = prepare_dispatch(*context, "int.gs", *sealing(desk.party, "int.gs"), std::move(refs)).value();
    const NextOutboxSeq seqs = [this](const std::string& peer, Lane lane) { return desk.node().next_outbox_seq(peer, lane); };
    auto dispatched = finish_dispatch(*context, log, std::move(prepared), {seqs, desk.node().held_seqs()}).value();
    EXPECT_EQ(desk.store().commit(std::span(&dispatched.set, 1)).front(), Outcome::committed);
    if (dispatched.elements.empty()) return {};
    auto item = received(at, "ke.customs", *dispatched.elements.front().envelope);
    WriteSet set;
    set.ops = item.ops;
    EXPECT_EQ(at.site.disk.memory.commit(std::span(&set, 1)).front(), Outcome::committed);
    return item;
  }
  const api::Answer& ask(const std::string& person, const std::string& item, const std::string& recipient = "int.gs") {
    return desk.ask(person, Desk::call([&](auto& builder) {
      const auto id = builder.CreateVector(key.id.bytes.data(), key.id.bytes.size());
      const auto from = builder.CreateString(key.from);
      const auto to = builder.CreateString(recipient);
      const auto items = builder.CreateVectorOfStrings(std::vector<std::string>{item});
      return api::CreateRelease(builder, id, from, 1, to, items, builder.CreateString("the court allowed it"));
    }));
  }
  const api::Answer& approve(std::uint64_t seq, const std::string& person, const std::string& action = "release") {
    const auto* shown = desk.ask("release-3", Desk::call([&](auto& builder) { return api::CreateAskHeldItem(builder, seq); })).reply_as_HeldItem();
    Bytes digest;
    if (shown != nullptr) digest.assign(shown->digest()->begin(), shown->digest()->end());
    return desk.ask(person, Desk::call([&](auto& builder) {
      const auto word = builder.CreateString(action);
      const auto digest_offset = builder.CreateVector(digest);
      return api::CreateDecideHeld(builder, seq, word, 0, digest_offset, builder.CreateString("seen"));
    }));
  }
  static std::string state(const api::Answer& answer) { return answer.reply_as_Held() == nullptr ? Desk::refusal(answer) : answer.reply_as_Held()->rows()->Get(0)->state()->str(); }
  std::string name_seen() {
    const auto held = load_record(*at.context, key).value();
    const auto leaves = leaves_named(*schema_of(*at.context, held.manifest).value(), held.package.openings, "persons[0].family_name");
    return leaves.empty() ? "" : std::string(text(held.package.openings[leaves.front()].value));
  }
};
}  // namespace

TEST_F(Release, asked_by_one_approved_by_another_seen_by_the_recipient) {
  ASSERT_TRUE(send().inbox);
  EXPECT_EQ(name_seen(), "");
  EXPECT_EQ(state(ask("release-1", "5.b")), "waiting");
  EXPECT_EQ(desk.rows(Table::outbox), 0U);
  EXPECT_EQ(state(approve(1, "release-1")), "waiting");
  EXPECT_EQ(state(approve(1, "release-2")), "released");
  const auto again = send();
  ASSERT_TRUE(again.inbox) << again.entry->reason;
  EXPECT_EQ(name_seen(), "Wanyonyi");
  EXPECT_EQ(desk.audited("held_release"), 1U);
  EXPECT_EQ(Desk::refusal(ask("release-1", "5.b")), "invalid_argument");  // has it already
}

TEST_F(Release, an_officer_may_ask_and_two_others_approve) {
  ASSERT_TRUE(send().inbox);
  EXPECT_EQ(state(ask("officer", "5.b")), "waiting");
  EXPECT_EQ(state(approve(1, "officer")), "not_permitted");
  EXPECT_EQ(state(approve(1, "release-1")), "waiting");
  EXPECT_EQ(state(approve(1, "release-2")), "released");
}

TEST_F(Release, what_was_never_sent_or_never_may_be_is_refused) {
  EXPECT_EQ(Desk::refusal(ask("release-1", "5.b")), "not_found");
  ASSERT_TRUE(send().inbox);
  EXPECT_EQ(Desk::refusal(ask("release-1", "5.b", "tz.police")), "not_found");
  EXPECT_EQ(Desk::refusal(ask("release-1", "99")), "not_found");
  EXPECT_EQ(Desk::refusal(ask("release-1", "5.c")), "invalid_argument");
  desk.use(make_policy(item_rule("R100", "withhold", "5.b"), 2, R"(, "never": [ { "items": ["5.b"] } ])"));
  EXPECT_EQ(Desk::refusal(ask("release-1", "5.b")), "not_permitted");
  EXPECT_EQ(desk.rows(Table::held), 0U);
}

TEST_F(Release, refused_stays_as_it_was) {
  ASSERT_TRUE(send().inbox);
  EXPECT_EQ(state(ask("release-1", "5.b")), "waiting");
  EXPECT_EQ(state(approve(1, "release-2", "refuse")), "refused");
  EXPECT_EQ(desk.rows(Table::outbox), 0U);
}

TEST_F(Release, of_two_requests_only_one_can_follow_the_last_disclosure) {
  ASSERT_TRUE(send().inbox);
  EXPECT_EQ(state(ask("release-1", "5.b")), "waiting");
  EXPECT_EQ(state(ask("release-1", "persons[0].family_name")), "waiting");
  EXPECT_EQ(state(approve(1, "release-2")), "released");
  ASSERT_TRUE(send().inbox);
  EXPECT_EQ(state(approve(2, "release-2")), "superseded");
}

TEST_F(Release, what_the_recipient_has_stays_open_under_a_stricter_policy) {
  ASSERT_TRUE(send().inbox);
  desk.use(make_policy(rules + ", " + item_rule("R102", "withhold", "5.c"), 2, never));
  EXPECT_EQ(state(ask("release-1", "5.b")), "waiting");
  EXPECT_EQ(state(approve(1, "release-2")), "released");
  EXPECT_TRUE(send().inbox);
  EXPECT_EQ(name_seen(), "Wanyonyi");
}

}  // namespace liaison::exchange::test
