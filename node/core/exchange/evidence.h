// Content 2 of an envelope (formats 3): the signed texts `liaison evidence v1` about what became of a record and `liaison pass v1` about texts passed on,
// made and parsed here. Pure.
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
  std::string event;                        // "delivered", "refused"; of a relay also "relayed", "not_relayed", "returned"; "held" and "accepted" by people there
  std::string reason;                       // error name or "-"; of a relay "<agency>" it went to, or "<error name>:<agency>" it did not go to
  Time at{};
};
std::string make_text(const Evidence& evidence);
Result<Evidence> parse_evidence(ByteView text);

// `liaison pass v1`: who passes on which texts of others, to whom (formats 3). It comes last in its envelope.
struct Pass {
  std::string realm;
  Uuid id{};
  std::string from;
  Hash key{};
  std::string to;
  std::vector<Hash> texts;                  // hashes of the texts before it
  Time at{};
};
std::string make_text(const Pass& pass);
Result<Pass> parse_pass(ByteView text);

Bytes encode_texts(const std::vector<record::SignedText>& texts);
Result<std::vector<record::SignedText>> decode_texts(ByteView bytes);

}  // namespace liaison::exchange
