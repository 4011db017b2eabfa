// `liaison keys rotate` and `keys install`: the next tls key and its certificate, on the node's machine, while the node runs. Interrupted anywhere, the same command
// given again goes on. Exit codes as in offline.h.
#pragma once
#include "admin-cli/offline.h"

namespace liaison::cli {

// tls: makes the next key beside the one in use (or takes the one that waits) and writes the request for it. box: makes a further key, which has no certificate.
struct KeysRotate {
  std::filesystem::path keys_dir, passphrase_file, out;
  std::string realm, agency;
  std::string role = "tls";
};
int keys_rotate(const KeysRotate& command, const OfflineContext& context);

// Puts the certificate of the next key and the key in place together. An empty `certificate_file` is tls.pem in keys_dir.
struct KeysInstall {
  std::filesystem::path keys_dir, passphrase_file, certificate, certificate_file;
  std::string realm, agency;
};
int keys_install(const KeysInstall& command, const OfflineContext& context);

}  // namespace liaison::cli
