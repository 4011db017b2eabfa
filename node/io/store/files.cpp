// Private, durable and locked files over POSIX calls. Blocking: start-up, the store thread and key refill only.
#include "io/store/files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>

namespace liaison::store {
namespace {
std::string reason() { return std::error_code(errno, std::generic_category()).message(); }

Error system_error(const std::filesystem::path& path, std::string_view doing) {
  const int code = errno;
  const std::string place = path.string() + ": cannot " + std::string(doing) + ": " + reason();
  if (code == EROFS) return fail(Errc::store_read_only, place + "; mount the file system writable or move data_dir");
  if (code == EACCES || code == EPERM) return fail(Errc::store_read_only, place + "; give the directory to the user of the node (chown)");
  if (code == ENOSPC || code == EDQUOT) return fail(Errc::disk_full, place + "; free space or enlarge the file system");
  return fail(Errc::store_failed, place);
}

Result<void> write_all(int file, ByteView bytes, const std::filesystem::path& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return system_error(path, "write");
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

// Writes and syncs a file that must not exist yet.
Result<void> write_new(const std::filesystem::path& path, ByteView bytes, mode_t mode) {
  Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode));
  if (!file && errno == EEXIST) return fail(Errc::already_exists, path.string() + " exists already and is never overwritten");
  if (!file) return system_error(path, "create");
  LIAISON_CHECK(write_all(file.get(), bytes, path));
  if (::fsync(file.get()) != 0) return system_error(path, "sync");
  return {};
}

template <class Container>
Result<void> read_all(int file, Container& out, const std::filesystem::path& path) {
  auto rest = std::span<std::uint8_t>(out);
  while (!rest.empty()) {
    const ssize_t got = ::read(file, rest.data(), rest.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error(path, "read");
    if (got == 0) return fail(Errc::store_failed, path.string() + ": changed while it was read");
    rest = rest.subspan(static_cast<std::size_t>(got));
  }
  return {};
}
}  // namespace

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  if (this != &other) {
    if (number_ >= 0) ::close(number_);
    number_ = std::exchange(other.number_, -1);
  }
  return *this;
}

Descriptor::~Descriptor() {
  if (number_ >= 0) ::close(number_);
}

Result<void> make_private_directory(const std::filesystem::path& path) {
  if (::mkdir(path.c_str(), 0700) == 0) return sync_directory(path.parent_path().empty() ? "." : path.parent_path());
  if (errno != EEXIST) return system_error(path, "make the directory");
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return system_error(path, "look at the directory");
  if (!S_ISDIR(info.st_mode)) return fail(Errc::invalid_settings, path.string() + " is not a directory: name a directory, or move the file away");
  if (info.st_uid != ::geteuid()) return fail(Errc::invalid_settings, path.string() + " belongs to another user: chown it to the user of the node");
  if ((info.st_mode & 077) != 0) return fail(Errc::key_unprotected, path.string() + " is open to other users: chmod 700 " + path.string());
  return {};
}

Result<DirectoryLock> DirectoryLock::acquire(const std::filesystem::path& directory) {
  const auto path = directory / "liaison.lock";
  Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file) return system_error(path, "open the lock file");
  if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return system_error(path, "lock");
    char holder[32] = {};
    const ssize_t got = ::pread(file.get(), holder, sizeof holder - 1, 0);
    const std::string who = got > 0 ? " (" + std::string(holder, static_cast<std::size_t>(got)) + ")" : "";
    return fail(Errc::busy, directory.string() + " is in use by another process" + who + ": stop it first, two nodes never share a directory");
  }
  const std::string mine = "process " + std::to_string(::getpid());
  if (::ftruncate(file.get(), 0) != 0 || ::pwrite(file.get(), mine.data(), mine.size(), 0) < 0) return system_error(path, "write the lock file");
  DirectoryLock lock;
  lock.file_ = std::move(file);
  return lock;
}

Result<Bytes> read_file(const std::filesystem::path& path, std::size_t bytes_max) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file && errno == ENOENT) return fail(Errc::not_found, path.string() + " does not exist");
  if (!file) return fail(Errc::store_failed, path.string() + ": cannot read: " + reason());
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) return system_error(path, "look at the file");
  if (!S_ISREG(info.st_mode)) return fail(Errc::invalid_settings, path.string() + " is not a file");
  if (static_cast<std::uint64_t>(info.st_size) > bytes_max)
    return fail(Errc::limit_exceeded, path.string() + " has " + std::to_string(info.st_size) + " bytes, at most " + std::to_string(bytes_max) + " are read");
  Bytes out(static_cast<std::size_t>(info.st_size));
  LIAISON_CHECK(read_all(file.get(), out, path));
  return out;
}

Result<SecretBytes> read_private_file(const std::filesystem::path& path, std::size_t bytes_max) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file && errno == ENOENT) return fail(Errc::key_missing, path.string() + " does not exist");
  if (!file) return fail(Errc::key_missing, path.string() + ": cannot read: " + reason());
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) return system_error(path, "look at the file");
  if (!S_ISREG(info.st_mode)) return fail(Errc::key_missing, path.string() + " is not a file");
  if ((info.st_mode & 077) != 0) return fail(Errc::key_unprotected, path.string() + " is open to other users: chmod 600 " + path.string() + ", and replace what it holds if others may have read it");
  if (info.st_uid != ::geteuid() && info.st_uid != 0) return fail(Errc::key_unprotected, path.string() + " belongs to another user: chown it to the user of the node");
  if (static_cast<std::uint64_t>(info.st_size) > bytes_max) return fail(Errc::limit_exceeded, path.string() + " is too large for what it should hold");
  SecretBytes out(static_cast<std::size_t>(info.st_size));
  auto writable = out.writable();
  LIAISON_CHECK(read_all(file.get(), writable, path));
  return out;
}

Result<void> write_durably(const std::filesystem::path& path, ByteView bytes, mode_t mode) {
  auto temporary = path;
  temporary += ".new";
  ::unlink(temporary.c_str());  // left by a crash; absent is fine
  LIAISON_CHECK(write_new(temporary, bytes, mode));
  if (::rename(temporary.c_str(), path.c_str()) != 0) return system_error(path, "rename into place");
  return sync_directory(path.parent_path());
}

Result<void> create_durably(const std::filesystem::path& path, ByteView bytes, mode_t mode) {
  auto temporary = path;
  temporary += ".new";
  ::unlink(temporary.c_str());  // left by a crash; absent is fine
  LIAISON_CHECK(write_new(temporary, bytes, mode));
  const int linked = ::link(temporary.c_str(), path.c_str());  // unlike rename, refuses to replace
  const int code = errno;
  ::unlink(temporary.c_str());
  if (linked != 0 && code == EEXIST) return fail(Errc::already_exists, path.string() + " exists already and is never overwritten");
  errno = code;
  if (linked != 0) return system_error(path, "put into place");
  return sync_directory(path.parent_path());
}

Result<void> sync_file(const std::filesystem::path& path) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file || ::fsync(file.get()) != 0) return system_error(path, "sync the file");
  return {};
}

Result<void> sync_directory(const std::filesystem::path& path) {
  const std::filesystem::path place = path.empty() ? "." : path;
  Descriptor directory(::open(place.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory || ::fsync(directory.get()) != 0) return system_error(place, "sync the directory");
  return {};
}

Result<std::uint64_t> free_bytes(const std::filesystem::path& path) {
  struct statvfs info {};
  if (::statvfs(path.c_str(), &info) != 0) return system_error(path, "ask for free space");
  return static_cast<std::uint64_t>(info.f_bavail) * info.f_frsize;
}

}  // namespace liaison::store
