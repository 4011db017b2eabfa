// From the bytes of a frame to owned values: FlatBuffers' verifier first, then every copy charged against the frame's own size.
#include "core/link/frames.h"
#include "schemas/link_generated.h"

namespace liaison::link {
namespace {

using WireBytes = flatbuffers::Vector<std::uint8_t>;
constexpr std::size_t features_max = 32;
constexpr std::size_t versions_max = 16;

Error bad(const char* what) { return fail(Errc::bad_frame, what); }

// Copies out of one frame. FlatBuffers may share a vector many times; the sum of what is copied stays within the frame.
class Copier {
 public:
  explicit Copier(std::size_t bytes_max) : left_(bytes_max) {}

  Result<ByteView> span(const WireBytes* bytes) {
    if (bytes == nullptr) return ByteView();
    if (bytes->size() > left_) return bad("parts larger than the frame");
    left_ -= bytes->size();
    return ByteView(bytes->data(), bytes->size());
  }
  Result<Hash> hash(const WireBytes* bytes) {
    LIAISON_TRY(const ByteView found, span(bytes));
    Hash out;
    if (found.size() != out.size()) return bad("hash size");
    std::memcpy(out.data(), found.data(), out.size());
    return out;
  }
  Result<std::string> string(const flatbuffers::String* chars) {
    if (chars == nullptr) return std::string();
    if (chars->size() > left_) return bad("parts larger than the frame");
    left_ -= chars->size();
    return chars->str();
  }
  Result<SignedText> signed_text(const wire::SignedText* table) {
    if (table == nullptr) return SignedText();
    LIAISON_TRY(const ByteView words, span(table->text()));
    LIAISON_TRY(const ByteView signatures, span(table->sigs()));
    if (words.size() > limits::text_bytes_max || signatures.size() > limits::signature_block_bytes_max) return fail(Errc::limit_exceeded, "signed text");
    return SignedText{std::string(text(words)), std::string(text(signatures))};
  }

