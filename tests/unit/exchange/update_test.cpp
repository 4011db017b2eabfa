// A record that comes again with more (formats 2.4), at a relay whose recipient has a copy already: what the recipient has stays open, by the policy or by
// two persons, and whatever becomes of the update, the recipient neither loses its copy nor raises an alarm.
#include "core/exchange/held.h"
#include "tests/unit/exchange/chain_people.h"

namespace liaison::exchange::test {
namespace {
const auto no_names = item_rule("R100", "withhold", "5.b");

// ke.customs keeps 5.c from everybody at first, ke.ncb 5.b from int.gs.
struct Update : ChainPeople {
  RecordKey key;

  void start_with(const std::string& rules) {
    use("ke.customs", make_policy(item_rule("R101", "withhold", "5.c")));
    use("ke.ncb", make_policy(rules));
    key = chain.accept("ke.customs", sent("nothing"));
  }
  void first_copy() {
    chain.carry("ke.customs", "ke.ncb");
    ASSERT_TRUE(chain.carry("ke.ncb", "int.gs").only().inbox);
  }
  // ke.customs opens 5.c to ke.ncb.
  void comes_again() {
    release_later("ke.customs", key, "ke.ncb", "5.c");
    const auto carried = chain.carry("ke.customs", "ke.ncb");
    ASSERT_EQ(carried.only().entry->event, audit::Event::received) << carried.only().log;
  }
  void expect_taken(const Carried& carried) {
    ASSERT_EQ(carried.items.size(), 1U);
    EXPECT_EQ(carried.only().entry->event, audit::Event::received) << carried.only().log;
    EXPECT_EQ(carried.only().alarm, "");
    EXPECT_TRUE(carried.only().inbox);
  }
};
}  // namespace

TEST_F(Update, goes_on_by_itself_when_nothing_is_taken_back) {
  start_with(no_names);
  first_copy();
  comes_again();
  expect_taken(chain.carry("ke.ncb", "int.gs"));
  EXPECT_TRUE(sees("int.gs", key, "5.c"));
  EXPECT_FALSE(sees("int.gs", key, "5.b"));
  EXPECT_EQ(held_rows("ke.ncb"), 0U);
}

TEST_F(Update, what_two_persons_released_they_release_again) {
  start_with(no_names);
  first_copy();
  release_later("ke.ncb", key, "int.gs", "5.b");
  expect_taken(chain.carry("ke.ncb", "int.gs"));
  comes_again();
  EXPECT_TRUE(chain.outbox("ke.ncb", "int.gs").empty());
  const auto waiting = row("ke.ncb", 1);
  EXPECT_EQ(waiting.what, HeldWhat::update);
  EXPECT_EQ(waiting.reason, "given_before");
  EXPECT_EQ(waiting.approvals_needed, 2U);
  ASSERT_TRUE(release("ke.ncb", 1));
  EXPECT_EQ(row("ke.ncb", 1).approvals.size(), 2U);
  expect_taken(chain.carry("ke.ncb", "int.gs"));
  EXPECT_TRUE(sees("int.gs", key, "5.b"));
  EXPECT_TRUE(sees("int.gs", key, "5.c"));
}

TEST_F(Update, what_the_recipient_has_cannot_be_withheld_nor_left_out) {
  start_with(no_names);
  first_copy();
  release_later("ke.ncb", key, "int.gs", "5.b");
  chain.carry("ke.ncb", "int.gs");
  comes_again();
  const auto withheld = decide("ke.ncb", 1, HeldAction::withhold);
  ASSERT_FALSE(withheld);
  EXPECT_EQ(withheld.error().code, Errc::not_permitted);
  EXPECT_NE(withheld.error().detail.find("5.b"), std::string::npos);
}

TEST_F(Update, refused_or_expired_leaves_the_recipient_its_copy_and_tells_the_sender) {
  start_with(no_names);
  first_copy();
  release_later("ke.ncb", key, "int.gs", "5.b");
  chain.carry("ke.ncb", "int.gs");
  comes_again();
  const auto expired = expire_held(*chain.at("ke.ncb").context, 1, row("ke.ncb", 1));
  EXPECT_EQ(expired.evidence->reason, "expired:int.gs");
  auto refused = decide("ke.ncb", 1, HeldAction::refuse).value();
  EXPECT_EQ(refused.evidence->event, "not_relayed");
  EXPECT_EQ(refused.evidence->reason, "not_permitted:int.gs");
  commit("ke.ncb", std::move(refused));
  // A later release follows the copy the recipient has, of the package before.
  release_later("ke.ncb", key, "int.gs", "5.c");
  expect_taken(chain.carry("ke.ncb", "int.gs"));
  EXPECT_TRUE(sees("int.gs", key, "5.b"));
  EXPECT_TRUE(sees("int.gs", key, "5.c"));
}

TEST_F(Update, a_stricter_policy_does_not_take_back_either) {
  start_with("");
  first_copy();
  ASSERT_TRUE(sees("int.gs", key, "5.b"));
  use("ke.ncb", make_policy(no_names, 2));
  comes_again();
  ASSERT_EQ(row("ke.ncb", 1).reason, "given_before");
  ASSERT_TRUE(release("ke.ncb", 1));
  expect_taken(chain.carry("ke.ncb", "int.gs"));
  EXPECT_TRUE(sees("int.gs", key, "5.b"));
}

TEST_F(Update, a_policy_that_became_stricter_after_it_was_queued_holds_it_at_dispatch) {
  start_with("");
  first_copy();
  comes_again();
  EXPECT_EQ(chain.outbox("ke.ncb", "int.gs").size(), 1U);
  use("ke.ncb", make_policy(no_names, 2));
  EXPECT_TRUE(chain.carry("ke.ncb", "int.gs").items.empty());
  EXPECT_EQ(row("ke.ncb", 1).what, HeldWhat::update);
  EXPECT_TRUE(release("ke.ncb", 1));
  expect_taken(chain.carry("ke.ncb", "int.gs"));
}

TEST_F(Update, one_more_field_that_waits_for_a_person_leaves_the_copy_alone) {
  start_with(item_rule("R100", "refer", "5.c"));
  first_copy();
  comes_again();
  EXPECT_EQ(row("ke.ncb", 1).what, HeldWhat::update);
  EXPECT_EQ(row("ke.ncb", 1).approvals_needed, 1U);
  ASSERT_TRUE(release("ke.ncb", 1));
  expect_taken(chain.carry("ke.ncb", "int.gs"));
  EXPECT_TRUE(sees("int.gs", key, "5.c"));
}

TEST_F(Update, both_waited_for_the_link_and_the_second_takes_the_place_of_the_first) {
  start_with(no_names);
  chain.carry("ke.customs", "ke.ncb");
  comes_again();
  EXPECT_EQ(chain.outbox("ke.ncb", "int.gs").size(), 2U);
  const auto carried = chain.carry("ke.ncb", "int.gs");
  ASSERT_EQ(carried.items.size(), 2U);
  EXPECT_EQ(carried.items[0].entry->event, audit::Event::received);
  EXPECT_EQ(carried.items[1].entry->event, audit::Event::received) << carried.items[1].log;
  EXPECT_TRUE(sees("int.gs", key, "5.c"));
  EXPECT_EQ(chain.inbox("int.gs"), 1U);
}

namespace {
// ke.ncb sends int.gs the record once more, as if it came over another route: the package supersedes nothing.
struct OtherRoute : Update {
  Carried other(const std::string& rules, unsigned version) {
    Party& bureau = chain.at("ke.ncb");
    use("ke.ncb", make_policy(rules, version));
    const auto held = load_record(*bureau.context, key).value();
    WriteSet set;
    set.ops = {{OpKind::del, Table::disclosure, key_of(key, "int.gs"), {}},
               {OpKind::insert, Table::outbox, key_of_outbox("int.gs", Lane::routine, ++number), encode(make_outbox_row(*bureau.context, key, start + std::chrono::hours{24}, held.package))}};
    chain.commit(bureau, set);
    return chain.carry("ke.ncb", "int.gs");
  }
};
}  // namespace

TEST_F(OtherRoute, opening_all_that_is_held_and_more_takes_its_place) {
  start_with(no_names);
  first_copy();
  expect_taken(other("", 2));
  EXPECT_TRUE(sees("int.gs", key, "5.b"));
  EXPECT_EQ(chain.inbox("int.gs"), 2U);
}

TEST_F(OtherRoute, opening_nothing_more_changes_nothing) {
  start_with("");
  first_copy();
  const auto last = load_record(*chain.at("int.gs").context, key).value().row.last_disclosure;
  for (const auto& rules : {std::string(), no_names, item_rule("R100", "withhold", "5.d")}) {
    const auto carried = other(rules, 2);
    EXPECT_EQ(carried.only().entry->reason, "duplicate");
    EXPECT_EQ(carried.only().alarm, "");
  }
  EXPECT_EQ(load_record(*chain.at("int.gs").context, key).value().row.last_disclosure, last);
  EXPECT_EQ(chain.inbox("int.gs"), 1U);
}

TEST_F(OtherRoute, opening_something_else_leaves_what_is_held) {
  start_with(no_names);
  first_copy();
  EXPECT_EQ(other(item_rule("R100", "withhold", "5.d"), 2).only().entry->reason, "duplicate");
  EXPECT_TRUE(sees("int.gs", key, "5.d"));
  EXPECT_FALSE(sees("int.gs", key, "5.b"));
}

TEST_F(OtherRoute, what_was_replaced_does_not_come_back) {
  start_with(no_names);
  first_copy();
  const auto first = chain.at("int.gs").site.disk.memory.get(Table::record, key_of(key)).value();
  expect_taken(other("", 2));
  const auto row = decode_record_row(*chain.at("int.gs").site.disk.memory.get(Table::record, key_of(key)).value()).value();
  ASSERT_EQ(row.superseded.size(), 1U);
  EXPECT_EQ(row.superseded.front().disclosure, decode_record_row(*first)->last_disclosure);
  EXPECT_FALSE(row.superseded.front().opened.empty());
}

TEST_F(Update, what_expires_in_the_queue_does_not_forget_the_copy) {
  start_with(no_names);
  first_copy();
  comes_again();
  chain.at("ke.ncb").now = start + std::chrono::hours{24 * 31};
  EXPECT_EQ(chain.dispatch("ke.ncb", "int.gs").dropped.size(), 1U);
  const auto held = load_record(*chain.at("ke.ncb").context, key).value();
  EXPECT_TRUE(load_given(*chain.at("ke.ncb").context, key, held.package, "int.gs").value());
}

}  // namespace liaison::exchange::test
