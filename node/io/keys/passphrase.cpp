// Reads the passphrase file. systemd makes its credentials private to the service itself, so the same check holds for both.
#include "io/keys/passphrase.h"

#include <cstdlib>

namespace liaison::keys {
namespace {
constexpr std::size_t passphrase_bytes_max = 1024;
constexpr std::string_view credential = "liaison-passphrase";
}  // namespace

Result<SecretBytes> load_passphrase(const std::filesystem::path& configured) {
  std::filesystem::path file = configured;
  if (file.empty()) {
    const char* directory = std::getenv("CREDENTIALS_DIRECTORY");
    std::error_code ignored;
    if (directory == nullptr || !std::filesystem::exists(std::filesystem::path(directory) / credential, ignored)) return SecretBytes();
    file = std::filesystem::path(directory) / credential;
  }
  LIAISON_TRY(const auto bytes, store::read_private_file(file, passphrase_bytes_max));
  ByteView chars = bytes.reveal();
  if (!chars.empty() && chars.back() == '\n') chars = chars.first(chars.size() - 1);
  if (!chars.empty() && chars.back() == '\r') chars = chars.first(chars.size() - 1);
  if (chars.empty()) return fail(Errc::key_missing, file.string() + " is empty: write the passphrase into it, or remove the setting when the key files are plain");
  return SecretBytes(chars);
}

}  // namespace liaison::keys
