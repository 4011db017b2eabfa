// The folder of a CA on disk: ca.key, ca.crt, register.txt. Held by one process at a time. The register is written and synced before anything made under it
// leaves, and an unfinished last line (the power went) is cut off. Never replaces a file. Errors: busy, bad_format, those of the files.
#pragma once
#include "admin-cli/offline.h"
#include "io/store/files.h"
#include "pki/ca.h"
#include "pki/register.h"

namespace liaison::cli {

class CaBook {
 public:
  static Result<CaBook> open(const std::filesystem::path& folder);
  pki::Register& entries() { return register_; }
  const pki::Register& entries() const { return register_; }
  // A line just made by entries().add_...; durable when it returns.
  Result<void> append(const Result<std::string>& line);

 private:
  explicit CaBook(store::DirectoryLock lock) : lock_(std::move(lock)) {}
  store::DirectoryLock lock_;
  std::filesystem::path file_;
  pki::Register register_;
};

// The CA's certificate with its key, checked against each other.
Result<pki::CountryCa> open_ca(const std::filesystem::path& folder, const std::filesystem::path& passphrase_file);
Result<Bytes> ca_certificate(const std::filesystem::path& folder);  // DER

}  // namespace liaison::cli
