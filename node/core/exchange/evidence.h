// Content 2 of an envelope (formats 3): the signed text `liaison evidence v1` about what became of a record, made and parsed here. Pure.
#pragma once
#include "core/crypto/signed_text.h"
#include "core/record/package.h"

namespace liaison::exchange {

struct Evidence {
  std::string realm;
  Uuid id{};
  std::string from;
  Hash key{};
  std::string to;
  std::optional<std::string> record_from;   // none: the record is not known (the envelope could not be opened)
  record::RecordId record;
  std::optional<Hash> manifest;
  std::vector<Hash> disclosures;
  std::optional<Hash> core;                 // of the envelope it speaks of
  std::string event;                        // "refused", "delivered", "expired", "recalled", ...
  std::string reason;                       // error name or "-"
  Time at{};
};
std::string make_text(const Evidence& evidence);
Result<Evidence> parse_evidence(ByteView text);

Bytes encode_texts(const std::vector<record::SignedText>& texts);
Result<std::vector<record::SignedText>> decode_texts(ByteView bytes);

}  // namespace liaison::exchange
