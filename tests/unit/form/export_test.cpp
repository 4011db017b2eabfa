// Tests of core/form/export and core/form/message: every character back in the form's sequence, and bytes from strangers refused.
#include "core/form/export.h"

#include <flatbuffers/flatbuffers.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "core/base/limits.h"
#include "core/form/json_reader.h"
#include "core/form/message.h"
#include "schemas/ecomessage_generated.h"
#include "tests/unit/form/sample.h"

namespace liaison::form {
namespace {
using test::form_with;

// Keys sorted, species checks left out, persons without facts trimmed: what must survive import and export.
void normalise(Value& value) {
  std::erase_if(value.members, [](const Member& member) { return member.key == "species_check"; });
  std::sort(value.members.begin(), value.members.end(), [](const Member& a, const Member& b) { return a.key < b.key; });
  for (Member& member : value.members) normalise(member.value);
  for (Value& element : value.elements) normalise(element);
}

std::string normal(const std::string& json) {
  JsonFile file = read_json(json);
  EXPECT_TRUE(file.problems.empty());
  normalise(file.root);
  return write_json(file.root);
}

TEST(form_export, every_example_comes_back_character_by_character) {
  ASSERT_GE(test::examples().size(), 6U);
  for (const auto& path : test::examples()) {
    const std::string json = test::read_text_file(path);
    const Import import = import_json(json);
    ASSERT_TRUE(import.message) << path;
    EXPECT_TRUE(import.gaps.empty()) << path;
    const auto exported = export_json(*import.message);
    ASSERT_TRUE(exported) << path;
    EXPECT_EQ(normal(*exported), normal(json)) << path;
    const Import again = import_json(*exported);
    ASSERT_TRUE(again.message) << path;
    EXPECT_EQ(*again.message, *import.message) << path;
  }
}

TEST(form_export, the_sequence_is_the_forms_whatever_the_files_was) {
  const Import import = import_json(R"({"13":"m","12":"l","10":"g","9":"k","8.d":"j","7":"h","6":"unknown","5":"unknown","4.2":"f","4.1":"e","3":"d","2.3":"c","2.1":"b","1.2":"2","1.1":"a"})");
  ASSERT_TRUE(import.message);
  const auto root = read_message(*import.message);
  ASSERT_TRUE(root);
  std::vector<std::string> keys;
  for (const Member& member : root->members) keys.push_back(member.key);
  EXPECT_EQ(keys, (std::vector<std::string>{"1.1", "1.2", "2.1", "2.3", "3", "4.1", "4.2", "5", "6", "7", "8.d", "9", "10", "12", "13"}));
}

TEST(form_export, any_character_in_any_item_survives) {
  std::mt19937 random(20260304);
  std::uniform_int_distribution<std::uint32_t> pick(1, 0x10FFFF);
  for (int round = 0; round < 200; ++round) {
    Value root = read_json(form_with("")).root;
    for (Member& member : root.members) {
      std::string& text = member.value.text;
      for (int i = 0; i < 20; ++i) {
        std::uint32_t c = pick(random) >> (random() % 14);
        if (c == 0 || (c >= 0xD800 && c < 0xE000)) c = '\n';
        if (c < 0x80) text += static_cast<char>(c);
        else if (c < 0x800) text += {static_cast<char>(0xC0 | (c >> 6)), static_cast<char>(0x80 | (c & 63))};
        else if (c < 0x10000) text += {static_cast<char>(0xE0 | (c >> 12)), static_cast<char>(0x80 | ((c >> 6) & 63)), static_cast<char>(0x80 | (c & 63))};
        else text += {static_cast<char>(0xF0 | (c >> 18)), static_cast<char>(0x80 | ((c >> 12) & 63)), static_cast<char>(0x80 | ((c >> 6) & 63)), static_cast<char>(0x80 | (c & 63))};
      }
    }
    const Import import = import_json(write_json(root));
    ASSERT_TRUE(import.message) << write_json(root);
    const auto back = read_message(*import.message);
    ASSERT_TRUE(back);
    for (const Member& member : root.members) EXPECT_EQ(back->find(member.key)->text, member.value.text);
  }
}

TEST(form_export, numbers_keep_their_digits) {
  const Import import = import_json(form_with(R"("structured":{"contraband":[{"quantity":12.50,"value":0.10}],"discovery_place":{"coordinates":{"latitude":-0.000001,"longitude":180}}})"));
  ASSERT_TRUE(import.message);
  const std::string json = *export_json(*import.message);
  for (const char* part : {"\"quantity\": 12.50", "\"value\": 0.10", "\"latitude\": -0.000001", "\"longitude\": 180"}) EXPECT_NE(json.find(part), std::string::npos) << part;
}

TEST(form_export, deceptive_characters_are_escaped_in_the_text_of_the_file) {
  const Import import = import_json(form_with("\"7\":\"a\xE2\x80\xAE\\u001bb\""));
  ASSERT_TRUE(import.message);
  EXPECT_NE(export_json(*import.message)->find("a\\u202e\\u001bb"), std::string::npos);
}

TEST(form_export, every_truncation_is_refused_or_cuts_only_padding) {
  const Import import = import_json(test::read_text_file(test::example("ke-ivory-mombasa.json")));
  ASSERT_TRUE(import.message);
  const std::string whole = *export_json(*import.message);
  for (std::size_t size = 0; size < import.message->size(); ++size) {
    const auto json = export_json(ByteView(*import.message).first(size));
    const bool padding = size + 4 > import.message->size();
    EXPECT_TRUE(padding ? !json || *json == whole : !json) << size;
  }
}

TEST(form_export, flipped_bits_are_refused_or_give_a_valid_form) {
  const Import import = import_json(test::read_text_file(test::example("ke-ivory-mombasa.json")));
  ASSERT_TRUE(import.message);
  for (std::size_t i = 0; i < import.message->size(); ++i) {
    Bytes flipped = *import.message;
    flipped[i] = static_cast<std::uint8_t>(flipped[i] ^ (1U << (i % 8)));
    const auto json = export_json(flipped);
    EXPECT_TRUE(!json || read_json(*json).problems.empty()) << i;
  }
}

TEST(form_export, bytes_that_are_not_a_message_are_refused) {
  EXPECT_EQ(export_json({}).error().code, Errc::bad_format);
  EXPECT_EQ(export_json(Bytes(64, 0xFF)).error().code, Errc::bad_format);
  EXPECT_EQ(export_json(Bytes(limits::message_bytes_max + 1, 0)).error().code, Errc::limit_exceeded);
}

TEST(form_export, a_field_the_schema_does_not_have_is_refused) {
  flatbuffers::FlatBufferBuilder builder;
  const auto text = builder.CreateString("x");
  const auto start = builder.StartTable();
  builder.AddOffset(4, text);
  builder.AddOffset(4 + 2 * 200, text);
  builder.Finish(flatbuffers::Offset<void>(builder.EndTable(start)));
  const auto result = export_json({builder.GetBufferPointer(), builder.GetSize()});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::bad_format);
}

TEST(form_export, text_that_is_not_utf8_and_codes_without_a_name_are_refused) {
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(ecomessage::CreateEcomessage(builder, builder.CreateString("Jos\xE9")));
  EXPECT_EQ(export_json({builder.GetBufferPointer(), builder.GetSize()}).error().code, Errc::bad_text);
  builder.Clear();
  ecomessage::EcomessageBuilder message(builder);
  message.add_subject(static_cast<ecomessage::Subject>(99));
  builder.Finish(message.Finish());
  EXPECT_EQ(export_json({builder.GetBufferPointer(), builder.GetSize()}).error().code, Errc::bad_format);
}

TEST(form_export, one_vector_shared_many_times_stays_within_the_limits) {
  flatbuffers::FlatBufferBuilder builder;
  const auto text = builder.CreateString(std::string(100'000, 'x'));
  ecomessage::PersonBuilder person(builder);
  for (flatbuffers::voffset_t field = 4; field < 28; field = static_cast<flatbuffers::voffset_t>(field + 2)) person.fbb_.AddOffset(field, text);
  const auto one = person.Finish();
  const auto list = builder.CreateVector(std::vector<flatbuffers::Offset<ecomessage::Person>>(500, one));
  ecomessage::EcomessageBuilder message(builder);
  message.add_persons(list);
  builder.Finish(message.Finish());
  ASSERT_LT(builder.GetSize(), 200'000U);
  EXPECT_EQ(export_json({builder.GetBufferPointer(), builder.GetSize()}).error().code, Errc::limit_exceeded);
}

TEST(form_export, item_5_may_not_be_a_list_and_unknown_at_once) {
  flatbuffers::FlatBufferBuilder builder;
  const auto person = ecomessage::CreatePerson(builder);
  const auto list = builder.CreateVector(std::vector<flatbuffers::Offset<ecomessage::Person>>{person});
  const auto text = builder.CreateString("unknown");
  ecomessage::EcomessageBuilder message(builder);
  message.add_persons(list);
  message.add_persons_unknown(text);
  builder.Finish(message.Finish());
  EXPECT_EQ(export_json({builder.GetBufferPointer(), builder.GetSize()}).error().code, Errc::bad_format);
}

TEST(form_export, a_blank_form_has_every_key_and_states_nothing) {
  const std::string blank = blank_form({2, 1, true});
  const JsonFile file = read_json(blank);
  ASSERT_TRUE(file.problems.empty());
  EXPECT_EQ(file.root.members.front().key, "1.1");
  EXPECT_EQ(file.root.find("5")->elements.size(), 2U);
  EXPECT_EQ(file.root.find("5")->elements[0].members.size(), 12U);
  EXPECT_EQ(file.root.find("6")->elements[0].members.size(), 6U);
  const Import import = import_json(blank);
  ASSERT_TRUE(import.message);
  EXPECT_TRUE(import.problems.empty());
  EXPECT_EQ(import.gaps.size(), 7U + 24U + 6U);
  EXPECT_FALSE(read_message(*import.message)->find("structured"));
}

}  // namespace
}  // namespace liaison::form
