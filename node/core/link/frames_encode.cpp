// From values to the bytes of a frame; a frame of our own that would pass the limits is our own broken rule (SegmentQueue asserts it).
#include "core/link/frames.h"
#include "schemas/link_generated.h"

namespace liaison::link {
namespace {

using Builder = flatbuffers::FlatBufferBuilder;
constexpr std::size_t frame_overhead = 1024;
constexpr std::size_t element_overhead = 48;

auto bytes(Builder& builder, ByteView content) { return builder.CreateVector(content.data(), content.size()); }

flatbuffers::Offset<wire::SignedText> signed_text(Builder& builder, const SignedText& content) {
  if (content.empty()) return 0;
  const auto words = bytes(builder, view(content.text));
  const auto signatures = bytes(builder, view(content.signatures));
  return wire::CreateSignedText(builder, words, signatures);
}

// In a vector no element may be absent: an empty text is an empty table.
flatbuffers::Offset<wire::SignedText> signed_text_or_blank(Builder& builder, const SignedText& content) {
  return content.empty() ? wire::CreateSignedText(builder) : signed_text(builder, content);
}

template <class Table>
EncodedFrame finish(Builder& builder, flatbuffers::Offset<Table> body) {
  builder.Finish(wire::CreateFrame(builder, wire::FrameBodyTraits<Table>::enum_value, body.Union()));
  return builder.Release();
}

flatbuffers::Offset<wire::LogReport> report(Builder& builder, const LogReport& log) {
  const auto root = bytes(builder, log.root);
  const auto head = signed_text(builder, log.head);
  const auto receipt = signed_text(builder, log.receipt);
  const auto receipt_head = signed_text(builder, log.receipt_head);
  const auto opening = log.opening ? bytes(builder, *log.opening) : flatbuffers::Offset<flatbuffers::Vector<std::uint8_t>>();
  return wire::CreateLogReport(builder, log.side == Side::receiving, log.log.stream, static_cast<std::uint8_t>(log.log.lane), log.log.epoch,
                               log.size, root, head, receipt, log.receipted, log.stopped, receipt_head, opening);
}

}  // namespace

EncodedFrame encode(const HelloFrame& frame) {
  Builder builder(4096);
  std::vector<flatbuffers::Offset<wire::LogReport>> logs;
  for (const LogReport& log : frame.logs) logs.push_back(report(builder, log));
  std::vector<flatbuffers::Offset<wire::Credit>> credits;
  for (const Credit& credit : frame.credits) credits.push_back(wire::CreateCredit(builder, static_cast<std::uint8_t>(credit.lane), credit.bytes));
  const auto versions = builder.CreateVector(frame.versions);
  const auto features = builder.CreateVectorOfStrings(frame.features);
  const auto realm = builder.CreateString(frame.realm);
  const auto from = builder.CreateString(frame.from);
  const auto to = builder.CreateString(frame.to);
  const auto directory_hash = bytes(builder, frame.directory_hash);
  const auto log_vector = builder.CreateVector(logs);
  const auto credit_vector = builder.CreateVector(credits);
  return finish(builder, wire::CreateHello(builder, versions, features, realm, from, to, frame.directory_version, directory_hash, log_vector, credit_vector));
}

EncodedFrame encode_batch(const LogId& log, std::uint64_t first, const std::vector<Element>& elements, const SignedText& head) {
  std::size_t size = frame_overhead + head.text.size() + head.signatures.size();
  for (const Element& element : elements) size += limits::entry_bytes + element_overhead + (element.envelope ? element.envelope->size() : 0);
  Builder builder(size);  // enough at once: growing would copy every envelope again
  std::vector<flatbuffers::Offset<wire::Element>> offsets;
  offsets.reserve(elements.size());
  for (const Element& element : elements) {
    flatbuffers::Offset<flatbuffers::Vector<std::uint8_t>> envelope = 0;
    if (element.envelope) envelope = bytes(builder, *element.envelope);
    const auto entry = bytes(builder, element.entry);
    offsets.push_back(wire::CreateElement(builder, entry, envelope));
  }
  const auto vector = builder.CreateVector(offsets);
  const auto signed_head = signed_text(builder, head);
  return finish(builder, wire::CreateBatch(builder, log.stream, static_cast<std::uint8_t>(log.lane), log.epoch, first, vector, signed_head));
}

EncodedFrame encode(const AckFrame& frame) {
  Builder builder(128);
  return finish(builder, wire::CreateAck(builder, frame.log.stream, static_cast<std::uint8_t>(frame.log.lane), frame.log.epoch, frame.size, frame.credit));
}

EncodedFrame encode(const ReceiptsFrame& frame) {
  Builder builder(frame_overhead);
  std::vector<flatbuffers::Offset<wire::SignedText>> receipts, heads;
  for (const ReceiptsFrame::Item& item : frame.items) {
    receipts.push_back(signed_text_or_blank(builder, item.receipt));
    heads.push_back(signed_text_or_blank(builder, item.head));
  }
  const auto receipt_vector = builder.CreateVector(receipts);
  const auto head_vector = builder.CreateVector(heads);
  return finish(builder, wire::CreateReceipts(builder, frame.log.stream, static_cast<std::uint8_t>(frame.log.lane), frame.log.epoch, receipt_vector, head_vector));
}

EncodedFrame encode(const EntriesRequestFrame& frame) {
  Builder builder(128);
  return finish(builder, wire::CreateEntriesRequest(builder, frame.log.stream, static_cast<std::uint8_t>(frame.log.lane), frame.log.epoch, frame.first, frame.count));
}

EncodedFrame encode(const EntriesFrame& frame) {
  Builder builder(frame.entries.size() * limits::entry_bytes + frame_overhead);
  static_assert(sizeof(EntryBytes) == limits::entry_bytes);
  const auto packed = bytes(builder, {reinterpret_cast<const std::uint8_t*>(frame.entries.data()), frame.entries.size() * limits::entry_bytes});
  const auto head = signed_text(builder, frame.head);
  return finish(builder, wire::CreateEntries(builder, frame.log.stream, static_cast<std::uint8_t>(frame.log.lane), frame.log.epoch, frame.first, packed, head));
}

EncodedFrame encode(const PingFrame& frame) {
  Builder builder(64);
  return finish(builder, wire::CreatePing(builder, frame.number));
}

EncodedFrame encode(const PongFrame& frame) {
  Builder builder(64);
  return finish(builder, wire::CreatePong(builder, frame.number));
}

EncodedFrame encode(const ByeFrame& frame) {
  Builder builder(64);
  const auto code = builder.CreateString(frame.code);
  return finish(builder, wire::CreateBye(builder, code));
}

EncodedFrame encode(const DirectoryNoticeFrame& frame) {
  Builder builder(128);
  const auto hash = bytes(builder, frame.held.hash);
  return finish(builder, wire::CreateDirectoryNotice(builder, frame.held.version, hash));
}

EncodedFrame encode(const DirectoryRequestFrame& frame) {
  Builder builder(192);
  const auto hash = bytes(builder, frame.question.held.hash);
  return finish(builder, wire::CreateDirectoryRequest(builder, frame.question.held.version, hash, frame.question.step, frame.question.offset));
}

EncodedFrame encode(const DirectoryPieceFrame& frame) {
  Builder builder(frame.piece.bytes.size() + 192);
  const auto part = bytes(builder, frame.piece.bytes);
  const auto hash = bytes(builder, frame.piece.to.hash);
  return finish(builder, wire::CreateDirectoryPiece(builder, frame.piece.to.version, hash, frame.piece.total, frame.piece.offset, part));
}

}  // namespace liaison::link
