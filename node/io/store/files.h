// Files the way a node needs them: private, written and synced before they are believed, locked by one process.
// Used at start-up and for small files beside the LMDB environments. Errors say what is wrong, where, and what to do.
#pragma once
#include <sys/types.h>

#include <filesystem>

#include "core/base/result.h"
#include "core/base/secret.h"

namespace liaison::store {

// A file descriptor that is closed when it goes.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept;
  ~Descriptor();
  int get() const { return number_; }
  explicit operator bool() const { return number_ >= 0; }

 private:
  int number_ = -1;
};

// Makes the last component with mode 0700 when it is missing; refuses files, strangers' directories and any access for group or others.
Result<void> make_private_directory(const std::filesystem::path& path);

// Holds the directory for this process until it goes (flock on `liaison.lock`, which names the holder). Errc::busy when somebody else has it.
class DirectoryLock {
 public:
  static Result<DirectoryLock> acquire(const std::filesystem::path& directory);

 private:
  Descriptor file_;
};

// The whole file; Errc::not_found, limit_exceeded above bytes_max.
Result<Bytes> read_file(const std::filesystem::path& path, std::size_t bytes_max);
// The same for secrets: owner must be this user (or root), no access for group and others, else key_unprotected with the cure; key_missing when absent.
Result<SecretBytes> read_private_file(const std::filesystem::path& path, std::size_t bytes_max);
// Temporary file, fsync, rename, fsync of the directory: afterwards either the old or the new content is there, and the new one once this returns.
Result<void> write_durably(const std::filesystem::path& path, ByteView bytes, mode_t mode = 0600);
// The same, but an existing file is never touched (Errc::already_exists).
Result<void> create_durably(const std::filesystem::path& path, ByteView bytes, mode_t mode = 0600);
Result<void> sync_file(const std::filesystem::path& path);
Result<void> sync_directory(const std::filesystem::path& path);
// Free for this user on the file system of `path`.
Result<std::uint64_t> free_bytes(const std::filesystem::path& path);

}  // namespace liaison::store
