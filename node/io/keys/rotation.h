// The tls key and its certificate change together: the next key waits as tls.next.key until its certificate came, then both files are renamed. Whatever was interrupted
// is finished by whoever comes next: the command given again, the node at its start or when it reads its certificate again. A key that was replaced is gone.
// Errors name the file and what to do: already_exists, key_missing, key_not_valid, those of key_files.h.
#pragma once
#include "io/keys/key_files.h"

namespace liaison::keys {

std::filesystem::path next_key_file(const std::filesystem::path& keys_dir, crypto::KeyRole role);

// The next key: made and synced, or the one that waits already. The key in use is not touched.
Result<crypto::PrivateKey> begin_rotation(const std::filesystem::path& keys_dir, crypto::KeyRole role, ByteView passphrase);

// The certificate chain of the next key. Refused when the leaf is of another key; otherwise staged beside `certificate_file` and put in place with its key.
struct TlsFiles {
  std::filesystem::path keys_dir, certificate_file;
};
Result<void> install_certificate(const TlsFiles& files, ByteView passphrase, ByteView pem);

// Ends a change that was interrupted; does nothing when there is none. True: key and certificate are new.
Result<bool> finish_rotation(const TlsFiles& files, ByteView passphrase);

}  // namespace liaison::keys
