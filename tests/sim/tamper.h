// A hostile writer on one connection: it speaks the protocol with the link key of its agency, and changes one frame. The honest peer must refuse, or what it
// records must still be proved by signatures; a later honest connection goes on as if nothing had been.
#pragma once
#include "core/link/frames.h"
#include "core/link/segments.h"

namespace liaison::sim {

struct Tampering {
  enum class Kind : std::uint8_t {
    none,
    flip_byte,        // of the stream
    wrong_root,       // a head of its own hand that does not follow from the entries
    other_size,       // a head of the right root and another size
    replay_batch,     // the same batch twice
    skip_batch,       // one batch is left out
    change_payload,   // a bit of an envelope's ciphertext: recorded, refused with evidence
    readdress,        // an envelope bit inside `core`: does not match its entry
    hello_too_long,   // the copy claims more entries than its head says
    hello_root,       // the copy claims another root than its head says
    early_ack,        // an acknowledgement of what was not sent
    drop_void,        // a receipt without its void lines, signed again (only the checker can see it)
    hide_copy,        // Hello says that nothing was received (stops the lane: only the checker can see it)
  };
  Kind kind = Kind::none;
  std::string agency, realm;   // whose link key signs
  std::uint64_t place = 0;     // chooses the frame or byte
};

class Tamper {
 public:
  explicit Tamper(Tampering what) : what_(std::move(what)) {}
  Bytes pass(ByteView bytes);                       // from the node to the pipe
  std::uint64_t done() const { return done_; }      // frames changed so far

 private:
  Bytes flip(ByteView bytes);
  void take(const link::SegmentReader::Frame& frame);
  bool change(link::Channel channel, link::Frame& frame);
  bool change_batch(link::Channel channel, link::BatchFrame& batch);
  bool change_hello(link::HelloFrame& hello) const;
  bool change_receipts(link::ReceiptsFrame& receipts) const;
  link::SignedText sign(const std::string& text) const;
  Tampering what_;
  link::SegmentReader reader_;
  link::SegmentQueue queue_;
  std::uint64_t done_ = 0, batches_ = 0, passed_bytes_ = 0;
};

}  // namespace liaison::sim
