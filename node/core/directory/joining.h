// The two files of joining: what a new agency hands to the authority, and what it gets back (PROTOCOL, Joining). Pure.
// A request proves possession: each of the node's keys that can sign has signed its text. Nothing in it is trusted for that; people compare its fingerprint.
// Errors: bad_format, bad_text, bad_signature (a proof is missing or does not verify), limit_exceeded.
#pragma once
#include <functional>

#include "core/directory/directory.h"

namespace liaison::directory {

struct JoinRequest {
  std::string realm;
  Agency agency;
  Bytes tls_request, seal_request;  // PKCS#10, DER
  Time at{};
  Hash fingerprint{};               // of the signed text
};
struct KeyProof {
  Hash key{};
  Bytes signature;
};
// Must this key of a request have signed? Not box, which only opens; not policy, which belongs to persons and is proved with each policy; not tls, which signs its certificate request.
bool proves_itself(crypto::KeyRole role);
// `sign` is called for every key of the agency that proves itself.
using ProofFunction = std::function<Result<Bytes>(const RegisteredKey& key, ByteView text)>;
Result<Bytes> make_join_file(const JoinRequest& request, const ProofFunction& sign);
// Everything that can be checked without the directory: form, hashes, every proof, and that every key is a point of its curve.
Result<JoinRequest> parse_join_file(ByteView file);

// What speaks against the request in this directory; each line says what to do. Empty: nothing.
std::vector<std::string> objections(const JoinRequest& request, const Directory& directory, Time now);

struct Anchor {
  std::string realm, agency;
  AuthorityPins pins;
  Bytes directory;
  std::string tls_chain, seal_chain;  // PEM; may be empty
};
Bytes make_anchor_file(const Anchor& anchor);
Result<Anchor> parse_anchor_file(ByteView file);
// What is compared by telephone before an anchor is believed: 32 hex digits over realm, threshold and authorities.
std::string anchor_code(const Anchor& anchor);

}  // namespace liaison::directory
