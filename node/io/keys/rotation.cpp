// See rotation.h. The order of the two renames is certificate first: a certificate whose key is the waiting one says that the change was decided.
#include "io/keys/rotation.h"

#include <string.h>

#include "core/crypto/certificate.h"
#include "core/crypto/certificate_pem.h"

namespace liaison::keys {
using crypto::KeyRole;

namespace {

constexpr std::size_t certificate_file_bytes_max = 64 << 10;

bool is_there(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::exists(std::filesystem::symlink_status(path, ignored));
}

std::filesystem::path staged(const std::filesystem::path& certificate_file) { return certificate_file.string() + ".next"; }

Result<void> rename_durably(const std::filesystem::path& from, const std::filesystem::path& to) {
  std::error_code error;
  std::filesystem::rename(from, to, error);
  if (error) return fail(Errc::disk_full, "cannot rename " + from.string() + " to " + to.string() + ": " + error.message());
  return store::sync_directory(to.parent_path());
}

// Null: no such file. The hash of the public key of its first certificate.
Result<std::optional<Hash>> key_of(const std::filesystem::path& certificate_file) {
  if (!is_there(certificate_file)) return std::optional<Hash>();
  LIAISON_TRY(const Bytes pem, store::read_file(certificate_file, certificate_file_bytes_max));
  LIAISON_TRY(const auto chain, crypto::chain_from_pem(pem));
  LIAISON_TRY(const Hash key, crypto::certificate_key(chain.front()));
  return std::optional<Hash>(key);
}

}  // namespace

std::filesystem::path next_key_file(const std::filesystem::path& keys_dir, KeyRole role) { return keys_dir / (std::string(crypto::name(role)) + ".next.key"); }

Result<crypto::PrivateKey> begin_rotation(const std::filesystem::path& keys_dir, KeyRole role, ByteView passphrase) {
  const auto file = next_key_file(keys_dir, role);
  if (is_there(file)) return load_key(file, role, passphrase);
  LIAISON_CHECK(load_key(key_file(keys_dir, role), role, passphrase));  // a folder of this node, and the passphrase of its keys
  LIAISON_TRY(auto key, crypto::PrivateKey::generate(crypto::key_type(role)));
  LIAISON_TRY(Bytes pem, key.to_pkcs8_pem(passphrase));
  const SecretBytes secret{ByteView(pem)};
  ::explicit_bzero(pem.data(), pem.size());
  LIAISON_CHECK(store::create_durably(file, secret.reveal(), 0600));
  return key;
}

Result<void> install_certificate(const TlsFiles& files, ByteView passphrase, ByteView pem) {
  const auto next = next_key_file(files.keys_dir, KeyRole::tls);
  if (!is_there(next)) return fail(Errc::key_missing, next.string() + " does not exist: begin with 'liaison keys rotate tls'");
  LIAISON_TRY(const auto key, load_key(next, KeyRole::tls, passphrase));
  LIAISON_TRY(const auto chain, crypto::chain_from_pem(pem));
  LIAISON_TRY(const Hash certified, crypto::certificate_key(chain.front()));
  if (certified != key.public_key().hash()) return fail(Errc::key_not_valid, "the certificate is not of the key in " + next.string() + ": ask for one with the request that 'liaison keys rotate tls' wrote");
  LIAISON_CHECK(store::write_durably(staged(files.certificate_file), pem, 0644));
  LIAISON_TRY(const bool done, finish_rotation(files, passphrase));
  liaison_assert(done);
  return {};
}

Result<bool> finish_rotation(const TlsFiles& files, ByteView passphrase) {
  const auto next = next_key_file(files.keys_dir, KeyRole::tls);
  if (!is_there(next)) return false;
  LIAISON_TRY(const auto key, load_key(next, KeyRole::tls, passphrase));
  const auto certificate = staged(files.certificate_file);
  if (is_there(certificate)) {
    LIAISON_TRY(const auto certified, key_of(certificate));
    if (certified != key.public_key().hash()) return fail(Errc::key_not_valid, certificate.string() + " is not of the key in " + next.string() + ": remove it and install the right certificate");
    LIAISON_CHECK(rename_durably(certificate, files.certificate_file));
  }
  const auto in_place = key_of(files.certificate_file);
  if (!in_place || *in_place != key.public_key().hash()) return false;  // the certificate of the next key has not come yet
  LIAISON_CHECK(rename_durably(next, key_file(files.keys_dir, KeyRole::tls)));
  return true;
}

}  // namespace liaison::keys
