// `liaison ca init|issue`: a country's certificate authority on an offline machine. No node, no network. Exit codes as in offline.h.
#pragma once
#include "admin-cli/offline.h"

namespace liaison::cli {

// Makes ca.key (0600) and ca.crt in `directory`; never replaces them.
struct CaInit {
  std::string realm, country;
  std::chrono::days lifetime{3650};
  std::filesystem::path directory, passphrase_file;
};
int ca_init(const CaInit& command, const OfflineContext& context);

// Checks a request and writes the certificate; an empty `role` takes that of the request, an empty `out` prints it.
struct CaIssue {
  std::filesystem::path directory, passphrase_file, request, out;
  std::string role;
};
int ca_issue(const CaIssue& command, const OfflineContext& context);

}  // namespace liaison::cli
