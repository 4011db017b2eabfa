// Envelopes (formats 3): content padded to a size bucket, committed to, sealed for one recipient with an exported HPKE key.
// An opened envelope gives its content no authority: what is inside must be signed by `from`. Pure; randomness comes in.
#pragma once
#include <memory>

#include "core/crypto/hpke.h"
#include "core/exchange/ports.h"

namespace liaison::exchange {

enum class Content : std::uint8_t { package = 1, texts = 2 };

struct EnvelopeHeader {
  std::string realm, from, to;
  Uuid msg_id{};
  Lane urgency = Lane::routine;
  Content content = Content::package;
  Time created{}, expires{};
};

// One HPKE context towards one box key, used for at most limits::context_age_max or context_uses_max envelopes.
struct SealingContext {
  Hash box_key{};
  Bytes enc;
  crypto::HpkeContext hpke;
  Time made{};
};
Result<std::shared_ptr<const SealingContext>> make_sealing_context(std::string_view realm, std::string_view from, const crypto::PublicKey& box_key, Time now,
                                                                   Random& random);

struct SealedEnvelope {
  Bytes bytes;
  Hash core{};  // SHA-256(core)
};
Result<SealedEnvelope> seal_envelope(const SealingContext& context, const EnvelopeHeader& header, ByteView content, Random& random);

// The clear part, checked for form and limits but not yet opened.
struct ParsedEnvelope {
  EnvelopeHeader header;
  Hash box_key{};
  Hash commit{};
  Bytes core, enc, payload;
  Hash core_hash{};
};
Result<ParsedEnvelope> parse_envelope(ByteView bytes);

struct OpenedEnvelope {
  Bytes r;        // 16 bytes: with core and content it proves what was sent
  Bytes content;
};
// `context` from from_shared_secret with envelope_info(). Errc::cannot_open whatever is wrong inside.
Result<OpenedEnvelope> open_envelope(const ParsedEnvelope& envelope, const crypto::HpkeContext& context);
Bytes envelope_info(std::string_view realm, std::string_view from, const Hash& box_key);
std::size_t padded_bytes(std::size_t bytes);  // the size bucket of r || len || content

}  // namespace liaison::exchange
