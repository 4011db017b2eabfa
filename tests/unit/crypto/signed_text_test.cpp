// Signed texts: what the grammar allows round-trips, everything else is refused; parsing never accepts two forms of one text.
#include <gtest/gtest.h>

#include "core/base/tags.h"
#include "core/crypto/signed_text.h"

namespace liaison::crypto {
namespace {

constexpr std::array<LineRule, 6> rules{{{"realm", 1}, {"id", 1}, {"record", 3}, {"at", 1}, {"prev", 1}, {"withheld", 2, Repeat::any}}};
constexpr TextGrammar grammar{tags::record_text, rules};

const Hash some_hash = merkle::sha256("some");

TextBuilder whole() {
  TextBuilder builder(grammar);
  builder.add("withheld", {"bbb", "LAW"}).add("withheld", {"aaa", "LAW"}).add("withheld", {"aaa", "KIN"});
  builder.add("at", "2026-03-04T05:06:07.089Z").add_hash("prev", some_hash).add("realm", "demo");
  builder.add("id", std::uint64_t{7}).add("record", {"ke.customs", "01890a5d-ac96-774b-bcce-b302099a8057", "2"});
  return builder;
}

const std::string whole_text =
    "liaison record v1\nrealm demo\nid 7\nrecord ke.customs 01890a5d-ac96-774b-bcce-b302099a8057 2\nat 2026-03-04T05:06:07.089Z\n"
    "prev " + to_base64(some_hash) + "\nwithheld aaa KIN\nwithheld aaa LAW\nwithheld bbb LAW\n";

Errc refused(const std::string& chars) {
  const auto parsed = ParsedText::parse(grammar, view(chars));
  return parsed ? Errc{} : parsed.error().code;
}

std::string replaced(std::string_view from, std::string_view to) {
  std::string out = whole_text;
  const auto at = out.find(from);
  liaison_assert(at != std::string::npos);
  return out.replace(at, from.size(), to);
}

TEST(TextBuilder, WritesTheOrderOfTheGrammar) { EXPECT_EQ(whole().finish(), whole_text); }

TEST(TextBuilder, EqualRepeatedLinesStandOnce) { EXPECT_EQ(whole().add("withheld", {"bbb", "LAW"}).finish(), whole_text); }

TEST(TextBuilderDeath, BrokenRulesOfOurOwnStopTheProcess) {
  EXPECT_DEATH(whole().add("realm", "twice").finish(), "broken rule");
  EXPECT_DEATH(TextBuilder(grammar).add("realm", "demo").finish(), "broken rule");
  EXPECT_DEATH(TextBuilder(grammar).add("other", "x"), "broken rule");
  EXPECT_DEATH(TextBuilder(grammar).add("realm", {"two", "tokens"}), "broken rule");
  EXPECT_DEATH(TextBuilder(grammar).add("realm", "with space"), "broken rule");
  EXPECT_DEATH(TextBuilder(grammar).add("realm", ""), "broken rule");
}

TEST(ParsedText, GivesBackEveryToken) {
  auto parsed = ParsedText::parse(grammar, view(whole_text));
  ASSERT_TRUE(parsed) << parsed.error().message();
  const ParsedText text = std::move(*parsed);
  EXPECT_EQ(text.bytes(), whole_text);
  EXPECT_EQ(text.one("realm"), "demo");
  EXPECT_EQ(text.number("id").value(), 7u);
  EXPECT_EQ(text.agency("record").value(), "ke.customs");
  EXPECT_EQ(to_string(text.uuid("record", 1).value()), "01890a5d-ac96-774b-bcce-b302099a8057");
  EXPECT_EQ(text.number("record", 2).value(), 2u);
  EXPECT_EQ(to_string(text.time("at").value()), "2026-03-04T05:06:07.089Z");
  EXPECT_EQ(text.hash("prev").value(), some_hash);
  EXPECT_EQ(text.hash_or_dash("prev").value(), some_hash);
  ASSERT_EQ(text.all("withheld").size(), 3u);
  EXPECT_EQ(text.all("withheld")[0], (ParsedText::Tokens{"aaa", "KIN"}));
  EXPECT_EQ(text.all("withheld")[2], (ParsedText::Tokens{"bbb", "LAW"}));
}

TEST(ParsedText, RepeatableLinesMayBeAbsent) {
  const auto parsed = ParsedText::parse(grammar, view(whole_text.substr(0, whole_text.find("withheld"))));
  ASSERT_TRUE(parsed);
  EXPECT_TRUE(parsed->all("withheld").empty());
}

TEST(ParsedText, WrongFormsNameTheKey) {
  const auto text = ParsedText::parse(grammar, view(whole_text));
  for (const auto& error : {text->number("realm").error(), text->hash("realm").error(), text->uuid("realm").error(), text->time("realm").error(),
                            text->agency("realm").error(), text->hash_or_dash("realm").error()}) {
    EXPECT_EQ(error.code, Errc::bad_text);
    EXPECT_NE(error.detail.find("realm"), std::string::npos);
    EXPECT_EQ(error.detail.find("demo"), std::string::npos) << "content in an error";
  }
}

TEST(ParsedText, DashIsNoHash) {
  const auto text = ParsedText::parse(grammar, view(replaced(to_base64(some_hash), "-")));
  ASSERT_TRUE(text);
  EXPECT_EQ(text->hash_or_dash("prev").value(), std::nullopt);
  EXPECT_FALSE(text->hash("prev"));
}

TEST(ParsedText, EveryTruncationIsRefused) {
  const std::size_t optional = whole_text.find("withheld");
  for (std::size_t length = 0; length < whole_text.size(); ++length) {
    const bool complete = length >= optional && whole_text[length - 1] == '\n';
    EXPECT_EQ(refused(whole_text.substr(0, length)), complete ? Errc{} : Errc::bad_text) << length;
  }
}

TEST(ParsedText, WhatIsAcceptedIsWhatABuilderWrites) {
  // Flip every bit: either refused, or rebuilding from the tokens gives the same bytes.
  int accepted = 0;
  for (std::size_t bit = 0; bit < whole_text.size() * 8; ++bit) {
    std::string changed = whole_text;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    const auto text = ParsedText::parse(grammar, view(changed));
    if (!text) continue;
    ++accepted;
    TextBuilder builder(grammar);
    for (const auto* key : {"realm", "id", "at", "prev"}) builder.add(key, text->one(key));
    builder.add("record", {text->one("record", 0), text->one("record", 1), text->one("record", 2)});
    for (const auto& line : text->all("withheld")) builder.add("withheld", {line[0], line[1]});
    EXPECT_EQ(builder.finish(), changed);
  }
  EXPECT_GT(accepted, 0);
}

TEST(ParsedText, OtherFormsOfTheSameTextAreRefused) {
  EXPECT_EQ(refused(replaced("realm demo", "realm  demo")), Errc::bad_text);
  EXPECT_EQ(refused(replaced("realm demo", "realm demo ")), Errc::bad_text);
  EXPECT_EQ(refused(replaced("realm demo", " realm demo")), Errc::bad_text);
  EXPECT_EQ(refused(replaced("realm demo", "realm\tdemo")), Errc::bad_text);
  EXPECT_EQ(refused(replaced("realm demo\n", "realm demo\r\n")), Errc::bad_text);
  EXPECT_EQ(refused(replaced("realm demo\n", "realm demo\n\n")), Errc::bad_text);
  EXPECT_EQ(refused(replaced("realm demo\n", "realm demo\nrealm demo\n")), Errc::bad_text);
  EXPECT_EQ(refused(replaced("realm demo\n", "")), Errc::bad_text);
  EXPECT_EQ(refused(replaced("realm demo\n", "realm\n")), Errc::bad_text);
  EXPECT_EQ(refused(replaced("realm demo\n", "realm \n")), Errc::bad_text);
  EXPECT_EQ(refused(replaced("realm demo\n", "realm demo two\n")), Errc::bad_text);
  EXPECT_EQ(refused(replaced("realm demo\n", "realms demo\n")), Errc::bad_text);
  EXPECT_EQ(refused(replaced("realm demo\nid 7\n", "id 7\nrealm demo\n")), Errc::bad_text);
  EXPECT_EQ(refused(replaced("withheld aaa KIN\nwithheld aaa LAW\n", "withheld aaa LAW\nwithheld aaa KIN\n")), Errc::bad_text);
  EXPECT_EQ(refused(replaced("withheld aaa KIN\n", "withheld aaa KIN\nwithheld aaa KIN\n")), Errc::bad_text);
  EXPECT_EQ(refused(replaced("withheld aaa KIN\n", "unknown aaa KIN\n")), Errc::bad_text);
  EXPECT_EQ(refused(replaced("liaison record v1", "liaison record v2")), Errc::bad_text);
  EXPECT_EQ(refused(whole_text + "x"), Errc::bad_text);
  EXPECT_EQ(refused(whole_text + "\n"), Errc::bad_text);
  EXPECT_EQ(refused(whole_text + std::string(1, '\0')), Errc::bad_text);
  EXPECT_EQ(refused(replaced("demo", "d\xC3\xA9mo")), Errc::bad_text);
  EXPECT_EQ(refused(replaced("demo", std::string("de\0mo", 5))), Errc::bad_text);
}

TEST(ParsedText, SizeIsBounded) {
  const std::string base = whole_text.substr(0, whole_text.find("withheld"));
  const auto with_size = [&](std::size_t size) { return base + "withheld " + std::string(size - base.size() - 12, 'a') + " x\n"; };
  ASSERT_EQ(with_size(limits::text_bytes_max).size(), limits::text_bytes_max);
  EXPECT_EQ(refused(with_size(limits::text_bytes_max)), Errc{});
  EXPECT_EQ(refused(with_size(limits::text_bytes_max + 1)), Errc::limit_exceeded);
  TextGrammar larger = grammar;
  larger.bytes_max = limits::disclosure_bytes_max;
  EXPECT_TRUE(ParsedText::parse(larger, view(with_size(limits::text_bytes_max + 1))));
}

TEST(Decimals, OneFormEach) {
  for (const std::uint64_t value : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{10}, (std::uint64_t{1} << 63) - 1}) {
    EXPECT_EQ(parse_decimal(std::to_string(value)).value(), value);
  }
  for (const std::string_view bad : {"", "-", "-1", "+1", "01", "00", "1 ", " 1", "1.0", "0x1", "1e3", "9223372036854775808", "18446744073709551616",
                                     "99999999999999999999999"}) {
    EXPECT_EQ(parse_decimal(bad).error().code, Errc::bad_text) << bad;
  }
}

TEST(Tokens, AlphabetIsExact) {
  const std::string allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:+/=,-";
  for (int c = 0; c < 256; ++c) {
    const std::string one(1, static_cast<char>(c));
    EXPECT_EQ(is_token(one), allowed.find(one[0]) != std::string::npos) << c;
  }
  EXPECT_FALSE(is_token(""));
}

TEST(TextHash, IsOfTheBytes) { EXPECT_EQ(text_hash(view("abc")), merkle::sha256("abc")); }

}  // namespace
}  // namespace liaison::crypto
