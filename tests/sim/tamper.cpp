// Frames are taken apart and put together with the product's own codec; what is not changed passes byte for byte.
#include "tests/sim/tamper.h"

#include "core/exchange/envelope.h"
#include "tests/sim/federation.h"

namespace liaison::sim {
namespace {
using link::Channel;
using Kind = Tampering::Kind;

link::EncodedFrame copy(ByteView bytes) {
  flatbuffers::DefaultAllocator allocator;
  std::uint8_t* memory = allocator.allocate(bytes.size());
  std::memcpy(memory, bytes.data(), bytes.size());
  return link::EncodedFrame(nullptr, false, memory, bytes.size(), memory, bytes.size());
}

link::EncodedFrame encode(const link::Frame& frame) {
  if (const auto* batch = std::get_if<link::BatchFrame>(&frame)) return link::encode_batch(batch->log, batch->first, batch->elements, batch->head);
  if (const auto* hello = std::get_if<link::HelloFrame>(&frame)) return link::encode(*hello);
  if (const auto* receipts = std::get_if<link::ReceiptsFrame>(&frame)) return link::encode(*receipts);
  return link::encode(std::get<link::AckFrame>(frame));
}
bool carries_record(ByteView envelope) {
  const auto parsed = exchange::parse_envelope(envelope);
  return parsed && parsed->header.content == exchange::Content::package;
}
}  // namespace

link::SignedText Tamper::sign(const std::string& text) const {
  const auto& key = federation().key(what_.agency, crypto::KeyRole::link);
  return {text, crypto::format_signature({key.public_key().hash(), 1, key.sign(view(text)).value(), 0, 0, {}})};
}

Bytes Tamper::flip(ByteView bytes) {
  Bytes out = to_bytes(bytes);
  if (done_ == 0 && what_.place >= passed_bytes_ && what_.place < passed_bytes_ + out.size()) {
    out[what_.place - passed_bytes_] ^= 0x10;
    ++done_;
  }
  passed_bytes_ += out.size();
  return out;
}

Bytes Tamper::pass(ByteView bytes) {
  if (what_.kind == Kind::flip_byte) return flip(bytes);
  for (;;) {
    auto frame = reader_.next(bytes, {true, true, true, true});
    liaison_assert(frame.has_value());
    if (!*frame) break;
    take(**frame);
  }
  return queue_.take(limits::output_queue_bytes_max);
}

void Tamper::take(const link::SegmentReader::Frame& frame) {
  auto decoded = link::decode_frame(frame.bytes);
  liaison_assert(decoded.has_value());
  const bool once = what_.kind == Kind::drop_void || done_ == 0;
  if (!once || !change(frame.channel, *decoded)) {
    queue_.push(frame.channel, copy(frame.bytes));
    return;
  }
  ++done_;
}

bool Tamper::change(Channel channel, link::Frame& frame) {
  if (auto* batch = std::get_if<link::BatchFrame>(&frame)) {
    if (batches_++ != what_.place % 3) return false;
    return change_batch(channel, *batch);
  }
  bool changed = false;
  if (auto* hello = std::get_if<link::HelloFrame>(&frame)) changed = change_hello(*hello);
  else if (auto* receipts = std::get_if<link::ReceiptsFrame>(&frame)) changed = change_receipts(*receipts);
  else if (auto* ack = std::get_if<link::AckFrame>(&frame); ack != nullptr && what_.kind == Kind::early_ack) {
    ack->size += 1;
    changed = true;
  }
  if (changed) queue_.push(channel, encode(frame));
  return changed;
}

bool Tamper::change_batch(Channel channel, link::BatchFrame& batch) {
  auto head = link::parse_head(view(batch.head.text));
  liaison_assert(head.has_value());
  switch (what_.kind) {
    case Kind::wrong_root:
      head->root[7] ^= 1;
      batch.head = sign(link::make_text(*head));
      break;
    case Kind::other_size:
      head->size += 1;
      batch.head = sign(link::make_text(*head));
      break;
    case Kind::replay_batch: queue_.push(channel, encode(batch)); break;
    case Kind::skip_batch: return true;
    case Kind::change_payload:
    case Kind::readdress: {
      auto& element = batch.elements.front();
      if (!element.envelope || !carries_record(*element.envelope)) return false;  // evidence is its own word: who spoils it says nothing
      // FlatBuffers lays the payload, created first, at the end and `core` before it.
      Bytes& envelope = *element.envelope;
      const std::size_t from_end = what_.kind == Kind::change_payload ? 40 : envelope.size() - 64;
      envelope[envelope.size() - from_end] ^= 4;
      break;
    }
    default: return false;
  }
  queue_.push(channel, encode(batch));
  return true;
}

bool Tamper::change_hello(link::HelloFrame& hello) const {
  for (auto& log : hello.logs) {
    if (log.side != link::Side::receiving || log.size == 0) continue;
    if (what_.kind == Kind::hello_too_long) log.size += 2;
    else if (what_.kind == Kind::hello_root) log.root[3] ^= 1;
    else if (what_.kind == Kind::hide_copy) {
      log.size = 0;
      log.root = merkle::empty_root();
      log.head = {};
    } else return false;
    return true;
  }
  return false;
}

bool Tamper::change_receipts(link::ReceiptsFrame& receipts) const {
  if (what_.kind != Kind::drop_void) return false;
  bool changed = false;
  for (auto& item : receipts.items) {
    auto receipt = link::parse_receipt(view(item.receipt.text));
    liaison_assert(receipt.has_value());
    if (receipt->voids.empty()) continue;
    receipt->voids.clear();
    item.receipt = sign(link::make_text(*receipt));
    changed = true;
  }
  return changed;
}

}  // namespace liaison::sim
