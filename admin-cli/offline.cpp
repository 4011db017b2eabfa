// See offline.h. Nothing here opens a connection; files are written through io/store/files.h, durably and never over another.
#include "admin-cli/offline.h"

#include <algorithm>
#include <ostream>

#include "core/base/limits.h"
#include "io/keys/key_files.h"
#include "io/keys/passphrase.h"

namespace liaison::cli {
namespace {

bool is_usage_or_file(Errc code) {
  return code == Errc::not_found || code == Errc::already_exists || code == Errc::invalid_argument || code == Errc::disk_full ||
         disposition(code) == Disposition::stop_node;
}

}  // namespace

int tell(const OfflineContext& context, std::string_view command, const Error& error) {
  context.err << "liaison " << command << ": " << (error.detail.empty() ? std::string(name(error.code)) : error.detail) << " [" << name(error.code) << "]\n";
  return static_cast<int>(is_usage_or_file(error.code) ? OfflineExit::usage_or_file : OfflineExit::refused);
}

int finish(const OfflineContext& context, std::string_view command, const Result<void>& result) {
  return result ? static_cast<int>(OfflineExit::done) : tell(context, command, result.error());
}

Result<std::string> read_text(const std::filesystem::path& path) {
  LIAISON_TRY(const Bytes bytes, store::read_file(path, limits::directory_bytes_max));
  return std::string(text(bytes));
}

Result<void> write_new(const OfflineContext& context, const std::filesystem::path& path, std::string_view content) {
  if (!path.empty()) return store::create_durably(path, view(content), 0644);
  context.out << content;
  return {};
}

Result<void> write_private_key(const std::filesystem::path& path, const crypto::PrivateKey& key, ByteView passphrase) {
  LIAISON_TRY(Bytes pem, key.to_pkcs8_pem(passphrase));
  const SecretBytes secret{ByteView(pem)};
  std::fill(pem.begin(), pem.end(), std::uint8_t{0});
  return store::create_durably(path, secret.reveal(), 0600);
}

Result<crypto::PrivateKey> load_person_key(const std::filesystem::path& path, const std::filesystem::path& passphrase_file) {
  LIAISON_TRY(const SecretBytes passphrase, keys::load_passphrase(passphrase_file));
  return keys::load_key(path, crypto::KeyRole::authority, passphrase.reveal());
}

}  // namespace liaison::cli
