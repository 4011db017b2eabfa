// Which directory may follow which (formats 8): the rules for a file that somebody brought, and the way from the pinned authorities to the newest version
// held. Pure. A refusal says why in its code: wrong_realm, superseded (older), conflicting_version (one number, two hashes), bad_signature, chain_broken
// (forged previous hash, or a change of authorities left out), directory_stale (past its grace).
#pragma once
#include "core/directory/directory.h"

namespace liaison::directory {

// What a file says of itself, unverified: enough to look for the version it claims to be.
struct Label {
  std::string realm;
  std::uint64_t version = 0;
  Hash hash{};                   // of the signed text
  AuthorityPins authorities;
};
Result<Label> parse_label(ByteView file);

// `file` after `current`, verified against the authorities of `current` and, where it names others, against these too. Null: it is `current` itself.
// A version that changes the authorities is taken past its grace too, since it leads on to later ones.
Result<std::shared_ptr<const Directory>> check_arrival(const Directory& current, ByteView file, Time now);
bool same_authorities(const AuthorityPins& a, const AuthorityPins& b);

// Stored versions, ascending; the last one is loaded. Each change of authorities on the way counts only if the set before it signed.
Result<std::shared_ptr<const Directory>> load_chain(std::span<const Bytes> files, const AuthorityPins& pins);

// What a person is told: agencies added, removed and changed, keys revoked, authorities. One line each.
std::vector<std::string> describe_changes(const Directory& before, const Directory& after);

}  // namespace liaison::directory
