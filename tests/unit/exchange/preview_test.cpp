// What is known before anything leaves (plan.h, recipient_view.h, submission.h): repeated values with every place, what the sender holds back or says is
// no repetition, and the preview that stores nothing. Screening (policy_store.h has its own test) at the other end.
#include "core/exchange/plan.h"

#include "core/exchange/recipient_view.h"
#include "core/exchange/submission.h"
#include "tests/unit/exchange/desk.h"

namespace liaison::exchange::test {
namespace {
const std::string nameless = item_rule("R100", "withhold", "5.b");

struct Draft {
  std::string words = "nothing";
  std::vector<std::string> withhold = {};
  std::vector<std::pair<std::string, std::string>> no_repetition = {};
  std::string authorisation = {};
};
struct Preview : testing::Test {
  Desk desk{"ke.customs", make_policy(nameless)};
  std::uint8_t number = 0;

  flatbuffers::Offset<api::Submit> put(flatbuffers::FlatBufferBuilder& builder, const Draft& draft) {
    const Uuid id = make_uuid(start, std::array<std::uint8_t, 10>{++number});
    const auto submission = builder.CreateVector(id.bytes.data(), id.bytes.size());
    const auto kind = builder.CreateString("ecomessage");
    const auto message = builder.CreateVector(message_with(draft.words));
    const auto to = builder.CreateVectorOfStrings(std::vector<std::string>{"int.gs", "tz.police"});
    const auto withhold = builder.CreateVectorOfStrings(draft.withhold);
    std::vector<flatbuffers::Offset<api::Excuse>> excuses;
    for (const auto& [item, reason] : draft.no_repetition) {
      const auto place = builder.CreateString(item);
      excuses.push_back(api::CreateExcuse(builder, place, builder.CreateString(reason)));
    }
    const auto excuse_list = builder.CreateVector(excuses);
    const auto facts = api::CreateFacts(builder, builder.CreateString(draft.authorisation));
    api::SubmitBuilder made(builder);
    made.add_submission(submission);
    made.add_kind(kind);
    made.add_message(message);
    made.add_to(to);
    made.add_withhold(withhold);
    made.add_no_repetition(excuse_list);
    made.add_facts(facts);
    return made.Finish();
  }
  const api::Answer& submit(const Draft& draft) { return desk.ask("officer", Desk::call([&](auto& builder) { return put(builder, draft); })); }
  const api::Answer& preview(const Draft& draft, const std::string& person = "officer") {
    return desk.ask(person, Desk::call([&](auto& builder) { return api::CreatePreview(builder, put(builder, draft)); }));
  }
};
const api::FieldDecision* field(const api::RecipientView& seen, const std::string& name) {
  for (const auto* one : *seen.fields())
    if (one->name()->str() == name) return one;
  return nullptr;
}
}  // namespace

TEST_F(Preview, a_repeated_name_refuses_the_submission_with_its_place) {
  const auto& answer = submit({.words = "Wanyonyi Juma was seen before"});
  ASSERT_NE(answer.reply_as_Refusal(), nullptr);
  EXPECT_EQ(answer.reply_as_Refusal()->code()->str(), "repeated_value");
  EXPECT_NE(answer.reply_as_Refusal()->text()->str().find("item 12 (additional_information)"), std::string::npos) << answer.reply_as_Refusal()->text()->str();
  EXPECT_EQ(answer.reply_as_Refusal()->text()->str().find("Wanyonyi"), std::string::npos);
  EXPECT_EQ(desk.rows(Table::record), 0U);
  EXPECT_EQ(desk.audited("repeated_value"), 1U);
}

TEST_F(Preview, held_back_too_or_stated_to_be_none) {
  EXPECT_NE(submit({.words = "Wanyonyi was seen", .withhold = {"12"}}).reply_as_Accepted(), nullptr);
  EXPECT_EQ(desk.audited("stated_no_repetition"), 0U);
  EXPECT_NE(submit({.words = "Wanyonyi was seen", .no_repetition = {{"12", "a street of that name"}}}).reply_as_Accepted(), nullptr);
  EXPECT_EQ(desk.audited("stated_no_repetition"), 1U);
  EXPECT_EQ(Desk::refusal(submit({.words = "Wanyonyi was seen", .no_repetition = {{"11", "another place"}}})), "repeated_value");
  EXPECT_EQ(Desk::refusal(submit({.withhold = {"99"}})), "invalid_argument");
  // I3: what was stated is nowhere in clear.
  for (const auto& [key, value] : desk.store().scan(Table::record, {}, 10).value()) EXPECT_EQ(text(value).find("a street of that name"), std::string_view::npos);
}

TEST_F(Preview, stated_facts_are_closed_lists_and_kept) {
  EXPECT_EQ(Desk::refusal(submit({.authorisation = "judge"})), "invalid_argument");
  ASSERT_NE(submit({.authorisation = "court"}).reply_as_Accepted(), nullptr);
  const auto rows = desk.store().scan(Table::record, {}, 10).value();
  const auto held = load_record(*desk.context(), parse_record_key(rows.front().first).value()).value();
  EXPECT_EQ(held.facts.stated.authorisation, policy::Authorisation::court);
}

TEST_F(Preview, a_fact_beside_the_message_decides) {
  desk.use(make_policy(item_rule("R100", "withhold", "5.b", R"(, "when": { "authorisation": ["none"] })"), 2));
  const auto* without = preview({}).reply_as_Previewed();
  ASSERT_NE(without, nullptr);
  EXPECT_EQ(field(*without->views()->Get(0), "persons[0].family_name")->effect()->str(), "withhold");
  EXPECT_EQ(field(*without->views()->Get(0), "persons[0].family_name")->rule()->str(), "R100");
  const std::string words = without->views()->Get(0)->explanation()->str();
  EXPECT_NE(words.find("R100"), std::string::npos) << words;
  EXPECT_NE(words.find("Data Protection Act, s. 48"), std::string::npos) << words;
  EXPECT_EQ(words.find("Wanyonyi"), std::string::npos) << words;
  const auto* with = preview({.authorisation = "court"}).reply_as_Previewed();
  ASSERT_NE(with, nullptr);
  EXPECT_EQ(field(*with->views()->Get(0), "persons[0].family_name")->effect()->str(), "disclose");
}

TEST_F(Preview, shows_every_recipient_and_stores_nothing) {
  const auto before = desk.store().snapshot();
  const auto* shown = preview({.words = "Wanyonyi was seen"}).reply_as_Previewed();
  ASSERT_NE(shown, nullptr);
  ASSERT_EQ(shown->views()->size(), 2U);
  EXPECT_EQ(shown->problems()->size(), 1U);
  const auto* seen = shown->views()->Get(0);
  EXPECT_EQ(seen->agency()->str(), "int.gs");
  EXPECT_EQ(field(*seen, "persons[0].family_name")->public_basis()->str(), "KE.DATA-PROTECTION");
  EXPECT_EQ(seen->repeats()->size(), 1U);
  EXPECT_GT(seen->message()->size(), 0U);
  const std::string_view rebuilt(reinterpret_cast<const char*>(seen->message()->data()), seen->message()->size());
  EXPECT_NE(rebuilt.find("Juma"), std::string_view::npos);
  EXPECT_TRUE(before == desk.store().snapshot());
  EXPECT_EQ(Desk::refusal(preview({}, "desk-1")), "not_permitted");
}

TEST_F(Preview, tells_what_would_wait) {
  desk.use(make_policy(item_rule("R100", "refer", "5.b"), 2));
  const auto* shown = preview({}).reply_as_Previewed();
  ASSERT_NE(shown, nullptr);
  EXPECT_TRUE(shown->views()->Get(0)->waits());
  EXPECT_EQ(field(*shown->views()->Get(0), "persons[0].family_name")->effect()->str(), "refer");
}

TEST_F(Preview, refuses_what_a_submission_would_be_refused_for) {
  EXPECT_EQ(Desk::refusal(desk.ask("officer", Desk::call([](auto& builder) { return api::CreatePreview(builder); }))), "bad_format");
  EXPECT_EQ(Desk::refusal(preview({.authorisation = "judge"})), "invalid_argument");
}

}  // namespace liaison::exchange::test
