// Segments and the comparison of Hello: the two pure parts of a session, each alone.
#include <gtest/gtest.h>

#include "core/link/compare.h"
#include "core/link/segments.h"

namespace liaison::link {
namespace {

constexpr std::array<bool, channels> all_open{true, true, true, true};

flatbuffers::DetachedBuffer frame_of(std::size_t size, std::uint8_t value) {
  flatbuffers::FlatBufferBuilder builder(size + 64);
  builder.Finish(builder.CreateVector(Bytes(size, value)));
  return builder.Release();
}

std::vector<SegmentReader::Frame> read_all(SegmentReader& reader, ByteView bytes) {
  std::vector<SegmentReader::Frame> out;
  while (!bytes.empty()) {
    auto frame = reader.next(bytes, all_open);
    EXPECT_TRUE(frame);
    if (frame && *frame) out.push_back(std::move(**frame));
  }
  return out;
}

TEST(Segments, FramesComeThroughWhateverTheChunks) {
  for (const std::size_t chunk : {1u, 3u, 5u, 1000u, 40'000u, 1'000'000u}) {
    SegmentQueue queue;
    SegmentReader reader;
    for (const std::size_t size : {1u, 32'768u, 32'769u, 100'000u}) queue.push(Channel::routine, frame_of(size, 5));
    std::vector<SegmentReader::Frame> frames;
    while (queue.bytes() > 0) {
      const Bytes bytes = queue.take(std::max<std::size_t>(chunk, 5));
      ASSERT_FALSE(bytes.empty());
      ASSERT_LE(bytes.size(), std::max<std::size_t>(chunk, 5));
      for (std::size_t at = 0; at < bytes.size(); at += chunk) {
        for (auto& frame : read_all(reader, ByteView(bytes).subspan(at, std::min(chunk, bytes.size() - at)))) frames.push_back(std::move(frame));
      }
    }
    ASSERT_EQ(frames.size(), 4u);
    const auto expected = frame_of(100'000, 5);
    EXPECT_TRUE(equal(frames[3].bytes, {expected.data(), expected.size()}));
    EXPECT_EQ(reader.held_bytes(), 0u);
  }
}

TEST(Segments, UrgentOvertakesRoutineWithinAFrame) {
  SegmentQueue queue;
  queue.push(Channel::routine, frame_of(200'000, 1));
  SegmentReader reader;
  EXPECT_TRUE(read_all(reader, queue.take(40'000)).empty());
  queue.push(Channel::urgent, frame_of(10, 2));
  queue.push(Channel::control, frame_of(10, 3));
  const auto frames = read_all(reader, queue.take(1'000'000));
  ASSERT_EQ(frames.size(), 3u);
  EXPECT_EQ(frames[0].channel, Channel::control);
  EXPECT_EQ(frames[1].channel, Channel::urgent);
  EXPECT_EQ(frames[2].channel, Channel::routine);
}

Errc refusal(ByteView bytes, std::array<bool, channels> open = all_open) {
  SegmentReader reader;
  const auto result = reader.next(bytes, open);
  return result ? Errc{} : result.error().code;
}

TEST(Segments, BadHeadersAreRefusedBeforeTheirBytes) {
  EXPECT_EQ(refusal(Bytes{4, 0, 0, 1}), Errc::bad_frame);
  EXPECT_EQ(refusal(Bytes{0, 2, 0, 1}), Errc::bad_frame);
  EXPECT_EQ(refusal(Bytes{0, 0, 0, 0}), Errc::bad_frame);
  EXPECT_EQ(refusal(Bytes{0, 1, 0x80, 1}), Errc::bad_frame);
  EXPECT_EQ(refusal(Bytes{0, 1, 0x80, 0}), Errc{});
  EXPECT_EQ(refusal(Bytes{1, 1, 0, 1}, {true, false, false, false}), Errc::protocol_violation);
}

TEST(Segments, AGigabyteOfPartialSegmentsHoldsNoMoreThanTheLimits) {
  SegmentReader reader;
  Bytes segment{0, 0, 0x80, 0};
  segment.resize(segment_header_bytes + limits::segment_bytes_max, 1);
  std::size_t held_max = 0, refused = 0;
  for (std::size_t fed = 0; fed < (std::size_t{1} << 30); fed += segment.size()) {
    segment[0] = static_cast<std::uint8_t>(fed / segment.size() % channels);
    ByteView rest(segment);
    if (!reader.next(rest, all_open)) ++refused;
    held_max = std::max(held_max, reader.held_bytes());
    if (refused > 0) break;
  }
  EXPECT_EQ(refused, 1u);
  EXPECT_LE(held_max, limits::control_frame_bytes_max + 3 * limits::frame_bytes_max);
}

// --- compare ---
const Hash root_3{3}, root_5{5};
const auto own_roots = [](std::uint64_t size) -> Result<Hash> { return size == 3 ? root_3 : Hash{0xEE}; };

TEST(Compare, CopyBetweenReceiptedAndWrittenGoesOn) {
  EXPECT_EQ(compare({{5, root_5, 3}, {3, root_3, 0}, true}, own_roots).value(), Verdict::go_on);
  EXPECT_EQ(compare({{5, root_5, 5}, {5, root_5, 0}, true}, own_roots).value(), Verdict::go_on);
  EXPECT_EQ(compare({{0, merkle::empty_root(), 0}, {0, Hash{}, 0}, true}, own_roots).value(), Verdict::go_on);
  EXPECT_EQ(compare({{3, root_3, 0}, {5, root_5, 3}, false}, own_roots).value(), Verdict::go_on);
}

TEST(Compare, LongerCopyMeansTheWriterWasRolledBack) {
  EXPECT_EQ(compare({{3, root_3, 3}, {5, root_5, 0}, true}, own_roots).value(), Verdict::writer_rolled_back);
  EXPECT_EQ(compare({{5, root_5, 0}, {3, root_3, 3}, false}, own_roots).value(), Verdict::writer_rolled_back);
}

TEST(Compare, CopyBelowWhatWasReceiptedWasLost) {
  EXPECT_EQ(compare({{5, root_5, 4}, {3, root_3, 0}, true}, own_roots).value(), Verdict::copy_lost_entries);
  EXPECT_EQ(compare({{5, root_5, 4}, {0, Hash{}, 0}, true}, own_roots).value(), Verdict::copy_lost_entries);
  EXPECT_EQ(compare({{3, root_3, 0}, {5, root_5, 4}, false}, own_roots).value(), Verdict::copy_lost_entries);
}

TEST(Compare, OtherRootsAtTheCommonSizeAreAFork) {
  EXPECT_EQ(compare({{5, root_5, 0}, {5, Hash{6}, 0}, true}, own_roots).value(), Verdict::fork);
  EXPECT_EQ(compare({{5, root_5, 4}, {3, Hash{6}, 0}, true}, own_roots).value(), Verdict::fork);
  EXPECT_EQ(compare({{5, root_5, 0}, {3, Hash{6}, 0}, false}, own_roots).value(), Verdict::fork);
}

TEST(Compare, ErrorsOfTheStorePassThrough) {
  const auto broken = [](std::uint64_t) -> Result<Hash> { return fail(Errc::store_corrupt); };
  EXPECT_EQ(compare({{5, root_5, 0}, {3, root_3, 0}, true}, broken).error().code, Errc::store_corrupt);
}

}  // namespace
}  // namespace liaison::link
