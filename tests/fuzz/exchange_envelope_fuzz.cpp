// Any bytes as an envelope, as the texts inside one, and as an evidence or echo text: refused, or bounded by their own size and written again the same.
#include "core/base/limits.h"
#include "core/exchange/envelope.h"
#include "core/exchange/echo.h"
#include "core/exchange/evidence.h"
#include "core/exchange/policy_text.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace liaison;
  const Bytes bytes(data, data + size);  // aligned as every allocation is
  if (const auto envelope = exchange::parse_envelope(bytes)) {
    liaison_assert(envelope->core.size() + envelope->enc.size() + envelope->payload.size() <= bytes.size());
    liaison_assert(is_agency_id(envelope->header.from) && is_agency_id(envelope->header.to));
    liaison_assert(envelope->header.expires - envelope->header.created <= limits::envelope_life_max);
  }
  if (const auto texts = exchange::decode_texts(bytes)) {
    const auto again = exchange::decode_texts(exchange::encode_texts(*texts));
    liaison_assert(again && *again == *texts);
  }
  if (const auto pass = exchange::parse_pass(bytes)) liaison_assert(exchange::make_text(*pass) == text(bytes));
  if (const auto echo = exchange::parse_echo(bytes)) liaison_assert(exchange::make_text(*echo) == text(bytes));
  if (const auto evidence = exchange::parse_evidence(bytes)) liaison_assert(exchange::make_text(*evidence) == text(bytes));
  if (const auto policy = exchange::parse_policy_text(bytes)) liaison_assert(exchange::make_text(*policy) == text(bytes));
  return 0;
}
