// Bytes of ledger entries and the two signed texts over a log. Pure; parsers accept exactly what the writers write
// and answer bad_format (entry) or bad_text (head, receipt).
#include "core/link/ledger.h"

#include <algorithm>
#include <limits>

#include "core/base/tags.h"

namespace liaison::link {
namespace {

constexpr std::array<crypto::LineRule, 10> head_lines{{{"realm", 1}, {"from", 1}, {"to", 1}, {"stream", 1}, {"lane", 1},
                                                       {"epoch", 1}, {"size", 1}, {"root", 1}, {"time", 1}, {"key", 1}}};
constexpr std::array<crypto::LineRule, 6> receipt_lines{
    {{"realm", 1}, {"head", 1}, {"key", 1}, {"first", 1}, {"void", 1, crypto::Repeat::any}, {"stored", 1}}};
const crypto::TextGrammar head_grammar{tags::head_text, head_lines};
const crypto::TextGrammar receipt_grammar{tags::receipt_text, receipt_lines};

constexpr std::uint8_t hops_max = 2;

Error bad_entry(const std::string& what) { return fail(Errc::bad_format, "ledger entry: " + what); }

template <class Number>
Result<Number> narrow(const crypto::ParsedText& text, std::string_view key) {
  LIAISON_TRY(const std::uint64_t value, text.number(key));
  if (value > std::numeric_limits<Number>::max()) return fail(Errc::bad_text, std::string(key) + " out of range");
  return static_cast<Number>(value);
}

Result<Lane> lane_of(const crypto::ParsedText& text) {
  for (const Lane lane : {Lane::urgent, Lane::routine}) {
    if (text.one("lane") == name(lane)) return lane;
  }
  return fail(Errc::bad_text, "lane");
}

Result<LogId> log_of(const crypto::ParsedText& text) {
  LogId log;
  LIAISON_TRY(log.stream, narrow<std::uint16_t>(text, "stream"));
  LIAISON_TRY(log.lane, lane_of(text));
  LIAISON_TRY(log.epoch, narrow<std::uint32_t>(text, "epoch"));
  return log;
}

}  // namespace

std::string to_string(const LogId& log) {
  return std::to_string(log.stream) + "/" + std::string(name(log.lane)) + "/" + std::to_string(log.epoch);
}

EntryBytes encode(const Entry& entry) {
  Bytes out;
  out.reserve(limits::entry_bytes);
  put_u8(out, static_cast<std::uint8_t>(entry.type));
  put_u8(out, entry.hops);
  put_u32(out, entry.size);
  put(out, ByteView(entry.msg_id.bytes));
  put(out, ByteView(entry.core));
  EntryBytes bytes;
  liaison_assert(out.size() == bytes.size());
  std::copy(out.begin(), out.end(), bytes.begin());
  return bytes;
}

Result<Entry> decode_entry(ByteView bytes) {
  if (bytes.size() != limits::entry_bytes) return bad_entry(std::to_string(bytes.size()) + " bytes");
  ByteReader reader(bytes);
  const std::uint8_t type = reader.u8();
  Entry entry;
  entry.hops = reader.u8();
  entry.size = reader.u32();
  const ByteView msg_id = reader.take(entry.msg_id.bytes.size());
  std::copy(msg_id.begin(), msg_id.end(), entry.msg_id.bytes.begin());
  entry.core = reader.hash();
  if (type == static_cast<std::uint8_t>(EntryType::envelope)) {
    entry.type = EntryType::envelope;
    if (entry.hops > hops_max) return bad_entry("hops " + std::to_string(entry.hops));
    if (entry.size == 0 || entry.size > limits::envelope_bytes_max) return bad_entry("size " + std::to_string(entry.size));
    return entry;
  }
  if (type != static_cast<std::uint8_t>(EntryType::epoch_open)) return bad_entry("type " + std::to_string(type));
  entry.type = EntryType::epoch_open;
  if (entry.hops != 0 || entry.size != 0 || !entry.msg_id.is_nil()) return bad_entry("epoch with hops, size or id");
  return entry;
}

Hash epoch_core(const Hash& one_head, const Hash& other_head) {
  return merkle::sha256({std::min(one_head, other_head), std::max(one_head, other_head)});
}

std::string make_text(const Head& head) {
  crypto::TextBuilder text(head_grammar);
  text.add("realm", head.realm).add("from", head.from).add("to", head.to);
  text.add("stream", head.log.stream).add("lane", name(head.log.lane)).add("epoch", head.log.epoch);
  text.add("size", head.size).add_hash("root", head.root).add("time", liaison::to_string(head.time)).add_hash("key", head.key);
  return text.finish();
}

Result<Head> parse_head(ByteView bytes) {
  LIAISON_TRY(const crypto::ParsedText text, crypto::ParsedText::parse(head_grammar, bytes));
  Head head;
  head.realm = text.one("realm");
  LIAISON_TRY(head.from, text.agency("from"));
  LIAISON_TRY(head.to, text.agency("to"));
  LIAISON_TRY(head.log, log_of(text));
  LIAISON_TRY(head.size, text.number("size"));
  LIAISON_TRY(head.root, text.hash("root"));
  LIAISON_TRY(head.time, text.time("time"));
  LIAISON_TRY(head.key, text.hash("key"));
  return head;
}

std::string make_text(const Receipt& receipt) {
  crypto::TextBuilder text(receipt_grammar);
  text.add("realm", receipt.realm).add_hash("head", receipt.head).add_hash("key", receipt.key).add("first", receipt.first);
  for (const std::uint64_t index : receipt.voids) text.add("void", index);
  text.add("stored", liaison::to_string(receipt.stored));
  return text.finish();
}

Result<Receipt> parse_receipt(ByteView bytes) {
  LIAISON_TRY(const crypto::ParsedText text, crypto::ParsedText::parse(receipt_grammar, bytes));
  Receipt receipt;
  receipt.realm = text.one("realm");
  LIAISON_TRY(receipt.head, text.hash("head"));
  LIAISON_TRY(receipt.key, text.hash("key"));
  LIAISON_TRY(receipt.first, text.number("first"));
  for (const auto& line : text.all("void")) {
    LIAISON_TRY(const std::uint64_t index, crypto::parse_decimal(line.at(0)));
    receipt.voids.push_back(index);
  }
  // Lines are ordered as text, where 10 stands before 9.
  std::sort(receipt.voids.begin(), receipt.voids.end());
  LIAISON_TRY(receipt.stored, text.time("stored"));
  return receipt;
}

}  // namespace liaison::link
