// HPKE base mode (RFC 9180): DHKEM(P-256, HKDF-SHA256) 0x0010, HKDF-SHA256 0x0001, AES-128-GCM 0x0001 or AES-256-GCM 0x0002.
// Randomness comes in as an argument (ephemeral ikm). Base mode authenticates nobody: see formats 3. Errors: cannot_open, crypto_failed.
#pragma once
#include "core/crypto/keys.h"

namespace liaison::crypto {

enum class HpkeAead : std::uint16_t { aes_128_gcm = 1, aes_256_gcm = 2 };

// One direction's context after KeySchedule; copyable state is secret.
class HpkeContext {
 public:
  Result<SecretBytes> export_secret(ByteView exporter_context, std::size_t length) const;
  Result<Bytes> seal(ByteView aad, ByteView plain);     // uses and advances the sequence number
  Result<Bytes> open(ByteView aad, ByteView cipher);    // cipher includes the 16-byte tag
  static Result<HpkeContext> from_shared_secret(ByteView shared_secret, ByteView info, HpkeAead aead);

 private:
  HpkeContext() = default;
  Bytes nonce() const;
  HpkeAead aead_{};
  SecretBytes key_, exporter_;
  Bytes base_nonce_;
  std::uint64_t sequence_ = 0;
};

struct HpkeSender {
  Bytes enc;  // 65 bytes
  HpkeContext context;
};
Result<HpkeSender> hpke_setup_sender(const PublicKey& to, ByteView info, ByteView ephemeral_ikm, HpkeAead aead);
// DHKEM Decap: the shared secret that from_shared_secret takes; the expensive step a receiver caches by enc.
Result<SecretBytes> hpke_decapsulate(const PrivateKey& mine, ByteView enc);

}  // namespace liaison::crypto
