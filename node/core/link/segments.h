// Segments of the link protocol (formats 4): `u8 channel || u8 flags (1 = last of frame) || u16 len || bytes`, at most 32 KiB of a frame each.
// SegmentReader puts the frames of each channel together again; SegmentQueue cuts frames up, control before urgent before routine before blobs.
// Both hold no more than limits.h allows whatever arrives. Pure.
#pragma once
#include <flatbuffers/flatbuffers.h>

#include <array>
#include <deque>

#include "core/base/bytes.h"
#include "core/base/limits.h"
#include "core/base/result.h"

namespace liaison::link {

enum class Channel : std::uint8_t { control = 0, urgent = 1, routine = 2, blobs = 3 };
inline constexpr std::size_t channels = 4;
inline constexpr std::size_t segment_header_bytes = 4;
inline constexpr std::uint8_t segment_last = 1;

std::size_t frame_bytes_max(Channel channel);

class SegmentReader {
 public:
  struct Frame {
    Channel channel{};
    Bytes bytes;       // its own allocation, so that FlatBuffers' alignment holds
  };
  // Takes bytes off the front of `bytes` up to the end of the next frame; no frame once they are used up.
  // `open` says which channels may carry anything at all now. bad_frame, limit_exceeded or protocol_violation end the connection.
  Result<std::optional<Frame>> next(ByteView& bytes, const std::array<bool, channels>& open);
  std::uint64_t segments() const { return segments_; }  // completed so far
  std::size_t held_bytes() const;                        // of unfinished frames

 private:
  Result<void> start_segment(const std::array<bool, channels>& open);
  std::array<std::uint8_t, segment_header_bytes> header_{};
  std::size_t header_size_ = 0;
  std::size_t rest_ = 0;         // bytes of the current segment still to come
  std::uint64_t segments_ = 0;
  std::array<Bytes, channels> partial_;
};

class SegmentQueue {
 public:
  void push(Channel channel, flatbuffers::DetachedBuffer frame);
  Bytes take(std::size_t bytes_max);
  std::size_t bytes() const;
  std::size_t bytes(Channel channel) const { return bytes_[static_cast<std::size_t>(channel)]; }

 private:
  struct Item {
    flatbuffers::DetachedBuffer frame;
    std::size_t sent = 0;
  };
  std::array<std::deque<Item>, channels> items_;
  std::array<std::size_t, channels> bytes_{};  // of frames, without headers, not yet taken
};

}  // namespace liaison::link
