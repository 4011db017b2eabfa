// `liaison directory init|add|show`: a new directory, a new agency, a look at what is signed, offline. Exit codes as in exits.h.
#pragma once
#include "admin-cli/offline.h"

namespace liaison::cli {

// Makes the authored JSON file and this authority's key (0600). Other authorities are named by their public keys.
struct DirectoryInit {
  std::string realm;
  std::filesystem::path source, authority_key, passphrase_file;
  std::vector<std::string> other_authorities;  // base64 SubjectPublicKeyInfo
  std::size_t threshold = 1;
  std::chrono::days lifetime{365}, grace{14};
};
int directory_init(const DirectoryInit& command, const OfflineContext& context);

// Adds an agency with the keys of its request, and its country's CA where `ca_certificate` is given; the rest of the file stays as it is.
struct DirectoryAdd {
  std::filesystem::path source, request, ca_certificate;
  std::string id, type, bureau, name;  // `name`: in English
  std::vector<std::string> endpoints, channels, blind_pairs;
  bool is_bureau = false;
  bool witness = false;
  bool dry_run = false;
};
int directory_add(const DirectoryAdd& command, const OfflineContext& context);

// Prints a table; verified only against the pinned authorities. Without pins: what the file says of itself, exit code 1.
struct DirectoryShow {
  std::filesystem::path file;
  std::vector<std::string> authorities;  // base64 key hashes
  std::size_t threshold = 1;
};
int directory_show(const DirectoryShow& command, const OfflineContext& context);

}  // namespace liaison::cli
