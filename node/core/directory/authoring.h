// The texts that pass between an agency and the directory's authors: key requests, and entries put into the authored JSON without touching what a person
// wrote around them. Pure. What is written here reads back through the same parser; errors name line or field.
#pragma once
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
// Appends `object` to the top-level list of that name; everything else stays as it was. not_found when the file has no such list.
Result<std::string> insert_entry(std::string_view json, std::string_view list, std::string_view object);

}  // namespace liaison::directory
