// Echoes (echo.h): a question over relays and everything said about it; nothing in an inbox; late, repeated, forged and misled ones.
#include "core/exchange/echo.h"

#include <gtest/gtest.h>

#include "tests/unit/exchange/chain.h"
#include "tests/unit/exchange/desk.h"

namespace liaison::exchange::test {
namespace {
struct Echoes : testing::Test {
  Chain chain;
  Echo question{sim::realm, make_uuid(start, std::array<std::uint8_t, 10>{5}), "ke.customs", {}, "int.gs", std::nullopt, "interpol", "ask", "-", start};

  void ask() {
    question.key = chain.at("ke.customs").context->seal_key;
    Reports reports;
    reports.add("ke.ncb", make_text(question));
    chain.queue("ke.customs", std::move(reports));
  }
  // What came in for the agency itself: "event next from".
  static std::vector<std::string> heard(const Carried& carried) {
    std::vector<std::string> all;
    for (const auto& item : carried.items)
      for (const auto& echo : item.echoes) all.push_back(echo.event + " " + echo.next + " " + echo.from);
    return all;
  }
  static std::vector<std::string> reasons(const Carried& carried) {
    std::vector<std::string> all;
    for (const auto& item : carried.items) all.push_back(item.entry->reason);
    return all;
  }
  using Lines = std::vector<std::string>;
};
}  // namespace

TEST_F(Echoes, a_question_goes_over_the_relay_and_everybody_on_the_way_says_so) {
  EXPECT_EQ(echo_path(*chain.at("ke.customs").context, "interpol", "int.gs").value(), (Lines{"ke.customs", "ke.ncb", "int.gs"}));
  ask();
  EXPECT_EQ(reasons(chain.carry("ke.customs", "ke.ncb")), (Lines{"echo_passed"}));
  EXPECT_EQ(heard(chain.carry("ke.ncb", "ke.customs")), (Lines{"passed int.gs ke.ncb"}));
  EXPECT_EQ(reasons(chain.carry("ke.ncb", "int.gs")), (Lines{"echo_ask"}));
  EXPECT_EQ(reasons(chain.carry("int.gs", "ke.ncb")), (Lines{"echo_passed"}));
  EXPECT_EQ(heard(chain.carry("ke.ncb", "ke.customs")), (Lines{"answered - int.gs"}));
  for (const auto* agency : {"ke.customs", "ke.ncb", "int.gs"}) EXPECT_EQ(chain.inbox(agency), 0U) << agency;
}

TEST_F(Echoes, who_cannot_pass_it_on_says_why) {
  question.to = "zz.ncb";
  ask();
  EXPECT_EQ(reasons(chain.carry("ke.customs", "ke.ncb")), (Lines{"echo_not_passed"}));
  EXPECT_EQ(heard(chain.carry("ke.ncb", "ke.customs")), (Lines{"not_passed not_found ke.ncb"}));
  EXPECT_TRUE(chain.outbox("ke.ncb", "int.gs").empty());
}

TEST_F(Echoes, it_never_goes_back_where_it_came_from) {
  question.to = "ke.customs";  // a peer that asks its neighbour for itself
  ask();
  EXPECT_EQ(reasons(chain.carry("ke.customs", "ke.ncb")), (Lines{"echo_not_passed"}));
  EXPECT_EQ(heard(chain.carry("ke.ncb", "ke.customs")), (Lines{"not_passed route_not_allowed ke.ncb"}));
}

TEST_F(Echoes, a_late_question_is_not_answered) {
  ask();
  chain.at("ke.ncb").now = start + echo_life + Seconds{1};
  EXPECT_EQ(reasons(chain.carry("ke.customs", "ke.ncb")), (Lines{"expired"}));
  EXPECT_TRUE(chain.outbox("ke.ncb", "int.gs").empty());
  EXPECT_TRUE(chain.outbox("ke.ncb", "ke.customs").empty());
}

TEST_F(Echoes, an_old_question_in_a_new_envelope_is_not_answered) {
  question.at = start - echo_life - Seconds{1};
  ask();
  EXPECT_EQ(reasons(chain.carry("ke.customs", "ke.ncb")), (Lines{"echo_late"}));
  EXPECT_TRUE(chain.outbox("ke.ncb", "int.gs").empty());
  EXPECT_TRUE(chain.outbox("ke.ncb", "ke.customs").empty());
}

TEST_F(Echoes, nobody_waits_for_an_echo_that_is_over) {
  ask();
  chain.at("ke.customs").now = start + echo_life + Seconds{1};
  EXPECT_EQ(chain.dispatch("ke.customs", "ke.ncb").dropped.size(), 1U);
}

TEST_F(Echoes, a_repeated_question_is_answered_once) {
  ask();
  chain.carry("ke.customs", "ke.ncb");
  chain.carry("ke.ncb", "ke.customs");
  ask();
  chain.carry("ke.customs", "ke.ncb");
  EXPECT_TRUE(chain.outbox("ke.ncb", "ke.customs").empty());
  EXPECT_EQ(chain.outbox("ke.ncb", "int.gs").size(), 1U);
}

TEST_F(Echoes, words_in_the_name_of_another_agency_are_refused) {
  Party& liar = chain.at("ke.ncb");
  Echo answer = question;
  answer.from = "int.gs";
  answer.key = liar.context->seal_key;
  answer.to = "ke.customs";
  answer.question = Hash{};
  answer.event = "answered";
  Reports reports;
  reports.add("ke.customs", make_text(answer));
  chain.queue("ke.ncb", std::move(reports));
  const Carried carried = chain.carry("ke.ncb", "ke.customs");
  EXPECT_TRUE(heard(carried).empty());
  EXPECT_EQ(carried.only().entry->event, audit::Event::refused);
}

TEST(Echo, a_question_names_none_and_an_answer_does) {
  Echo echo{sim::realm, make_uuid(start, std::array<std::uint8_t, 10>{5}), "ke.customs", {}, "int.gs", std::nullopt, "interpol", "ask", "-", start};
  EXPECT_TRUE(parse_echo(view(make_text(echo))));
  echo.event = "answered";
  EXPECT_EQ(parse_echo(view(make_text(echo))).error().code, Errc::bad_text);
  echo.question = Hash{};
  EXPECT_EQ(parse_echo(view(make_text(echo)))->question, Hash{});
  echo.event = "ask";
  EXPECT_EQ(parse_echo(view(make_text(echo))).error().code, Errc::bad_text);
  echo.event = "shouted";
  EXPECT_EQ(parse_echo(view(make_text(echo))).error().code, Errc::bad_text);
}

namespace {
struct PingRequests : testing::Test {
  Desk desk{"ke.customs"};
  static Bytes ping(const std::string& agency, std::uint32_t wait_ms) {
    return Desk::call([&](auto& builder) {
      const auto name = builder.CreateString(agency);
      const auto channel = builder.CreateString("interpol");
      return api::CreatePing(builder, name, channel, wait_ms);
    });
  }
  RequestToken start_ping(const std::string& agency) {
    const RequestToken token = desk.next++;
    desk.node().on_request(token, "admin", ping(agency, 5000));
    desk.drain();
    return token;
  }
  const api::Pinged* answer(RequestToken token) {
    const auto found = desk.answers.find(token);
    return found == desk.answers.end() ? nullptr : flatbuffers::GetRoot<api::Answer>(found->second.data())->reply_as_Pinged();
  }
  // The question as it waits in the outbox.
  Echo asked() {
    const auto rows = desk.store().scan(Table::outbox, {}, 10).value();
    return parse_echo(view(decode_outbox_row(rows.at(0).second)->texts.front().text)).value();
  }
  Echo said(std::string from, std::string event, std::string next) {
    Echo echo = asked();
    const auto rows = desk.store().scan(Table::outbox, {}, 10).value();
    echo.question = crypto::text_hash(view(decode_outbox_row(rows.at(0).second)->texts.front().text));
    echo.from = std::move(from);
    echo.event = std::move(event);
    echo.next = std::move(next);
    return echo;
  }
};
}  // namespace

TEST_F(PingRequests, is_answered_when_the_agency_says_so_and_not_by_others) {
  const auto token = start_ping("int.gs");
  EXPECT_EQ(answer(token), nullptr);
  Echo other_question = said("int.gs", "answered", "-");
  other_question.question = Hash{};
  desk.node().on_echoes({said("ke.ncb", "answered", "-"), said("de.ncb", "answered", "-"), other_question});
  desk.drain();
  EXPECT_EQ(answer(token), nullptr);
  desk.party.now += Milliseconds{40};
  desk.node().on_echoes({said("ke.ncb", "passed", "int.gs"), said("int.gs", "answered", "-")});
  desk.drain();
  ASSERT_NE(answer(token), nullptr);
  EXPECT_TRUE(answer(token)->answered());
  EXPECT_EQ(answer(token)->after_ms(), 40U);
  EXPECT_EQ(answer(token)->steps()->size(), 2U);
  EXPECT_EQ(desk.audited("echo_ask"), 1U);
}

TEST_F(PingRequests, ends_with_its_time_and_says_how_far_it_got) {
  const auto token = start_ping("int.gs");
  EXPECT_EQ(desk.node().next_deadline(), desk.party.now + Seconds{5});
  desk.node().on_echoes({said("ke.ncb", "passed", "int.gs")});
  desk.party.now += Seconds{5};
  desk.node().on_tick();
  desk.drain();
  ASSERT_NE(answer(token), nullptr);
  EXPECT_FALSE(answer(token)->answered());
  EXPECT_FALSE(answer(token)->linked());
  EXPECT_EQ(answer(token)->steps()->Get(0)->next()->str(), "int.gs");
}

TEST_F(PingRequests, bad_questions_are_refused_at_once) {
  EXPECT_EQ(Desk::refusal(desk.ask("admin", ping("ke.customs", 1000))), "invalid_argument");
  EXPECT_EQ(Desk::refusal(desk.ask("admin", ping("zz.ncb", 1000))), "not_found");
  for (int i = 0; i < 16; ++i) start_ping("int.gs");
  EXPECT_EQ(Desk::refusal(desk.ask("admin", ping("int.gs", 1000))), "busy");
}

}  // namespace liaison::exchange::test
