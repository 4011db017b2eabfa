// exchange::KeyHolder on files and tokens: long-lived keys from `<role>.key` or a PKCS#11 token, data keys from the environment `keys`. Everything is loaded and checked when it opens.
// seal and link sign only texts that begin "liaison "; tls and box never sign here. Thread safe. No key leaves except the tls key, to the TLS library.
#pragma once
#include <map>
#include <memory>
#include <mutex>

#include "io/keys/data_keys.h"
#include "io/keys/key_files.h"
#include "io/keys/token.h"

namespace liaison::keys {

struct KeyOptions {
  std::filesystem::path keys_dir;         // <role>.key, box-*.key, kek/
  std::filesystem::path data_keys_dir;    // LMDB environment, usually <data_dir>/keys
  std::filesystem::path passphrase_file;  // empty: systemd credential, or plain key files
  std::size_t block_keys = DataKeyOptions{}.block_keys;
  std::optional<TokenOptions> token{};    // roles whose keys stay in a token; an empty pin_file: systemd credential liaison-pin
};

class FileKeyHolder final : public exchange::KeyHolder {
 public:
  // `clock` and `random` outlive it. Errors: key_missing, key_unprotected, key_not_valid, and those of the environment.
  static Result<std::unique_ptr<FileKeyHolder>> open(const KeyOptions& options, const exchange::Clock& clock, exchange::Random& random);

  Result<Bytes> sign(crypto::KeyRole role, ByteView text) const override;
  Result<crypto::PublicKey> public_key(crypto::KeyRole role) const override;
  Result<SecretBytes> decapsulate(const Hash& box_key, ByteView enc) const override;
  Result<DataKey> new_data_key() override { return data_keys_->next(); }
  Result<SecretBytes> data_key(std::uint64_t id) const override { return data_keys_->find(id); }
  Result<void> destroy_data_keys(std::span<const std::uint64_t> ids) { return data_keys_->destroy(ids); }

  const crypto::PrivateKey& tls_key() const { return keys_.at(crypto::KeyRole::tls); }  // only when it is a file
  // Box keys come and go while the node runs: read again, chosen by the directory, destroyed. The file of a destroyed key is gone when the call returns.
  Result<void> reload_box_keys();
  std::vector<Hash> box_keys() const;
  void use_box_key(const Hash& key);            // what public_key(box) answers; one of box_keys()
  Result<void> destroy_box_key(const Hash& key);
  const Token* token() const { return token_.get(); }                                  // null: all keys are files

 private:
  FileKeyHolder() = default;
  Result<void> load(const std::filesystem::path& keys_dir, ByteView passphrase);
  using Boxes = std::map<Hash, BoxKey>;                  // by the hash of the public key
  Result<std::shared_ptr<const Boxes>> read_boxes(ByteView passphrase) const;
  std::shared_ptr<const Boxes> boxes() const;
  bool in_token(crypto::KeyRole role) const { return token_ && token_->holds(role); }

  std::filesystem::path keys_dir_, passphrase_file_;
  std::map<crypto::KeyRole, crypto::PrivateKey> keys_;   // all but box
  mutable std::mutex boxes_mutex_;                       // guards the next two
  std::shared_ptr<const Boxes> boxes_;                   // replaced as a whole
  Hash current_box_{};
  std::unique_ptr<Token> token_;
  std::unique_ptr<Keks> keks_;
  std::unique_ptr<DataKeys> data_keys_;
};

}  // namespace liaison::keys
