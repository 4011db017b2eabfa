// What does not change between scenarios: agencies, their keys, the signed directory, policy, schemas and one sample message. Made once per process
// from fixed bytes, so that every process and every seed sees the same; nothing is switched off, all signatures are real.
#pragma once
#include <map>

#include "core/directory/directory.h"
#include "core/policy/policy.h"
#include "core/record/schema.h"

namespace liaison::sim {

inline constexpr const char* realm = "sim-exercise";
inline const Time scenario_start = parse_time("2026-03-04T05:06:07.000Z").value();

struct Federation {
  std::vector<std::string> agencies;                                     // the first N take part in a scenario; all on the customs channel
  std::vector<std::string> chain;                                        // in the order in which a record travels over bureaus, on the interpol channel
  std::vector<std::string> blind;                                        // fr.ncb forwards unopened for fr.customs, int.gs for it.ncb
  std::map<std::string, std::map<crypto::KeyRole, crypto::PrivateKey>> keys;
  std::map<std::string, std::array<crypto::PrivateKey, 2>> policy_keys;  // of two persons who sign an agency's policies
  std::shared_ptr<const directory::Directory> directory;
  std::shared_ptr<const policy::Policy> policy;
  std::shared_ptr<const record::SchemaRegistry> schemas;
  Bytes message;                                                         // complete, small

  const crypto::PrivateKey& key(const std::string& agency, crypto::KeyRole role) const { return keys.at(agency).at(role); }
};
const Federation& federation();

// From here on OpenSSL draws its randomness (ECDSA nonces) from this seed: signatures differ in length, so without it no seed would replay.
void seed_openssl(std::uint64_t seed);

}  // namespace liaison::sim
