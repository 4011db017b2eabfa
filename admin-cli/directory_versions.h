// `liaison directory make|sign|merge|diff|key`: versions of the directory and their signatures, each step on whatever machine holds the key, offline from the files alone.
// Nobody signs without having seen what changes: `sign` prints it and asks, or is given the code of exactly that summary. Exit codes as in exits.h.
#pragma once
#include "admin-cli/offline.h"

namespace liaison::cli {

// The next version after `previous` (none: version 1) as a new file without signatures.
struct DirectoryMake {
  std::filesystem::path source, previous, file;
};
int directory_make(const DirectoryMake& command, const OfflineContext& context);

// Adds this authority's signature to `file`. With `source`: makes `file` first, which must be new.
struct DirectorySign {
  std::filesystem::path source, previous, file, authority_key, passphrase_file;
  std::string yes;             // summary code of a machine, or of a person who read the summary before
  std::istream* in = nullptr;  // a person to ask; null: nobody is there
};
int directory_sign(const DirectorySign& command, const OfflineContext& context);

struct DirectoryMerge {
  std::vector<std::string> files;  // the same version, signed on different machines
  std::filesystem::path out;
};
int directory_merge(const DirectoryMerge& command, const OfflineContext& context);

// Authored JSON or distributed files, in any mix. Nothing is verified: it compares what they say.
struct DirectoryDiff {
  std::filesystem::path before, after;
};
int directory_diff(const DirectoryDiff& command, const OfflineContext& context);

// A private key for one more authority.
struct DirectoryKey {
  std::filesystem::path file, passphrase_file;
};
int directory_key(const DirectoryKey& command, const OfflineContext& context);

}  // namespace liaison::cli
