// The texts that pass between an agency and the directory's authors: key requests, and entries put into the authored JSON without touching what a person
// wrote around them. Pure. What is written here reads back through the same parser; errors name line or field.
#pragma once
#include <span>

#include "core/directory/directory.h"

namespace liaison::directory {

// An agency's public keys, as it hands them over.
struct KeyRequest {
  std::string agency;
  std::vector<RegisteredKey> keys;
};
std::string key_request_json(const KeyRequest& request);  // with each key's hash as a comment, to be compared by telephone
Result<KeyRequest> parse_key_request(const std::string& json);

// A new authored file with empty lists.
struct NewSource {
  std::string realm;
  Time expires{}, grace{};
  AuthorityPins pins;                 // only the threshold is used
  std::vector<Bytes> authority_keys;  // SubjectPublicKeyInfo
};
std::string source_json(const NewSource& source);
std::string entry_json(const Agency& agency);
std::string entry_json(const CountryAuthority& country);
std::string key_json(const RegisteredKey& key);  // after a comment with the key's hash
std::string competence_json(const Competence& competence);
// Appends `object` to the top-level list of that name; everything else stays as it was. not_found when the file has no such list.
Result<std::string> insert_entry(std::string_view json, std::string_view list, std::string_view object);


// What a file or an authored source says, with nobody vouching for it: to compare and to show, never to trust. `json` may have expired.
Result<std::shared_ptr<const Directory>> read_content(ByteView file);
Result<std::shared_ptr<const Directory>> read_source_content(const std::string& json);


// Refuses what an authority must not sign: another realm, a version that does not follow `previous` (superseded, conflicting_version) or does not name its hash
// (chain_broken), one that has expired, or a key that is no authority here or in `previous` (unknown_key). `previous` null: there is none to compare with.
Result<void> check_before_signing(const Directory& next, const Directory* previous, const Hash& key, Time now);
// One file with the signatures of all; refused unless all have the same text, and each signature verifies with a key in its file.
Result<Bytes> merge_signatures(std::span<const Bytes> files);

}  // namespace liaison::directory
