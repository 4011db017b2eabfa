// Loads every role, refuses shared keys, and lets each role do only its own kind of work.
#include "io/keys/file_key_holder.h"

#include <set>

#include "core/crypto/hpke.h"
#include "io/keys/passphrase.h"

namespace liaison::keys {
using crypto::KeyRole;

namespace {
constexpr std::string_view text_prefix = "liaison ";
}  // namespace

Result<std::unique_ptr<FileKeyHolder>> FileKeyHolder::open(const KeyOptions& options, const exchange::Clock& clock, exchange::Random& random) {
  std::unique_ptr<FileKeyHolder> self(new FileKeyHolder);
  std::error_code ignored;
  if (!std::filesystem::exists(options.keys_dir, ignored))
    return fail(Errc::key_missing, options.keys_dir.string() + " does not exist: make the keys of this node with 'liaison keys init', or correct keys_dir");
  LIAISON_CHECK(store::make_private_directory(options.keys_dir));
  if (options.token) {
    LIAISON_TRY(self->token_, Token::open(*options.token));
  }
  LIAISON_TRY(SecretBytes passphrase, load_passphrase(options.passphrase_file));
  self->passphrase_file_ = options.passphrase_file;
  LIAISON_CHECK(self->load(options.keys_dir, passphrase.reveal()));
  self->keks_ = std::make_unique<Keks>(options.keys_dir / "kek", std::move(passphrase), random);
  LIAISON_TRY(self->data_keys_, DataKeys::open({.path = options.data_keys_dir, .block_keys = options.block_keys}, *self->keks_, clock, random));
  return self;
}

Result<void> FileKeyHolder::load(const std::filesystem::path& keys_dir, ByteView passphrase) {
  std::set<Hash> seen;
  const auto shared = [&](const crypto::PrivateKey& key, std::string_view role) -> Result<void> {
    if (seen.insert(key.public_key().hash()).second) return {};
    return fail(Errc::key_not_valid, keys_dir.string() + ": the key of role " + std::string(role) + " serves another role too: every role needs its own, make them with 'liaison keys init'");
  };
  for (const auto role : node_roles()) {
    if (role == KeyRole::box) continue;
    const auto file = key_file(keys_dir, role);
    if (in_token(role)) {
      if (std::error_code ignored; std::filesystem::exists(file, ignored))
        return fail(Errc::key_not_valid, file.string() + " exists, and the settings say that the key of " + std::string(crypto::name(role)) + " is in a token: remove the file if the token's key is registered, or pkcs11." + std::string(crypto::name(role)) + " if it is not");
      continue;
    }
    LIAISON_TRY(auto key, load_key(file, role, passphrase));
    LIAISON_CHECK(shared(key, crypto::name(role)));
    keys_.emplace(role, std::move(key));
  }
  keys_dir_ = keys_dir;
  LIAISON_TRY(boxes_, read_boxes(passphrase));
  current_box_ = load_box_keys(keys_dir, passphrase)->front().key.public_key().hash();
  for (const auto& [hash, box] : *boxes_) LIAISON_CHECK(shared(box.key, "box"));
  return {};
}

Result<Bytes> FileKeyHolder::sign(KeyRole role, ByteView text_bytes) const {
  if (role == KeyRole::tls || role == KeyRole::box) return fail(Errc::invalid_argument, "role " + std::string(crypto::name(role)) + " signs no texts");
  const bool texts_only = role == KeyRole::seal || role == KeyRole::link;
  if (texts_only && !text(text_bytes).starts_with(text_prefix)) return fail(Errc::invalid_argument, "role " + std::string(crypto::name(role)) + " signs only texts that begin '" + std::string(text_prefix) + "'");
  if (in_token(role)) return token_->sign(role, text_bytes);
  const auto found = keys_.find(role);
  if (found == keys_.end()) return fail(Errc::unknown_key, "role " + std::string(crypto::name(role)) + " has no key on a node");
  return found->second.sign(text_bytes);
}

Result<crypto::PublicKey> FileKeyHolder::public_key(KeyRole role) const {
  if (role == KeyRole::box) {
    const std::scoped_lock lock(boxes_mutex_);
    return boxes_->at(current_box_).key.public_key();
  }
  if (in_token(role)) return token_->public_key(role);
  const auto found = keys_.find(role);
  if (found == keys_.end()) return fail(Errc::unknown_key, "role " + std::string(crypto::name(role)) + " has no key on a node");
  return found->second.public_key();
}

Result<SecretBytes> FileKeyHolder::decapsulate(const Hash& box_key, ByteView enc) const {
  const auto held = boxes();
  const auto found = held->find(box_key);
  if (found == held->end()) return fail(Errc::unknown_key, "box key " + to_base64(box_key) + " is not held");
  return crypto::hpke_decapsulate(found->second.key, enc);
}

std::shared_ptr<const FileKeyHolder::Boxes> FileKeyHolder::boxes() const {
  const std::scoped_lock lock(boxes_mutex_);
  return boxes_;
}

Result<std::shared_ptr<const FileKeyHolder::Boxes>> FileKeyHolder::read_boxes(ByteView passphrase) const {
  LIAISON_TRY(auto loaded, load_box_keys(keys_dir_, passphrase));
  auto made = std::make_shared<Boxes>();
  for (auto& one : loaded) {
    const Hash hash = one.key.public_key().hash();
    if (!made->emplace(hash, std::move(one)).second) return fail(Errc::key_not_valid, keys_dir_.string() + ": one box key is there twice; remove one of the files");
  }
  return std::shared_ptr<const Boxes>(std::move(made));
}

Result<void> FileKeyHolder::reload_box_keys() {
  LIAISON_TRY(const SecretBytes passphrase, load_passphrase(passphrase_file_));
  LIAISON_TRY(auto fresh, read_boxes(passphrase.reveal()));
  const std::scoped_lock lock(boxes_mutex_);
  if (!fresh->contains(current_box_)) current_box_ = fresh->begin()->first;
  boxes_ = std::move(fresh);
  return {};
}

std::vector<Hash> FileKeyHolder::box_keys() const {
  std::vector<Hash> out;
  const auto held = boxes();
  for (const auto& [hash, box] : *held) out.push_back(hash);
  return out;
}

void FileKeyHolder::use_box_key(const Hash& key) {
  const std::scoped_lock lock(boxes_mutex_);
  liaison_assert(boxes_->contains(key));
  current_box_ = key;
}

Result<void> FileKeyHolder::destroy_box_key(const Hash& key) {
  const auto held = boxes();
  const auto found = held->find(key);
  if (found == held->end() || held->size() == 1) return fail(Errc::not_found, "box key " + to_base64(key) + " is not held beside another one");
  std::error_code error;
  std::filesystem::remove(found->second.file, error);
  if (error) return fail(Errc::store_failed, found->second.file.string() + ": cannot be removed: " + error.message());
  LIAISON_CHECK(store::sync_directory(keys_dir_));
  return reload_box_keys();
}

}  // namespace liaison::keys
