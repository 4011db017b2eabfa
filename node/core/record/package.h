// Packages and disclosures (formats 2.4, 2.5): what one recipient gets of a record, and the signed account of every hop.
// A relay builds a new package from scratch with disclose(); nothing is ever deleted from a copy. Pure.
#pragma once
#include "core/record/manifest.h"

namespace liaison::record {

struct SignedText {
  std::string text;
  std::string signatures;
  bool operator==(const SignedText&) const = default;
};

struct WithheldLeaf {
  Bytes path;
  Hash commitment{};
  bool operator==(const WithheldLeaf&) const = default;
};

// Key of one attachment's file (formats 5): exactly one per opened leaf of type 0A, in path order.
struct BlobKey {
  Bytes path;
  Hash root{};
  std::uint64_t size = 0;                          // of the ciphertext
  std::array<std::uint8_t, 32> key{};
  std::array<std::uint8_t, 24> salt{};
  bool operator==(const BlobKey&) const = default;
};

// A package as values. `opaque` has one ascending list per hop.
struct Package {
  SignedText manifest;
  Openings openings;
  std::vector<WithheldLeaf> withheld;              // ascending by path
  std::vector<std::vector<Hash>> opaque;
  std::vector<SignedText> disclosures;
  std::vector<SignedText> permits;                 // in the order of their hashes
  std::vector<BlobKey> blob_keys;
};
Bytes encode_package(const Package& package);      // FlatBuffer Package of record.fbs
// Checks the FlatBuffer, limits (sum of parts at most the package's size), packed forms and order; verifies no signature.
Result<Package> decode_package(ByteView bytes);

struct PolicyRef { std::string name; std::uint64_t version = 1; Hash fingerprint{}; };
struct Disclosure {
  std::string realm;
  std::string record_from;
  RecordId record;
  Hash manifest{};
  std::uint64_t hop = 1;
  std::optional<Hash> prev;
  std::string relay;
  Hash key{};
  std::string recipient;                           // the `for` line
  std::string purpose;
  PolicyRef policy;
  std::vector<Hash> permits;
  std::optional<Hash> supersedes;
  struct Withheld { Bytes path; std::string basis; };
  std::vector<Withheld> withheld;
  std::uint64_t opaque = 0;
  std::optional<Hash> opaque_hash;
  std::string basis;                               // "GENERAL" or "-"
  std::uint64_t opened = 0;
  Hash opened_hash{};
  Time at{};
};
std::string make_text(const Disclosure& disclosure);
Result<Disclosure> parse_disclosure(ByteView text);

// What happens to one open leaf on this hop.
enum class LeafEffect : std::uint8_t { open, withhold, opaque };
struct LeafDecision {
  LeafEffect effect = LeafEffect::open;
  std::string public_basis;                        // of a withheld leaf
};
struct Hop {
  std::string relay;                               // the sending agency
  Hash key{};                                      // its seal key
  std::string recipient;
  std::string purpose;
  PolicyRef policy;
  std::vector<Hash> permits;
  std::optional<Hash> supersedes;
  Time at{};
};
// The next hop: `package` as held (originator: all openings, no disclosures), one decision per opening (same order), decoys are
// made opaque here as formats 2.2 asks (4 to 8 of those still open; audience leaves that do not name the recipient must come decided).
// The result's last disclosure has an empty signature block: sign its text, then set it. Errors: group_split, structure_broken
// (ancestor rules of formats 2.6 step 6, manifest-named leaf made opaque), limit_exceeded (hops).
Result<Package> disclose(const Package& package, const std::vector<LeafDecision>& decisions, const Hop& hop, const RandomFill& random);

}  // namespace liaison::record
