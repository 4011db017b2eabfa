// The manifest (formats 2.3): the originator's short signed text over all leaves of a record. Pure; parse answers bad_text with the line's key.
#pragma once
#include "core/crypto/signed_text.h"
#include "core/record/leaf.h"

namespace liaison::record {

struct Manifest {
  std::string realm;
  RecordId record;
  std::optional<Hash> prev;
  std::string kind;
  std::uint32_t schema_number = 1;
  Hash schema{};
  std::string from;
  Hash key{};                        // seal key
  std::uint64_t directory_version = 0;
  Hash directory{};
  std::string purpose;               // code of domain 7
  bool urgent = false;
  std::string channel;               // interpol customs cites judicial
  std::string level;                 // national regional international, or "-"
  Time created{}, review{};
  std::optional<Uuid> thread, answers;
  std::uint64_t leaves = 0;
  Hash root{};
  std::vector<Bytes> inseparable;    // paths
  struct Group { std::uint64_t count; Bytes prefix; };
  std::vector<Group> groups;
  struct Handling { std::string code; std::optional<Bytes> prefix; };
  std::vector<Handling> handling;
};
std::string make_text(const Manifest& manifest);
Result<Manifest> parse_manifest(ByteView text);

// A record as its originator holds it: message flattened, audience and decoys added, everything committed, manifest text made.
struct NewRecord {
  Manifest manifest;                 // leaves and root are filled in by seal
  std::vector<std::string> audience; // "agency:int.gs", "group:...", "country:ke"
};
struct CommittedRecord {
  Manifest manifest;
  std::string text;                  // of the manifest, to be signed by the seal key
  Openings openings;                 // all leaves, decoys and audience included
};
// `message` must have passed Schema::verify_message.
Result<CommittedRecord> commit_record(const Schema& schema, ByteView message, NewRecord record, const RandomFill& random);

}  // namespace liaison::record
