// Where the passphrase of the key files comes from: a private file named in the settings, else the systemd credential `liaison-passphrase`, else none.
// Errors: key_missing (named but absent or empty), key_unprotected.
#pragma once
#include "io/store/files.h"

namespace liaison::keys {

// Without its final line end. Empty: there is no passphrase and the key files must be plain.
Result<SecretBytes> load_passphrase(const std::filesystem::path& configured);

}  // namespace liaison::keys
