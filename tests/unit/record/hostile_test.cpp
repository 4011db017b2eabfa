// What a hostile FlatBuffer can try (formats 2.1): the walk refuses it, or normalises where formats says so, and never does more work than the limits.
#include <limits>

#include "core/base/limits.h"
#include "tests/unit/record/fixture.h"

namespace liaison::record {
namespace {

using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;

// Field ids of every.fbs.
constexpr int flag = 0, f64 = 10, text_field = 12, raw = 13, nodes = 16, animal_type = 17, animal = 18, words = 22, old = 27;
constexpr int node_label = 0, node_children = 1, node_child = 2;

flatbuffers::voffset_t slot(int id) { return flatbuffers::FieldIndexToOffset(static_cast<flatbuffers::voffset_t>(id)); }
Bytes finish(FlatBufferBuilder& builder, flatbuffers::uoffset_t root) {
  builder.Finish(Offset<void>(root));
  return Bytes(builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize());
}
Errc refusal(const Bytes& message) {
  const auto leaves = flatten(*every().schema, message, some_time());
  EXPECT_EQ(static_cast<bool>(every().schema->verify_message(message)), static_cast<bool>(leaves));
  return leaves ? Errc{} : leaves.error().code;
}
template <class T>
Bytes one_scalar(int id, T value) {
  FlatBufferBuilder builder;
  const auto start = builder.StartTable();
  builder.AddElement<T>(slot(id), value);
  return finish(builder, builder.EndTable(start));
}

TEST(hostile_message, unknown_and_deprecated_fields_are_refused) {
  EXPECT_EQ(refusal(one_scalar<std::uint8_t>(29, 1)), Errc::bad_format);
  EXPECT_EQ(refusal(one_scalar<std::uint8_t>(900, 1)), Errc::bad_format);
  FlatBufferBuilder builder;
  const auto value = builder.CreateString("x");
  const auto start = builder.StartTable();
  builder.AddOffset(slot(old), value);
  EXPECT_EQ(refusal(finish(builder, builder.EndTable(start))), Errc::bad_format);
}

TEST(hostile_message, nan_and_odd_bools_are_refused) {
  EXPECT_EQ(refusal(one_scalar(f64, std::numeric_limits<double>::quiet_NaN())), Errc::bad_format);
  EXPECT_EQ(refusal(one_scalar<std::uint8_t>(flag, 2)), Errc::bad_format);
}

TEST(hostile_message, negative_zero_is_zero) {
  const auto leaves = flatten(*every().schema, one_scalar(f64, -0.0), some_time());
  ASSERT_TRUE(leaves);
  EXPECT_EQ(leaves->front().value, Bytes(8, 0));
}

TEST(hostile_message, union_halves_are_refused) {
  EXPECT_EQ(refusal(one_scalar<std::uint8_t>(animal_type, 1)), Errc::bad_format);
  EXPECT_EQ(refusal(one_scalar<std::uint8_t>(animal_type, 0)), Errc{});
  for (const int type : {-1, 0, 3}) {  // without type, NONE, unknown
    FlatBufferBuilder builder;
    const auto empty = builder.EndTable(builder.StartTable());
    const auto start = builder.StartTable();
    builder.AddOffset(slot(animal), Offset<void>(empty));
    if (type >= 0) builder.AddElement<std::uint8_t>(slot(animal_type), static_cast<std::uint8_t>(type));
    EXPECT_EQ(refusal(finish(builder, builder.EndTable(start))), Errc::bad_format) << type;
  }
}

TEST(hostile_message, invalid_utf8_is_refused) {
  for (const std::string bad : {"\xC0\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "abc\xE2\x82", "\x80", "12345678\xFF"}) {
    FlatBufferBuilder builder;
    const auto value = builder.CreateString(bad);
    const auto start = builder.StartTable();
    builder.AddOffset(slot(text_field), value);
    EXPECT_EQ(refusal(finish(builder, builder.EndTable(start))), Errc::bad_format) << to_hex(view(bad));
  }
}

TEST(hostile_message, one_vector_shared_ten_thousand_times_is_refused) {
  FlatBufferBuilder builder;
  const auto big = builder.CreateString(std::string(4000, 'x'));
  std::vector<Offset<flatbuffers::String>> shared(10'000, big);
  const auto vector = builder.CreateVector(shared);
  const auto start = builder.StartTable();
  builder.AddOffset(slot(words), vector);
  EXPECT_EQ(refusal(finish(builder, builder.EndTable(start))), Errc::limit_exceeded);
}

TEST(hostile_message, one_table_shared_by_many_elements_is_refused) {
  FlatBufferBuilder builder;
  const auto label = builder.CreateString(std::string(1000, 'x'));
  auto start = builder.StartTable();
  builder.AddOffset(slot(node_label), label);
  const Offset<void> node(builder.EndTable(start));
  const auto vector = builder.CreateVector(std::vector<Offset<void>>(2000, node));
  start = builder.StartTable();
  builder.AddOffset(slot(nodes), vector);
  EXPECT_EQ(refusal(finish(builder, builder.EndTable(start))), Errc::limit_exceeded);  // 2 MB of labels
}

TEST(hostile_message, vectors_that_multiply_are_refused) {
  FlatBufferBuilder builder;
  Offset<void> node(builder.EndTable(builder.StartTable()));
  for (int level = 0; level < 5; ++level) {
    const auto vector = builder.CreateVector(std::vector<Offset<void>>(100, node));
    const auto start = builder.StartTable();
    builder.AddOffset(slot(node_children), vector);
    node = Offset<void>(builder.EndTable(start));
  }
  const auto vector = builder.CreateVector(std::vector<Offset<void>>(100, node));
  const auto start = builder.StartTable();
  builder.AddOffset(slot(nodes), vector);
  EXPECT_EQ(refusal(finish(builder, builder.EndTable(start))), Errc::limit_exceeded);
}

TEST(hostile_message, depth_beyond_the_limit_is_refused) {
  for (const bool deep : {false, true}) {
    FlatBufferBuilder builder;
    Offset<void> node(builder.EndTable(builder.StartTable()));
    for (int level = 0; level < (deep ? 40 : 12); ++level) {
      const auto start = builder.StartTable();
      builder.AddOffset(slot(node_child), node);
      node = Offset<void>(builder.EndTable(start));
    }
    const auto vector = builder.CreateVector(&node, 1);
    const auto start = builder.StartTable();
    builder.AddOffset(slot(nodes), vector);
    EXPECT_EQ(refusal(finish(builder, builder.EndTable(start))) == Errc{}, !deep);
  }
}

TEST(hostile_message, sizes_over_the_limit_are_refused) {
  FlatBufferBuilder builder;
  const auto bytes = builder.CreateVector(std::vector<std::uint8_t>(limits::message_bytes_max));
  const auto start = builder.StartTable();
  builder.AddOffset(slot(raw), bytes);
  EXPECT_EQ(refusal(finish(builder, builder.EndTable(start))), Errc::limit_exceeded);
}

TEST(hostile_message, truncation_and_flips_never_read_outside) {
  const Bytes message = full_message();
  constexpr std::size_t padding_max = 8;  // whose loss may go unnoticed
  for (std::size_t size = 0; size + padding_max <= message.size(); ++size) {
    const Bytes cut(message.begin(), message.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_FALSE(flatten(*every().schema, cut, some_time())) << size;
  }
  std::size_t refused = 0;
  for (std::size_t bit = 0; bit < message.size() * 8; ++bit) {
    Bytes flipped = message;
    flipped[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    const auto leaves = flatten(*every().schema, flipped, some_time());
    refused += leaves ? 0 : 1;
    EXPECT_EQ(static_cast<bool>(every().schema->verify_message(flipped)), static_cast<bool>(leaves));
  }
  EXPECT_GT(refused, message.size());
}

TEST(hostile_message, unaligned_input_is_read_the_same) {
  const Bytes message = full_message();
  Bytes shifted(message.size() + 1);
  std::copy(message.begin(), message.end(), shifted.begin() + 1);
  const auto a = flatten(*every().schema, message, some_time());
  const auto b = flatten(*every().schema, ByteView(shifted).subspan(1), some_time());
  ASSERT_TRUE(a);
  ASSERT_TRUE(b);
  EXPECT_EQ(by_name(*every().schema, *a), by_name(*every().schema, *b));
}

}  // namespace
}  // namespace liaison::record
