// Cutting and joining of frames. A frame that would pass its limit is refused at the header of the segment that passes it,
// before those bytes are kept.
#include "core/link/segments.h"

#include <algorithm>

namespace liaison::link {

std::size_t frame_bytes_max(Channel channel) {
  return channel == Channel::control ? limits::control_frame_bytes_max : limits::frame_bytes_max;
}

Result<void> SegmentReader::start_segment(const std::array<bool, channels>& open) {
  const std::size_t channel = header_[0];
  const std::size_t size = std::size_t{header_[2]} << 8 | header_[3];
  if (channel >= channels) return fail(Errc::bad_frame, "channel " + std::to_string(channel));
  if ((header_[1] & ~segment_last) != 0) return fail(Errc::bad_frame, "segment flags " + std::to_string(header_[1]));
  if (size == 0 || size > limits::segment_bytes_max) return fail(Errc::bad_frame, "segment of " + std::to_string(size) + " bytes");
  if (!open[channel]) return fail(Errc::protocol_violation, "channel " + std::to_string(channel) + " is not open");
  if (partial_[channel].size() + size > frame_bytes_max(static_cast<Channel>(channel))) {
    return fail(Errc::limit_exceeded, "frame on channel " + std::to_string(channel));
  }
  rest_ = size;
  return {};
}

Result<std::optional<SegmentReader::Frame>> SegmentReader::next(ByteView& bytes, const std::array<bool, channels>& open) {
  while (!bytes.empty()) {
    if (header_size_ < segment_header_bytes) {
      header_[header_size_++] = bytes.front();
      bytes = bytes.subspan(1);
      if (header_size_ == segment_header_bytes) LIAISON_CHECK(start_segment(open));
      continue;
    }
    Bytes& partial = partial_[header_[0]];
    const std::size_t count = std::min(rest_, bytes.size());
    partial.insert(partial.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(count));
    bytes = bytes.subspan(count);
    rest_ -= count;
    if (rest_ > 0) continue;
    header_size_ = 0;
    ++segments_;
    if (header_[1] == segment_last) return std::optional(Frame{static_cast<Channel>(header_[0]), std::exchange(partial, {})});
  }
  return std::optional<Frame>();
}

std::size_t SegmentReader::held_bytes() const {
  std::size_t sum = 0;
  for (const Bytes& partial : partial_) sum += partial.size();
  return sum;
}

void SegmentQueue::push(Channel channel, flatbuffers::DetachedBuffer frame) {
  liaison_assert(frame.size() > 0 && frame.size() <= frame_bytes_max(channel));
  bytes_[static_cast<std::size_t>(channel)] += frame.size();
  items_[static_cast<std::size_t>(channel)].push_back({std::move(frame)});
}

Bytes SegmentQueue::take(std::size_t bytes_max) {
  Bytes out;
  out.reserve(std::min(bytes_max, bytes() + channels * segment_header_bytes + bytes() / limits::segment_bytes_max * segment_header_bytes));
  for (std::size_t channel = 0; channel < channels; ++channel) {
    while (!items_[channel].empty()) {
      Item& item = items_[channel].front();
      const std::size_t rest = item.frame.size() - item.sent;
      const std::size_t room = bytes_max - out.size();
      const std::size_t wanted = std::min(rest, limits::segment_bytes_max);
      // A short segment only where otherwise nothing would go: splitting costs four bytes each time.
      if (room <= segment_header_bytes || (!out.empty() && room < wanted + segment_header_bytes)) return out;
      const std::size_t size = std::min(wanted, room - segment_header_bytes);
      put_u8(out, static_cast<std::uint8_t>(channel));
      put_u8(out, size == rest ? segment_last : 0);
      put_u16(out, static_cast<std::uint16_t>(size));
      put(out, ByteView(item.frame.data() + item.sent, size));
      item.sent += size;
      bytes_[channel] -= size;
      if (size == rest) items_[channel].pop_front();
    }
  }
  return out;
}

std::size_t SegmentQueue::bytes() const {
  std::size_t sum = 0;
  for (const std::size_t count : bytes_) sum += count;
  return sum;
}

}  // namespace liaison::link
