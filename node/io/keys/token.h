// Keys in hardware (PKCS#11): the private key of a role stays in a token (HSM, smart card), which signs with CKM_ECDSA; this process never sees it. One session, one
// log-in; a wrong PIN is tried once and never again, and not at all when the token says that a wrong one was given before, so that restarts cannot lock it.
// A token that is away makes its role answer `busy`: what needs the role waits, and the next try connects again. Thread safe; each signature waits for the token.
#pragma once
#include <functional>
#include <map>
#include <memory>

#include "core/crypto/keys.h"
#include "io/store/files.h"

namespace liaison::keys {

struct TokenOptions {
  std::filesystem::path module;                    // the vendor's library, for example /usr/lib/softhsm/libsofthsm2.so
  std::string token;                               // label of the token
  std::filesystem::path pin_file;                  // private file, or a systemd credential's path
  std::map<crypto::KeyRole, std::string> labels;   // of the P-256 key pair of each role: seal, tls
  std::function<void(const std::string&)> on_change{};  // told when the token goes and when it is back; by whichever thread signs
};

class Token {
 public:
  // Errors: invalid_settings (module), key_missing (no such token, no such key, PIN refused), key_not_valid (not P-256); each names what is missing and what to do.
  static Result<std::unique_ptr<Token>> open(TokenOptions options);
  ~Token();
  bool holds(crypto::KeyRole role) const;
  // busy while the token is away.
  Result<crypto::PublicKey> public_key(crypto::KeyRole role) const;
  // ECDSA over the SHA-256 of the text, DER; verified with the public key before it leaves. Errors: busy (away), crypto_failed.
  Result<Bytes> sign(crypto::KeyRole role, ByteView text) const;
  // A key for OpenSSL whose signatures the token makes. The token outlives it.
  Result<crypto::EvpKey> evp(crypto::KeyRole role) const;

 private:
  struct State;
  explicit Token(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace liaison::keys
