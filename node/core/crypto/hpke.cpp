// HPKE base mode: DHKEM, key schedule, export, seal and open (RFC 9180 sections 4.1, 5.1, 5.2, 5.3). OpenSSL 3.0 has no OSSL_HPKE,
// so the composition is here and every primitive is OpenSSL's. A failed open leaves the sequence number as it was.
#include "core/crypto/hpke.h"

#include <limits>

#include "core/crypto/gcm.h"
#include "core/crypto/hkdf.h"
#include "core/crypto/kem.h"

namespace liaison::crypto {
namespace {

constexpr std::size_t point_bytes = 65;
constexpr std::size_t secret_bytes = 32;

struct KemInput {
  ByteView enc;
  ByteView recipient;  // the receiver's 65-byte point
};

Result<SecretBytes> shared_secret(const SecretBytes& dh, const KemInput& input) {
  LIAISON_TRY(const SecretBytes prk, labelled_extract({kem_suite, "eae_prk"}, {}, dh.reveal()));
  Bytes context = to_bytes(input.enc);
  put(context, input.recipient);
  return labelled_expand({kem_suite, "shared_secret"}, prk.reveal(), context, secret_bytes);
}

// "HPKE" || KEM DHKEM(P-256, HKDF-SHA256) || KDF HKDF-SHA256 || AEAD
std::array<std::uint8_t, 10> suite_id(HpkeAead aead) {
  return {'H', 'P', 'K', 'E', 0x00, 0x10, 0x00, 0x01, 0x00, static_cast<std::uint8_t>(aead)};
}

std::size_t key_bytes(HpkeAead aead) { return aead == HpkeAead::aes_256_gcm ? 32 : 16; }

// mode || psk_id_hash || info_hash, with mode base and no PSK.
Result<Bytes> schedule_context(ByteView suite, ByteView info) {
  LIAISON_TRY(const SecretBytes psk_id_hash, labelled_extract({suite, "psk_id_hash"}, {}, {}));
  LIAISON_TRY(const SecretBytes info_hash, labelled_extract({suite, "info_hash"}, {}, info));
  Bytes context{0x00};
  put(context, psk_id_hash.reveal());
  put(context, info_hash.reveal());
  return context;
}

}  // namespace

Result<HpkeContext> HpkeContext::from_shared_secret(ByteView shared_secret, ByteView info, HpkeAead aead) {
  const auto suite = suite_id(aead);
  LIAISON_TRY(const Bytes context, schedule_context(suite, info));
  LIAISON_TRY(const SecretBytes secret, labelled_extract({suite, "secret"}, shared_secret, {}));
  HpkeContext out;
  out.aead_ = aead;
  LIAISON_TRY(out.key_, labelled_expand({suite, "key"}, secret.reveal(), context, key_bytes(aead)));
  LIAISON_TRY(const SecretBytes nonce, labelled_expand({suite, "base_nonce"}, secret.reveal(), context, aead_nonce_bytes));
  LIAISON_TRY(out.exporter_, labelled_expand({suite, "exp"}, secret.reveal(), context, secret_bytes));
  out.base_nonce_ = to_bytes(nonce.reveal());
  return out;
}

Result<SecretBytes> HpkeContext::export_secret(ByteView exporter_context, std::size_t length) const {
  return labelled_expand({suite_id(aead_), "sec"}, exporter_.reveal(), exporter_context, length);
}

Bytes HpkeContext::nonce() const {
  Bytes out = base_nonce_;
  for (std::size_t i = 0; i < 8; ++i) out[out.size() - 1 - i] ^= static_cast<std::uint8_t>(sequence_ >> (8 * i));
  return out;
}

Result<Bytes> HpkeContext::seal(ByteView aad, ByteView plain) {
  liaison_assert(sequence_ < std::numeric_limits<std::uint64_t>::max());
  LIAISON_TRY(Bytes cipher, gcm_seal({key_.reveal(), nonce()}, aad, plain));
  ++sequence_;
  return cipher;
}

Result<Bytes> HpkeContext::open(ByteView aad, ByteView cipher) {
  liaison_assert(sequence_ < std::numeric_limits<std::uint64_t>::max());
  LIAISON_TRY(Bytes plain, gcm_open({key_.reveal(), nonce()}, aad, cipher));
  ++sequence_;
  return plain;
}

Result<HpkeSender> hpke_setup_sender(const PublicKey& to, ByteView info, ByteView ephemeral_ikm, HpkeAead aead) {
  LIAISON_TRY(const PrivateKey ephemeral, derive_key_pair(ephemeral_ikm));
  LIAISON_TRY(const SecretBytes dh, ephemeral.diffie_hellman(to));
  Bytes enc = ephemeral.public_key().point();
  LIAISON_TRY(const SecretBytes secret, shared_secret(dh, {enc, to.point()}));
  LIAISON_TRY(HpkeContext context, HpkeContext::from_shared_secret(secret.reveal(), info, aead));
  return HpkeSender{std::move(enc), std::move(context)};
}

Result<SecretBytes> hpke_decapsulate(const PrivateKey& mine, ByteView enc) {
  if (enc.size() != point_bytes) return fail(Errc::cannot_open, "enc of " + std::to_string(enc.size()) + " bytes");
  const auto ephemeral = PublicKey::from_point(enc);
  if (!ephemeral) return fail(Errc::cannot_open, "enc is not a point of P-256");
  LIAISON_TRY(const SecretBytes dh, mine.diffie_hellman(*ephemeral));
  return shared_secret(dh, {enc, mine.public_key().point()});
}

}  // namespace liaison::crypto
