// Key files of persons and of the bus. The secret passes through memory that is cleansed; nothing of a file's content goes into an error.
#include "io/bus/curve_keys.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zmq.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>

namespace liaison::bus {
namespace {

constexpr std::size_t key_file_bytes_max = 1024;
constexpr std::string_view z85_alphabet = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";

struct File {
  int fd = -1;
  explicit File(int descriptor) : fd(descriptor) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() { if (fd >= 0) ::close(fd); }
};

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(fd, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

// The rest of the line after `key `, or nullopt; moves past the line.
std::optional<std::string_view> line_of(std::string_view& rest, std::string_view key) {
  const auto end = rest.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  if (!line.starts_with(key)) return std::nullopt;
  line.remove_prefix(key.size());
  if (line.empty() || line.front() != ' ') return std::nullopt;
  return line.substr(1);
}

Result<SecretBytes> read_private_file(const std::string& path) {
  const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (file.fd < 0) return fail(Errc::key_missing, "cannot open key file " + path + ": " + std::strerror(errno));
  struct stat facts {};
  if (::fstat(file.fd, &facts) != 0 || !S_ISREG(facts.st_mode)) return fail(Errc::key_missing, path + " is not a file");
  if ((facts.st_mode & 077) != 0) return fail(Errc::key_unprotected, "others may read key file " + path + ": chmod 600, and make a new key if it was exposed");
  if (facts.st_size <= 0 || static_cast<std::size_t>(facts.st_size) > key_file_bytes_max) return fail(Errc::bad_format, path + " is not a key file");
  SecretBytes content(static_cast<std::size_t>(facts.st_size));
  const ssize_t count = ::read(file.fd, content.writable().data(), content.writable().size());
  if (count != facts.st_size) return fail(Errc::key_missing, "cannot read key file " + path);
  return content;
}

}  // namespace

bool is_person_name(std::string_view name) {
  const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  return !name.empty() && name.size() <= 64 && plain(name.front()) &&
         std::all_of(name.begin(), name.end(), [&](char c) { return plain(c) || c == '.' || c == '_' || c == '-'; });
}

std::string z85_of(ByteView key) {
  char chars[z85_key_chars + 1] = {};
  if (key.size() != 32 || ::zmq_z85_encode(chars, key.data(), key.size()) == nullptr) return {};
  return chars;
}

bool is_z85_key(std::string_view chars) {
  return chars.size() == z85_key_chars && chars.find_first_not_of(z85_alphabet) == std::string_view::npos;
}

CurveKeys make_keys(const std::string& name) {
  std::array<char, z85_key_chars + 1> open{};
  SecretBytes secret(z85_key_chars + 1);
  const int made = zmq_curve_keypair(open.data(), reinterpret_cast<char*>(secret.writable().data()));
  liaison_assert(made == 0);  // fails only in a ZeroMQ built without CURVE
  return CurveKeys{name, std::string(open.data(), z85_key_chars), SecretBytes(secret.reveal().first(z85_key_chars))};
}

Result<void> create_key_file(const std::string& path, std::string_view header, const CurveKeys& keys) {
  const File file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (file.fd < 0 && errno == EEXIST) return fail(Errc::already_exists, path + " exists; keys are never overwritten");
  if (file.fd < 0) return fail(Errc::store_failed, "cannot create key file " + path + ": " + std::strerror(errno));
  const std::string open = std::string(header) + "\nname " + keys.name + "\npublic " + keys.public_z85 + "\nsecret ";
  const bool written = ::fchmod(file.fd, 0600) == 0 && write_all(file.fd, open) && write_all(file.fd, text(keys.secret_z85.reveal())) &&
                       write_all(file.fd, "\n") && ::fsync(file.fd) == 0;
  if (!written) {
    ::unlink(path.c_str());
    return fail(Errc::store_failed, "cannot write key file " + path);
  }
  const auto slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const File directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.fd < 0 || ::fsync(directory.fd) != 0) return fail(Errc::store_failed, "cannot make key file " + path + " durable");
  return {};
}

Result<CurveKeys> load_key_file(const std::string& path, std::string_view header) {
  LIAISON_TRY(const SecretBytes content, read_private_file(path));
  std::string_view rest = text(content.reveal());
  const auto bad = [&](const char* why) { return fail(Errc::bad_format, path + ": " + why); };
  const std::string first = std::string(header) + "\n";
  if (!rest.starts_with(first)) return bad("the first line of the file must be the header of this kind of key");
  rest.remove_prefix(first.size());
  const auto name = line_of(rest, "name");
  const auto open = line_of(rest, "public");
  const auto secret = line_of(rest, "secret");
  if (!name || !is_person_name(*name)) return bad("line 2 must be: name NAME");
  if (!open || !is_z85_key(*open)) return bad("line 3 must be: public KEY");
  if (!secret || !is_z85_key(*secret) || !rest.empty()) return bad("line 4, the last, must be: secret KEY");
  SecretBytes terminated(z85_key_chars + 1);
  std::copy(secret->begin(), secret->end(), terminated.writable().begin());
  std::array<char, z85_key_chars + 1> derived{};
  const int done = zmq_curve_public(derived.data(), reinterpret_cast<const char*>(terminated.reveal().data()));
  if (done != 0 || *open != std::string_view(derived.data(), z85_key_chars)) return bad("public and secret key do not belong together");
  return CurveKeys{std::string(*name), std::string(*open), SecretBytes(view(*secret))};
}

Result<CurveKeys> load_or_create_bus_key(const std::string& path, const std::string& agency) {
  struct stat facts {};
  if (::lstat(path.c_str(), &facts) == 0 || errno != ENOENT) return load_key_file(path, bus_key_header);
  CurveKeys keys = make_keys(agency);
  LIAISON_CHECK(create_key_file(path, bus_key_header, keys));
  return keys;
}

}  // namespace liaison::bus
