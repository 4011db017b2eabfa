// `liaison keys init|show` and `liaison csr`: run on the node's machine; private keys are made there and never leave. Exit codes as in offline.h.
#pragma once
#include "admin-cli/offline.h"

namespace liaison::cli {

// Roles whose keys are in a PKCS#11 token; an empty label is a key file.
struct TokenChoice {
  std::filesystem::path module, pin_file;
  std::string token, seal, tls;
  bool used() const { return !module.empty(); }
};

// Makes one key per role (0600, encrypted when there is a passphrase) and prints their hashes.
struct KeysInit {
  std::filesystem::path keys_dir, passphrase_file;
  std::vector<std::string> in_token{};  // roles whose keys are made in a token, not here: seal, tls
};
int keys_init(const KeysInit& command, const OfflineContext& context);

// Writes the JSON file that `directory add` takes: public keys and hashes of every role but tls, which the country's CA vouches for, and policy keys.
struct KeysShow {
  std::filesystem::path keys_dir, passphrase_file, out;
  std::string agency;
  std::vector<std::string> policy_keys;  // public key files of the persons who vouch for its policies
  std::chrono::days lifetime{730};
  TokenChoice token{};
  std::chrono::days next_box_after{7};  // when peers begin to seal to the next box key, if there is one
};
int keys_show(const KeysShow& command, const OfflineContext& context);

// Writes a certificate request for the tls or seal key.
struct Csr {
  std::filesystem::path keys_dir, passphrase_file, out;
  std::string realm, agency, role;
  TokenChoice token{};
};
int csr(const Csr& command, const OfflineContext& context);

}  // namespace liaison::cli
