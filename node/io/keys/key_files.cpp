// Making and loading key files. A file counts only when its mode, its owner and the type of its key are right.
#include "io/keys/key_files.h"

#include <string.h>

#include <algorithm>

namespace liaison::keys {
using crypto::KeyRole;

namespace {
constexpr std::size_t key_file_bytes_max = 16 << 10;
constexpr std::array roles{KeyRole::tls, KeyRole::seal, KeyRole::link, KeyRole::box, KeyRole::log, KeyRole::witness, KeyRole::exporting};

Error explain(const std::filesystem::path& file, const Error& why, bool encrypted, bool passphrase_given) {
  const std::string place = file.string() + ": ";
  if (encrypted && !passphrase_given) return fail(Errc::key_missing, place + "is encrypted and no passphrase is configured: set passphrase_file, or give the credential liaison-passphrase");
  if (encrypted && why.code == Errc::key_missing) return fail(Errc::key_missing, place + "the configured passphrase does not open it: correct the passphrase file");
  return fail(Errc::key_not_valid, place + "is not a PKCS#8 key of this program (" + why.message() + "): restore it from its copy, or make new keys with 'liaison keys init'");
}

Result<void> write_key(const std::filesystem::path& file, const crypto::PrivateKey& key, ByteView passphrase) {
  LIAISON_TRY(Bytes pem, key.to_pkcs8_pem(passphrase));
  const SecretBytes secret{ByteView(pem)};
  ::explicit_bzero(pem.data(), pem.size());
  return store::create_durably(file, secret.reveal(), 0600);
}
}  // namespace

std::span<const KeyRole> node_roles() { return roles; }

std::filesystem::path key_file(const std::filesystem::path& keys_dir, KeyRole role) { return keys_dir / (std::string(crypto::name(role)) + ".key"); }

Result<void> generate_keys(const std::filesystem::path& keys_dir, ByteView passphrase, std::span<const KeyRole> in_token) {
  LIAISON_CHECK(store::make_private_directory(keys_dir));
  for (const auto role : roles) {
    std::error_code ignored;
    const auto file = key_file(keys_dir, role);
    if (std::filesystem::exists(std::filesystem::symlink_status(file, ignored)))
      return fail(Errc::already_exists, file.string() + " exists already: name another directory, or move the old keys away (what was sealed to them cannot be opened without them)");
  }
  for (const auto role : roles) {
    if (std::find(in_token.begin(), in_token.end(), role) != in_token.end()) continue;
    LIAISON_TRY(const auto key, crypto::PrivateKey::generate(crypto::key_type(role)));
    LIAISON_CHECK(write_key(key_file(keys_dir, role), key, passphrase));
  }
  return {};
}

Result<crypto::PrivateKey> load_key(const std::filesystem::path& file, KeyRole role, ByteView passphrase) {
  const auto pem = store::read_private_file(file, key_file_bytes_max);
  if (!pem && pem.error().code == Errc::key_missing)
    return fail(Errc::key_missing, pem.error().detail + ": make the keys of this node with 'liaison keys init', or correct keys_dir");
  if (!pem) return pem.error();
  const bool encrypted = text(pem->reveal()).find("ENCRYPTED PRIVATE KEY") != std::string_view::npos;
  auto key = crypto::PrivateKey::from_pkcs8(pem->reveal(), passphrase);
  if (!key) return explain(file, key.error(), encrypted, !passphrase.empty());
  if (key->public_key().type() != crypto::key_type(role)) return fail(Errc::key_not_valid, file.string() + ": is not of the type that role " + std::string(crypto::name(role)) + " needs");
  return key;
}

Result<std::vector<BoxKey>> load_box_keys(const std::filesystem::path& keys_dir, ByteView passphrase) {
  std::vector<std::filesystem::path> files;
  std::error_code problem;
  for (const auto& entry : std::filesystem::directory_iterator(keys_dir, problem)) {
    const std::string file = entry.path().filename().string();
    if (file.starts_with("box-") && file.ends_with(".key")) files.push_back(entry.path());
  }
  if (problem) return fail(Errc::key_missing, keys_dir.string() + ": cannot list: " + problem.message());
  std::sort(files.begin(), files.end());
  const auto first = key_file(keys_dir, KeyRole::box);
  if (files.empty() || std::filesystem::exists(std::filesystem::symlink_status(first, problem))) files.insert(files.begin(), first);
  std::vector<BoxKey> keys;
  for (const auto& file : files) {
    LIAISON_TRY(auto key, load_key(file, KeyRole::box, passphrase));
    keys.push_back({file, std::move(key)});
  }
  return keys;
}

Result<BoxKey> make_box_key(const std::filesystem::path& keys_dir, ByteView passphrase, Time now) {
  LIAISON_TRY(auto held, load_box_keys(keys_dir, passphrase));  // a folder of this node, and the passphrase of its keys
  const std::string day = "box-" + to_string(now).substr(0, 10);
  for (auto& one : held)
    if (one.file.filename().string().starts_with(day)) return std::move(one);
  LIAISON_TRY(auto key, crypto::PrivateKey::generate(crypto::key_type(KeyRole::box)));
  const auto file = keys_dir / (day + "-" + to_hex(ByteView(key.public_key().hash()).first(4)) + ".key");
  LIAISON_CHECK(write_key(file, key, passphrase));
  return BoxKey{file, std::move(key)};
}

}  // namespace liaison::keys
