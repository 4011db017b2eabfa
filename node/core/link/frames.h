// Frames of the link protocol as owned values (formats 4; schemas/link.fbs is the wire form). decode_frame verifies before it reads and copies
// at most as many bytes as the frame has, however often one vector is shared. Pure; errors are bad_frame, limit_exceeded or protocol_violation.
#pragma once
#include <flatbuffers/flatbuffers.h>

#include <variant>

#include "core/link/session.h"

namespace liaison::link {

struct LogReport {
  Side side{};          // seen from the sender of the Hello
  LogId log;
  std::uint64_t size = 0;
  Hash root{};
  SignedText head, receipt, receipt_head;
  std::uint64_t receipted = 0;
  bool stopped = false;
  std::optional<Hash> opening;
};
struct Credit { Lane lane{}; std::uint32_t bytes = 0; };
struct HelloFrame {
  std::vector<std::uint16_t> versions;
  std::vector<std::string> features;
  std::string realm, from, to;
  std::uint64_t directory_version = 0;
  Hash directory_hash{};
  std::vector<LogReport> logs;
  std::vector<Credit> credits;
};
struct BatchFrame {
  LogId log;
  std::uint64_t first = 0;
  std::vector<Element> elements;
  SignedText head;
};
struct AckFrame { LogId log; std::uint64_t size = 0; std::uint32_t credit = 0; };
struct ReceiptsFrame {
  LogId log;
  struct Item { SignedText receipt, head; };
  std::vector<Item> items;
};
struct EntriesRequestFrame { LogId log; std::uint64_t first = 0; std::uint32_t count = 0; };
struct EntriesFrame {
  LogId log;
  std::uint64_t first = 0;
  std::vector<EntryBytes> entries;
  SignedText head;
};
struct PingFrame { std::uint64_t number = 0; };
struct PongFrame { std::uint64_t number = 0; };
struct ByeFrame { std::string code; };
struct DirectoryNoticeFrame { DirectoryMark held; };
struct DirectoryRequestFrame { DirectoryQuestion question; };
struct DirectoryPieceFrame { DirectoryPiece piece; };
using Frame = std::variant<HelloFrame, BatchFrame, AckFrame, ReceiptsFrame, EntriesRequestFrame, EntriesFrame, PingFrame, PongFrame, ByeFrame, DirectoryNoticeFrame, DirectoryRequestFrame,
                           DirectoryPieceFrame>;

// `bytes` must be aligned to 8 as every allocation is.
Result<Frame> decode_frame(ByteView bytes);

using EncodedFrame = flatbuffers::DetachedBuffer;
EncodedFrame encode(const HelloFrame& frame);
EncodedFrame encode_batch(const LogId& log, std::uint64_t first, const std::vector<Element>& elements, const SignedText& head);
EncodedFrame encode(const AckFrame& frame);
EncodedFrame encode(const ReceiptsFrame& frame);
EncodedFrame encode(const EntriesRequestFrame& frame);
EncodedFrame encode(const EntriesFrame& frame);
EncodedFrame encode(const PingFrame& frame);
EncodedFrame encode(const PongFrame& frame);
EncodedFrame encode(const ByeFrame& frame);
EncodedFrame encode(const DirectoryNoticeFrame& frame);
EncodedFrame encode(const DirectoryRequestFrame& frame);
EncodedFrame encode(const DirectoryPieceFrame& frame);

}  // namespace liaison::link
