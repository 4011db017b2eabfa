// The key files of a node: `<role>.key` in PKCS#8 PEM, mode 0600, encrypted under a passphrase or plain. Private keys are made here and never leave.
// Used at start-up and by `liaison keys init`. Every error names the file and what to do about it.
#pragma once
#include <vector>

#include "core/base/ids.h"
#include "core/crypto/keys.h"
#include "io/store/files.h"

namespace liaison::keys {

// Roles whose private keys live on a node; authority and policy keys belong to persons.
std::span<const crypto::KeyRole> node_roles();
std::filesystem::path key_file(const std::filesystem::path& keys_dir, crypto::KeyRole role);

// Makes one new key per role of a node, but for those in a token. Refuses (already_exists) before writing anything when any of the files is there.
Result<void> generate_keys(const std::filesystem::path& keys_dir, ByteView passphrase, std::span<const crypto::KeyRole> in_token = {});

// Errors: key_missing (absent, wrong passphrase), key_unprotected, key_not_valid (not of the role's type).
Result<crypto::PrivateKey> load_key(const std::filesystem::path& file, crypto::KeyRole role, ByteView passphrase);
// box.key first (it may be gone once there are others), then box-*.key in order of names, which begin with the day they were made.
struct BoxKey {
  std::filesystem::path file;
  crypto::PrivateKey key;
};
Result<std::vector<BoxKey>> load_box_keys(const std::filesystem::path& keys_dir, ByteView passphrase);
// A further box key in a file of its own, box-<day>-<hash>.key. Given again on the same day: the one made before.
Result<BoxKey> make_box_key(const std::filesystem::path& keys_dir, ByteView passphrase, Time now);

}  // namespace liaison::keys
