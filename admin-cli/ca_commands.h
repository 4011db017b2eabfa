// `liaison ca ...`: a country's certificate authority on an offline machine. No node, no network. Exit codes as in offline.h. Whatever is issued or revoked stands in the
// register before it leaves; a command that was interrupted is given again and goes on where it stopped.
#pragma once
#include "admin-cli/offline.h"

namespace liaison::cli {

// The root: makes ca.key (0600) and ca.crt in `directory`; never replaces them.
struct CaInit {
  std::string realm, country;
  std::chrono::days lifetime{3650};
  std::filesystem::path directory, passphrase_file;
};
int ca_init(const CaInit& command, const OfflineContext& context);

// On the issuing CA's machine: makes ca.key there and the request for the root.
struct CaRequest {
  std::string realm, country;
  std::filesystem::path directory, passphrase_file, out;
};
int ca_request(const CaRequest& command, const OfflineContext& context);

// At the root: certifies the issuing CA. The certificate becomes ca.crt beside its key.
struct CaIssuing {
  std::filesystem::path directory, passphrase_file, request, out;
  std::chrono::days lifetime{730};
};
int ca_issuing(const CaIssuing& command, const OfflineContext& context);

// Checks a request and writes the certificate, with that of an issuing CA behind it; an empty `role` takes that of the request, an empty `out` prints it.
// A key gets one certificate. `renewal`: the subject must have one already, and `same_key` then allows its key.
struct CaIssue {
  std::filesystem::path directory, passphrase_file, request, out;
  std::string role;
  std::string crl_url{};
  bool renewal = false, same_key = false;
};
int ca_issue(const CaIssue& command, const OfflineContext& context);

struct CaRevoke {
  std::filesystem::path directory;
  std::string serial, reason;
};
int ca_revoke(const CaRevoke& command, const OfflineContext& context);

// The signed list, DER. Its number is one more than the last.
struct CaCrl {
  std::filesystem::path directory, passphrase_file, out;
  std::chrono::days lifetime{7};
};
int ca_crl(const CaCrl& command, const OfflineContext& context);

struct CaList {
  std::filesystem::path directory;
  bool valid_only = false;
};
int ca_list(const CaList& command, const OfflineContext& context);

// One OCSP request to one answer, both DER; "-" is standard input and output, so that any web server can pass requests through it.
struct CaOcsp {
  std::filesystem::path directory, passphrase_file, request, answer;
  std::chrono::hours lifetime{24};
};
int ca_ocsp(const CaOcsp& command, const OfflineContext& context);

}  // namespace liaison::cli
