// Envelopes that bureaus forward unopened: only for the pairs that the directory flags, at most two of them, never back, with the number of hops in the
// ledger; what the recipient says comes back the same way.
#include <gtest/gtest.h>

#include "tests/unit/exchange/chain.h"

namespace liaison::exchange::test {
namespace {
using Lines = std::vector<std::string>;
std::uint8_t hops_of(const Carried& carried) { return link::decode_entry(carried.elements.at(0).entry)->hops; }
std::string sealed_for(const Carried& carried) { return parse_envelope(*carried.elements.at(0).envelope)->header.to; }

struct Blind : testing::Test {
  Chain chain;
  std::uint8_t number = 0;
  RecordKey to(std::vector<std::string> recipients) {
    auto what = over_bureaus(std::move(recipients));
    what.id = make_uuid(start, std::array<std::uint8_t, 10>{0, 0, 0, ++number});
    return chain.accept("fr.customs", std::move(what));
  }
  // An element as `by` would forward it.
  link::Element forged(const Carried& carried, std::uint8_t hops) {
    auto entry = link::decode_entry(carried.elements.at(0).entry).value();
    entry.hops = hops;
    return {link::encode(entry), carried.elements.at(0).envelope};
  }
  std::string refusal(const std::string& at, const std::string& from, link::Element element) {
    auto result = received_elements(chain.at(at), from, {std::move(element)});
    return result.items.front().entry->event == audit::Event::refused ? result.items.front().entry->reason : "";
  }
};
}  // namespace

TEST_F(Blind, one_bureau_forwards_unopened_and_adds_no_disclosure) {
  const auto key = to({"int.gs"});
  const auto first = chain.carry("fr.customs", "fr.ncb");
  EXPECT_EQ(hops_of(first), 0);
  EXPECT_EQ(sealed_for(first), "int.gs");
  EXPECT_FALSE(load_record(*chain.at("fr.ncb").context, key));  // it holds nothing of it
  const auto second = chain.carry("fr.ncb", "int.gs");
  EXPECT_EQ(hops_of(second), 1);
  EXPECT_EQ(*second.elements.at(0).envelope, *first.elements.at(0).envelope);
  EXPECT_EQ(second.only().entry->event, audit::Event::received) << second.only().log;
  EXPECT_EQ(chain.inbox("int.gs"), 1U);
  EXPECT_EQ(chain.held("int.gs", key).disclosures.size(), 1U);
}

TEST_F(Blind, two_forward_and_the_answer_comes_back_over_both) {
  const auto key = to({"it.ncb"});
  chain.carry("fr.customs", "fr.ncb");
  EXPECT_EQ(hops_of(chain.carry("fr.ncb", "int.gs")), 1);
  EXPECT_EQ(hops_of(chain.carry("int.gs", "it.ncb")), 2);
  EXPECT_EQ(chain.inbox("it.ncb"), 1U);
  for (const auto& [from, next] : {std::pair{"it.ncb", "int.gs"}, {"int.gs", "fr.ncb"}, {"fr.ncb", "fr.customs"}}) chain.carry(from, next);
  EXPECT_EQ(chain.evidence("fr.customs", key), (Lines{"delivered - it.ncb"}));
}

TEST_F(Blind, a_relay_that_opens_follows_one_that_does_not) {
  const auto key = to({"de.ncb"});
  chain.carry("fr.customs", "fr.ncb");
  chain.carry("fr.ncb", "int.gs");
  EXPECT_EQ(chain.carry("int.gs", "de.ncb").only().entry->event, audit::Event::received);
  EXPECT_EQ(chain.held("de.ncb", key).disclosures.size(), 2U);
  chain.carry("de.ncb", "int.gs");
  chain.carry("int.gs", "fr.ncb");
  chain.carry("fr.ncb", "fr.customs");
  EXPECT_EQ(chain.evidence("fr.customs", key), (Lines{"delivered - de.ncb", "relayed de.ncb int.gs"}));
}

TEST_F(Blind, the_same_envelope_twice_is_forwarded_once) {
  to({"int.gs"});
  const auto first = chain.carry("fr.customs", "fr.ncb");
  Carried again{{}, first.elements, {}};
  chain.receive("fr.customs", "fr.ncb", Lane::routine, again);
  EXPECT_EQ(again.only().entry->reason, "duplicate");
  EXPECT_EQ(chain.outbox("fr.ncb", "int.gs").size(), 1U);
}

TEST_F(Blind, what_expires_unopened_is_said_to_who_sealed_it) {
  auto what = over_bureaus({"int.gs"});
  what.expires = start + Seconds{30};
  const auto key = chain.accept("fr.customs", std::move(what));
  chain.carry("fr.customs", "fr.ncb");
  chain.at("fr.ncb").now = chain.at("fr.customs").now = start + Seconds{31};
  EXPECT_EQ(chain.carry("fr.ncb", "int.gs").dropped.size(), 1U);
  chain.carry("fr.ncb", "fr.customs");
  EXPECT_EQ(chain.evidence("fr.customs", key), (Lines{"not_relayed expired:int.gs fr.ncb"}));
}

TEST_F(Blind, without_the_flag_for_the_pair_nothing_is_forwarded) {
  Party& customs = chain.at("ke.customs");
  const auto bytes = seal_envelope(*sealing(customs, "int.gs"), header(customs, "int.gs"), to_bytes("sealed"), customs.site.random)->bytes;
  EXPECT_EQ(refusal("ke.ncb", "ke.customs", {link::EntryBytes{}, bytes}), "wrong_recipient");
}

TEST_F(Blind, never_three_times_never_back_never_for_strangers) {
  to({"int.gs"});
  const auto first = chain.dispatch("fr.customs", "fr.ncb");
  EXPECT_EQ(refusal("fr.ncb", "fr.customs", forged(first, 2)), "wrong_sender");
  EXPECT_EQ(refusal("int.gs", "ke.ncb", forged(first, 1)), "wrong_sender");   // ke.ncb does not forward for it
  EXPECT_EQ(refusal("fr.ncb", "int.gs", forged(first, 1)), "wrong_sender");   // back to a bureau it comes from
  // fr.ncb to it.ncb over int.gs, already forwarded twice by fr.ncb's word.
  to({"it.ncb"});
  const auto second = chain.dispatch("fr.customs", "fr.ncb");
  EXPECT_EQ(refusal("int.gs", "fr.ncb", forged(Carried{{}, {second.elements.back()}, {}}, 2)), "route_not_allowed");
}

}  // namespace liaison::exchange::test
