// What does not change between scenarios: agencies, their keys, the signed directory, policy, schemas and one sample message. Made once per process
// from fixed bytes, so that every process and every seed sees the same; nothing is switched off, all signatures are real.
#pragma once
#include <map>
#include <set>

#include "core/directory/directory.h"
#include "core/policy/policy.h"
#include "core/record/schema.h"

namespace liaison::sim {

inline constexpr const char* realm = "sim-exercise";
inline const Time scenario_start = parse_time("2026-03-04T05:06:07.000Z").value();

// One version of the directory, as its authors would make it; version 1 is the one every node begins with.
inline constexpr std::uint8_t first_authority = 250, second_authority = 251;
struct DirectoryEdit {
  std::uint64_t version = 1;
  std::optional<Hash> previous{};
  std::set<std::string> without{};                                       // agencies left out, and who relays by them
  std::set<std::string> compromised{};                                   // agencies whose link and seal keys were stolen at the scenario's start
  std::string group{};                                                   // a group of that name, so that two versions of one number differ
  std::uint8_t authority = first_authority;                              // named in it
  std::vector<std::uint8_t> signers = {first_authority};
  std::string grace = "2027-07-01T00:00:00.000Z", expires = "2027-06-01T00:00:00.000Z";
  std::string endpoint{};                                                // of every agency, when not empty
};

struct Federation {
  std::vector<std::string> agencies;                                     // the first N take part in a scenario; all on the customs channel
  std::vector<std::string> chain;                                        // in the order in which a record travels over bureaus, on the interpol channel
  std::vector<std::string> blind;                                        // fr.ncb forwards unopened for fr.customs, int.gs for it.ncb
  std::map<std::string, std::map<crypto::KeyRole, crypto::PrivateKey>> keys;
  std::map<std::string, std::array<crypto::PrivateKey, 2>> policy_keys;  // of two persons who sign an agency's policies
  std::shared_ptr<const directory::Directory> directory;
  Bytes directory_file;                                                  // of it
  std::shared_ptr<const policy::Policy> policy;
  std::shared_ptr<const record::SchemaRegistry> schemas;
  Bytes message;                                                         // complete, small

  const crypto::PrivateKey& key(const std::string& agency, crypto::KeyRole role) const { return keys.at(agency).at(role); }
};
const Federation& federation();
Bytes make_directory_file(const DirectoryEdit& edit);
directory::AuthorityPins authority_pins();                               // what every node's settings name

// From here on OpenSSL draws its randomness (ECDSA nonces) from this seed: signatures differ in length, so without it no seed would replay.
void seed_openssl(std::uint64_t seed);

}  // namespace liaison::sim
