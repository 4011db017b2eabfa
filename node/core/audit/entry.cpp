// Encoding of audit entries: format byte, index, FlatBuffer of audit.fbs. Pure; thread safe (the builder is one per thread and keeps no data).
// Texts longer than text_bytes_max are cut, so that no entry can pass audit_entry_bytes_max; decoding refuses what encoding cannot have written.
#include "core/audit/entry.h"

#include <algorithm>
#include <array>

#include "core/base/limits.h"
#include "schemas/audit_generated.h"

namespace liaison::audit {
namespace {
using namespace std::string_view_literals;

constexpr std::uint8_t format = 1;
constexpr std::size_t head_bytes = 9;
constexpr std::size_t text_bytes_max = 200;  // longest: a ledger name with an agency id of 64

constexpr std::array event_names{
    "collected"sv, "altered"sv,  "consulted"sv, "disclosed"sv,      "combined"sv,       "erased"sv,   "received"sv,  "forwarded"sv, "withheld"sv,
    "refused"sv,   "policy"sv,   "key"sv,       "login"sv,          "export"sv,         "alarm"sv,    "closed"sv,    "accepted"sv,  "receipt_issued"sv,
    "receipt_stored"sv, "recalled"sv, "directory"sv, "started"sv,   "stopped"sv,        "link_up"sv,  "link_down"sv};
static_assert(event_names.size() == static_cast<std::size_t>(Event::link_down));

bool is_zero(ByteView bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t b) { return b == 0; });
}

using Vector = flatbuffers::Offset<flatbuffers::Vector<std::uint8_t>>;
using String = flatbuffers::Offset<flatbuffers::String>;

Vector bytes_field(flatbuffers::FlatBufferBuilder& builder, ByteView bytes) {
  return is_zero(bytes) ? Vector{} : builder.CreateVector(bytes.data(), bytes.size());
}

String text_field(flatbuffers::FlatBufferBuilder& builder, std::string_view chars) {
  if (chars.empty()) return {};
  const auto kept = chars.substr(0, text_bytes_max);
  return builder.CreateString(kept.data(), kept.size());
}

// One builder per thread: encoding is on the path of every record.
flatbuffers::FlatBufferBuilder& thread_builder() {
  thread_local flatbuffers::FlatBufferBuilder builder(limits::audit_entry_bytes_max);
  builder.Clear();
  return builder;
}

bool read_bytes(const flatbuffers::Vector<std::uint8_t>* from, std::span<std::uint8_t> to) {
  if (from == nullptr) return true;
  if (from->size() != to.size()) return false;
  std::memcpy(to.data(), from->data(), to.size());
  return true;
}

bool read_text(const flatbuffers::String* from, std::string& to) {
  if (from == nullptr) return true;
  if (from->size() > text_bytes_max) return false;
  to.assign(from->data(), from->size());
  return true;
}

bool read_body(const fb::AuditEntry& body, Entry& entry) {
  entry.wall = time_from_millis(body.wall_ms());
  entry.monotonic_ns = body.monotonic_ns();
  entry.version = body.version();
  entry.ledger_index = body.ledger_index();
  entry.event = static_cast<Event>(body.event());
  return !name(entry.event).empty() && read_bytes(body.process(), entry.process.bytes) && read_bytes(body.person(), entry.person) &&
         read_text(body.peer(), entry.peer) && read_text(body.record_from(), entry.record_from) && read_bytes(body.record(), entry.record.bytes) &&
         read_bytes(body.manifest(), entry.manifest) && read_bytes(body.disclosure(), entry.disclosure) && read_text(body.purpose(), entry.purpose) &&
         read_text(body.reason(), entry.reason) && read_bytes(body.policy(), entry.policy) && read_bytes(body.decision(), entry.decision) &&
         read_text(body.ledger(), entry.ledger);
}

}  // namespace

std::string_view name(Event event) {
  const auto number = static_cast<std::size_t>(event);
  return number == 0 || number > event_names.size() ? std::string_view{} : event_names[number - 1];
}

std::optional<Event> parse_event(std::string_view chars) {
  const auto found = std::find(event_names.begin(), event_names.end(), chars);
  if (found == event_names.end()) return std::nullopt;
  return static_cast<Event>(found - event_names.begin() + 1);
}

Bytes encode(const Entry& entry) {
  auto& builder = thread_builder();
  const auto process = bytes_field(builder, entry.process.bytes);
  const auto person = bytes_field(builder, entry.person);
  const auto peer = text_field(builder, entry.peer);
  const auto record_from = text_field(builder, entry.record_from);
  const auto record = bytes_field(builder, entry.record.bytes);
  const auto manifest = bytes_field(builder, entry.manifest);
  const auto disclosure = bytes_field(builder, entry.disclosure);
  const auto purpose = text_field(builder, entry.purpose);
  const auto reason = text_field(builder, entry.reason);
  const auto policy = bytes_field(builder, entry.policy);
  const auto decision = bytes_field(builder, entry.decision);
  const auto ledger = text_field(builder, entry.ledger);
  builder.Finish(fb::CreateAuditEntry(builder, millis(entry.wall), entry.monotonic_ns, process, static_cast<std::uint8_t>(entry.event), person, peer,
                                      record_from, record, entry.version, manifest, disclosure, purpose, reason, policy, decision, ledger,
                                      entry.ledger_index));
  Bytes out;
  out.reserve(head_bytes + builder.GetSize());
  put_u8(out, format);
  put_u64(out, entry.index);
  put(out, ByteView{builder.GetBufferPointer(), builder.GetSize()});
  liaison_assert(out.size() <= limits::audit_entry_bytes_max);
  return out;
}

Result<Entry> decode(ByteView bytes) {
  if (bytes.size() > limits::audit_entry_bytes_max) return fail(Errc::limit_exceeded, "audit entry of " + std::to_string(bytes.size()) + " bytes");
  ByteReader reader(bytes);
  if (reader.u8() != format) return fail(Errc::bad_format, "audit entry of an unknown format");
  Entry entry;
  entry.index = reader.u64();
  const Bytes body = to_bytes(reader.take(reader.left()));  // a copy, because FlatBuffers reads aligned integers
  flatbuffers::Verifier verifier(body.data(), body.size(), 2, 1);
  if (!reader.ok() || !verifier.VerifyBuffer<fb::AuditEntry>(nullptr)) return fail(Errc::bad_format, "audit entry is not a valid FlatBuffer");
  if (!read_body(*flatbuffers::GetRoot<fb::AuditEntry>(body.data()), entry)) return fail(Errc::bad_format, "audit entry with a field of wrong size");
  return entry;
}

void place(Bytes& encoded, std::uint64_t index) {
  liaison_assert(encoded.size() > head_bytes && encoded[0] == format);
  for (std::size_t i = 0; i < 8; ++i) encoded[1 + i] = static_cast<std::uint8_t>(index >> (56 - 8 * i));
}

}  // namespace liaison::audit