 private:
  std::size_t left_;
};

Result<Lane> lane_of(std::uint8_t number) {
  if (number != static_cast<std::uint8_t>(Lane::urgent) && number != static_cast<std::uint8_t>(Lane::routine)) return bad("lane");
  return static_cast<Lane>(number);
}

template <class Table>
Result<LogId> log_of(const Table& table) {
  LIAISON_TRY(const Lane lane, lane_of(table.lane()));
  return LogId{table.stream(), lane, table.epoch()};
}

Result<LogReport> decode_report(const wire::LogReport& table, Copier& copier) {
  LogReport out;
  out.side = table.receiving() ? Side::receiving : Side::sending;
  LIAISON_TRY(out.log, log_of(table));
  out.size = table.size();
  LIAISON_TRY(out.root, copier.hash(table.root()));
  LIAISON_TRY(out.head, copier.signed_text(table.head()));
  LIAISON_TRY(out.receipt, copier.signed_text(table.receipt()));
  LIAISON_TRY(out.receipt_head, copier.signed_text(table.receipt_head()));
  out.receipted = table.receipted();
  out.stopped = table.stopped();
  if (table.opening() != nullptr) {
    LIAISON_TRY(out.opening, copier.hash(table.opening()));
  }
  return out;
}

Result<void> decode_hello_lists(const wire::Hello& table, Copier& copier, HelloFrame& out) {
  if (table.versions() != nullptr) {
    if (table.versions()->size() > versions_max) return fail(Errc::limit_exceeded, "versions");
    out.versions.assign(table.versions()->begin(), table.versions()->end());
  }
  if (table.features() != nullptr) {
    if (table.features()->size() > features_max) return fail(Errc::limit_exceeded, "features");
    for (const flatbuffers::String* feature : *table.features()) {
      LIAISON_TRY(std::string name, copier.string(feature));
      out.features.push_back(std::move(name));
    }
  }
  if (table.logs() != nullptr) {
    if (table.logs()->size() > limits::link_logs_max) return fail(Errc::limit_exceeded, "logs");
    for (const wire::LogReport* log : *table.logs()) {
      LIAISON_TRY(LogReport report, decode_report(*log, copier));
      out.logs.push_back(std::move(report));
    }
  }
  if (table.credits() != nullptr) {
    if (table.credits()->size() > 2) return fail(Errc::limit_exceeded, "credits");
    for (const wire::Credit* credit : *table.credits()) {
      LIAISON_TRY(const Lane lane, lane_of(credit->lane()));
      out.credits.push_back({lane, credit->bytes()});
    }
  }
  return {};
}

Result<Frame> decode(const wire::Hello& table, Copier& copier) {
  HelloFrame out;
  LIAISON_TRY(out.realm, copier.string(table.realm()));
  LIAISON_TRY(out.from, copier.string(table.from()));
  LIAISON_TRY(out.to, copier.string(table.to()));
  out.directory_version = table.directory_version();
  LIAISON_TRY(out.directory_hash, copier.hash(table.directory_hash()));
  LIAISON_CHECK(decode_hello_lists(table, copier, out));
  return Frame(std::move(out));
}

Result<Frame> decode(const wire::Batch& table, Copier& copier) {
  BatchFrame out;
  LIAISON_TRY(out.log, log_of(table));
  out.first = table.first();
  LIAISON_TRY(out.head, copier.signed_text(table.head()));
  if (table.elements() == nullptr || table.elements()->size() == 0) return bad("batch without elements");
  if (table.elements()->size() > limits::batch_elements_max) return fail(Errc::limit_exceeded, "batch elements");
  // All spans are charged before the first is copied.
  for (const wire::Element* element : *table.elements()) {
    LIAISON_TRY(const ByteView entry, copier.span(element->entry()));
    if (entry.size() != limits::entry_bytes) return bad("entry size");
    LIAISON_TRY(const ByteView envelope, copier.span(element->envelope()));
    if (envelope.size() > limits::envelope_bytes_max) return fail(Errc::limit_exceeded, "envelope");
  }
  out.elements.reserve(table.elements()->size());
  for (const wire::Element* element : *table.elements()) {
    Element& copy = out.elements.emplace_back();
    std::memcpy(copy.entry.data(), element->entry()->data(), copy.entry.size());
    if (element->envelope() != nullptr) copy.envelope.emplace(element->envelope()->begin(), element->envelope()->end());
  }
  return Frame(std::move(out));
}

Result<Frame> decode(const wire::Ack& table, Copier&) {
  LIAISON_TRY(const LogId log, log_of(table));
  return Frame(AckFrame{log, table.size(), table.credit()});
}

Result<Frame> decode(const wire::Receipts& table, Copier& copier) {
  ReceiptsFrame out;
  LIAISON_TRY(out.log, log_of(table));
  const auto* receipts = table.receipts();
  const auto* heads = table.heads();
  if (receipts == nullptr || receipts->size() == 0) return bad("no receipts");
  if (receipts->size() > limits::receipt_entries_max) return fail(Errc::limit_exceeded, "receipts");
  if (heads != nullptr && heads->size() != receipts->size()) return bad("heads of receipts");
  for (flatbuffers::uoffset_t i = 0; i < receipts->size(); ++i) {
    ReceiptsFrame::Item item;
    LIAISON_TRY(item.receipt, copier.signed_text(receipts->Get(i)));
    if (heads != nullptr) {
      LIAISON_TRY(item.head, copier.signed_text(heads->Get(i)));
    }
    out.items.push_back(std::move(item));
  }
  return Frame(std::move(out));
}

Result<Frame> decode(const wire::EntriesRequest& table, Copier&) {
  LIAISON_TRY(const LogId log, log_of(table));
  return Frame(EntriesRequestFrame{log, table.first(), table.count()});
}

Result<Frame> decode(const wire::Entries& table, Copier& copier) {
  EntriesFrame out;
  LIAISON_TRY(out.log, log_of(table));
  out.first = table.first();
  LIAISON_TRY(out.head, copier.signed_text(table.head()));
  LIAISON_TRY(const ByteView packed, copier.span(table.entries()));
  if (packed.empty() || packed.size() % limits::entry_bytes != 0) return bad("packed entries");
  if (packed.size() / limits::entry_bytes > limits::entries_answer_max) return fail(Errc::limit_exceeded, "entries");
  out.entries.resize(packed.size() / limits::entry_bytes);
  std::memcpy(out.entries.data(), packed.data(), packed.size());
  return Frame(std::move(out));
}

Result<Frame> decode(const wire::Ping& table, Copier&) { return Frame(PingFrame{table.number()}); }
Result<Frame> decode(const wire::Pong& table, Copier&) { return Frame(PongFrame{table.number()}); }

Result<Frame> decode(const wire::Bye& table, Copier& copier) {
  ByeFrame out;
  LIAISON_TRY(out.code, copier.string(table.code()));
  if (out.code.size() > 64 || !crypto::is_token(out.code)) return bad("code of Bye");
  return Frame(std::move(out));
}

Result<Frame> decode(const wire::DirectoryNotice& table, Copier& copier) {
  LIAISON_TRY(const Hash hash, copier.hash(table.hash()));
  return Frame(DirectoryNoticeFrame{{table.version(), hash}});
}

Result<Frame> decode(const wire::DirectoryRequest& table, Copier& copier) {
  LIAISON_TRY(const Hash hash, copier.hash(table.hash()));
  return Frame(DirectoryRequestFrame{{{table.version(), hash}, table.step(), table.offset()}});
}

Result<Frame> decode(const wire::DirectoryPiece& table, Copier& copier) {
  DirectoryPieceFrame out{{{table.version(), {}}, table.total(), table.offset(), {}}};
  LIAISON_TRY(out.piece.to.hash, copier.hash(table.hash()));
  LIAISON_TRY(const ByteView part, copier.span(table.bytes()));
  if (part.size() > limits::directory_piece_bytes_max || table.total() > limits::directory_bytes_max) return fail(Errc::limit_exceeded, "piece of a directory");
  out.piece.bytes.assign(part.begin(), part.end());
  return Frame(std::move(out));
}

template <class Table>
Result<Frame> decode_body(const Table* table, Copier& copier) {
  if (table == nullptr) return bad("frame without a body");
  return decode(*table, copier);
}

}  // namespace

Result<Frame> decode_frame(ByteView bytes) {
  flatbuffers::Verifier verifier(bytes.data(), bytes.size(), limits::verifier_depth_max, limits::verifier_tables_max);
  if (!verifier.VerifyBuffer<wire::Frame>(nullptr)) return bad("structure");
  const auto* frame = flatbuffers::GetRoot<wire::Frame>(bytes.data());
  Copier copier(bytes.size());
  switch (frame->body_type()) {
    case wire::FrameBody::Hello: return decode_body(frame->body_as_Hello(), copier);
    case wire::FrameBody::Batch: return decode_body(frame->body_as_Batch(), copier);
    case wire::FrameBody::Ack: return decode_body(frame->body_as_Ack(), copier);
    case wire::FrameBody::Receipts: return decode_body(frame->body_as_Receipts(), copier);
    case wire::FrameBody::EntriesRequest: return decode_body(frame->body_as_EntriesRequest(), copier);
    case wire::FrameBody::Entries: return decode_body(frame->body_as_Entries(), copier);
    case wire::FrameBody::Ping: return decode_body(frame->body_as_Ping(), copier);
    case wire::FrameBody::Pong: return decode_body(frame->body_as_Pong(), copier);
    case wire::FrameBody::Bye: return decode_body(frame->body_as_Bye(), copier);
    case wire::FrameBody::DirectoryNotice: return decode_body(frame->body_as_DirectoryNotice(), copier);
    case wire::FrameBody::DirectoryRequest: return decode_body(frame->body_as_DirectoryRequest(), copier);
    case wire::FrameBody::DirectoryPiece: return decode_body(frame->body_as_DirectoryPiece(), copier);
    case wire::FrameBody::NONE: break;
  }
  return fail(Errc::protocol_violation, "frame type " + std::to_string(static_cast<int>(frame->body_type())));
}

}  // namespace liaison::link
