// Sealing and opening envelopes; the bytes are those of formats 3. Pure.
#include "core/exchange/envelope.h"

#include <bit>

#include "core/base/limits.h"
#include "core/base/tags.h"
#include "core/crypto/aead.h"
#include "schemas/envelope_generated.h"

namespace liaison::exchange {
namespace {
constexpr std::uint16_t suite_p256 = 1;
constexpr std::uint16_t envelope_version = 1;
constexpr std::size_t r_bytes = 16;
constexpr std::size_t payload_key_bytes = 44;

Hash commit_to(ByteView plain) { return merkle::sha256({view(tags::body), plain}); }

Result<SecretBytes> payload_key(const crypto::HpkeContext& context, const Hash& core) {
  Bytes info = to_bytes(tags::payload);
  put(info, ByteView(core));
  return context.export_secret(info, payload_key_bytes);
}

crypto::AeadKey split_key(const SecretBytes& secret) { return {secret.reveal().first(crypto::aead_key_bytes), secret.reveal().subspan(crypto::aead_key_bytes)}; }

Bytes make_plain(ByteView content, Random& random) {
  Bytes plain(r_bytes);
  random.fill(plain);
  put_u32(plain, static_cast<std::uint32_t>(content.size()));
  put(plain, content);
  plain.resize(padded_bytes(plain.size()), 0);
  return plain;
}

Bytes make_core(const EnvelopeHeader& header, const Hash& box_key, const Hash& commit) {
  flatbuffers::FlatBufferBuilder builder(512);
  const auto realm = builder.CreateString(header.realm);
  const auto msg_id = builder.CreateVector(header.msg_id.bytes.data(), header.msg_id.bytes.size());
  const auto from = builder.CreateString(header.from);
  const auto to = builder.CreateString(header.to);
  const auto box = builder.CreateVector(box_key.data(), box_key.size());
  const auto hash = builder.CreateVector(commit.data(), commit.size());
  builder.Finish(wire::CreateEnvelopeCore(builder, envelope_version, suite_p256, realm, msg_id, from, to, static_cast<std::uint8_t>(header.urgency), box,
                                          static_cast<std::uint8_t>(header.content), millis(header.created), millis(header.expires), hash));
  return {builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()};
}

ByteView bytes_of(const flatbuffers::Vector<std::uint8_t>* vector) { return vector == nullptr ? ByteView{} : ByteView(vector->data(), vector->size()); }

Result<ParsedEnvelope> parse_core(ParsedEnvelope parsed) {
  flatbuffers::Verifier verifier(parsed.core.data(), parsed.core.size(), 4, 8);
  if (!verifier.VerifyBuffer<wire::EnvelopeCore>()) return fail(Errc::bad_format, "envelope core");
  const auto* core = flatbuffers::GetRoot<wire::EnvelopeCore>(parsed.core.data());
  const ByteView msg_id = bytes_of(core->msg_id());
  const ByteView box = bytes_of(core->box_key_id());
  const ByteView commit = bytes_of(core->commit());
  if (core->version() != envelope_version || core->suite() != suite_p256) return fail(Errc::bad_format, "envelope version or suite");
  if (msg_id.size() != 16 || box.size() != 32 || commit.size() != 32 || !core->realm() || !core->from() || !core->to()) return fail(Errc::bad_format, "envelope core field");
  if (core->urgency() < 1 || core->urgency() > 2 || core->content() < 1 || core->content() > 2) return fail(Errc::bad_format, "envelope urgency or content");
  parsed.header = {core->realm()->str(), core->from()->str(), core->to()->str(), {}, static_cast<Lane>(core->urgency()), static_cast<Content>(core->content()),
                   time_from_millis(core->created_ms()), time_from_millis(core->expires_ms())};
  std::memcpy(parsed.header.msg_id.bytes.data(), msg_id.data(), 16);
  std::memcpy(parsed.box_key.data(), box.data(), 32);
  std::memcpy(parsed.commit.data(), commit.data(), 32);
  if (!is_agency_id(parsed.header.from) || !is_agency_id(parsed.header.to)) return fail(Errc::bad_format, "envelope agency");
  if (parsed.header.expires < parsed.header.created || parsed.header.expires - parsed.header.created > limits::envelope_life_max)
    return fail(Errc::bad_format, "envelope expires");
  return parsed;
}
}  // namespace

std::size_t padded_bytes(std::size_t bytes) {
  std::size_t bucket = 256;
  while (bucket < bytes && bucket < 4096) bucket *= 2;
  if (bytes <= bucket) return bucket;
  const std::size_t step = std::bit_floor(bytes) / 8;
  return (bytes + step - 1) / step * step;
}

Bytes envelope_info(std::string_view realm, std::string_view from, const Hash& box_key) {
  Bytes names = to_bytes(realm);
  put_u8(names, 0);
  put(names, from);
  Bytes info = to_bytes(tags::envelope);
  put_u16(info, suite_p256);
  put(info, ByteView(merkle::sha256(names)));
  put(info, ByteView(box_key));
  return info;
}

Result<std::shared_ptr<const SealingContext>> make_sealing_context(std::string_view realm, std::string_view from, const crypto::PublicKey& box_key, Time now,
                                                                   Random& random) {
  SecretBytes ikm(32);
  random.fill(ikm.writable());
  LIAISON_TRY(auto sender, crypto::hpke_setup_sender(box_key, envelope_info(realm, from, box_key.hash()), ikm.reveal(), crypto::HpkeAead::aes_256_gcm));
  return std::make_shared<const SealingContext>(SealingContext{box_key.hash(), std::move(sender.enc), std::move(sender.context), now});
}

Result<SealedEnvelope> seal_envelope(const SealingContext& context, const EnvelopeHeader& header, ByteView content, Random& random) {
  if (content.size() + r_bytes + 4 > limits::plain_bytes_max) return fail(Errc::limit_exceeded, "envelope content of " + std::to_string(content.size()) + " bytes");
  const Bytes plain = make_plain(content, random);
  const Bytes core = make_core(header, context.box_key, commit_to(plain));
  SealedEnvelope sealed;
  sealed.core = merkle::sha256(core);
  LIAISON_TRY(const SecretBytes secret, payload_key(context.hpke, sealed.core));
  LIAISON_TRY(const Bytes payload, crypto::aead_seal(split_key(secret), sealed.core, plain));
  flatbuffers::FlatBufferBuilder builder(payload.size() + core.size() + 256);
  const auto payload_offset = builder.CreateVector(payload);
  const auto enc_offset = builder.CreateVector(context.enc);
  const auto core_offset = builder.CreateVector(core);
  builder.Finish(wire::CreateEnvelope(builder, core_offset, enc_offset, payload_offset));
  sealed.bytes.assign(builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize());
  return sealed;
}

Result<ParsedEnvelope> parse_envelope(ByteView bytes) {
  if (bytes.size() > limits::envelope_bytes_max) return fail(Errc::limit_exceeded, "envelope of " + std::to_string(bytes.size()) + " bytes");
  flatbuffers::Verifier verifier(bytes.data(), bytes.size(), 4, 8);
  if (!verifier.VerifyBuffer<wire::Envelope>()) return fail(Errc::bad_format, "envelope");
  const auto* envelope = flatbuffers::GetRoot<wire::Envelope>(bytes.data());
  ParsedEnvelope parsed;
  const ByteView core = bytes_of(envelope->core());
  const ByteView enc = bytes_of(envelope->enc());
  const ByteView payload = bytes_of(envelope->payload());
  if (core.size() + enc.size() + payload.size() > bytes.size()) return fail(Errc::limit_exceeded, "envelope parts overlap");
  parsed.core = to_bytes(core);
  parsed.enc = to_bytes(enc);
  parsed.payload = to_bytes(payload);
  parsed.core_hash = merkle::sha256(parsed.core);
  return parse_core(std::move(parsed));
}

Result<OpenedEnvelope> open_envelope(const ParsedEnvelope& envelope, const crypto::HpkeContext& context) {
  LIAISON_TRY(const SecretBytes secret, payload_key(context, envelope.core_hash));
  auto opened = crypto::aead_open(split_key(secret), envelope.core_hash, envelope.payload);
  if (!opened) return fail(Errc::cannot_open, "payload");
  const Bytes plain = std::move(*opened);
  if (plain.size() < r_bytes + 4 || plain.size() > limits::plain_bytes_max || commit_to(plain) != envelope.commit) return fail(Errc::cannot_open, "commit");
  const std::size_t length = ByteReader(ByteView(plain).subspan(r_bytes, 4)).u32();
  const ByteView rest = ByteView(plain).subspan(r_bytes + 4);
  if (length > rest.size() || plain.size() != padded_bytes(r_bytes + 4 + length)) return fail(Errc::cannot_open, "length");
  for (auto b : rest.subspan(length))
    if (b != 0) return fail(Errc::cannot_open, "padding");
  return OpenedEnvelope{Bytes(plain.begin(), plain.begin() + r_bytes), to_bytes(rest.first(length))};
}

}  // namespace liaison::exchange
