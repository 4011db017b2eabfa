// File: "liaison kek v1" LF || u8 kind; kind 0 (plain): key(32); kind 1 (passphrase): salt(16) || u32 rounds || nonce(12) || AES-256-GCM of the key
// under PBKDF2-HMAC-SHA256, aad = header || the month's name. A file that does not open is an error, never replaced.
#include "io/keys/kek.h"

#include <openssl/evp.h>
#include <string.h>

#include <cstdio>

#include "core/crypto/aead.h"

namespace liaison::keys {
namespace {
constexpr std::string_view header = "liaison kek v1\n";
constexpr std::size_t kek_bytes = 32;
constexpr std::size_t salt_bytes = 16;
constexpr std::uint32_t rounds_now = 200'000;
constexpr std::uint32_t rounds_max = 10'000'000;  // a damaged file must not stall the start
enum class Kind : std::uint8_t { plain = 0, passphrase = 1 };

Bytes aad_of(Month month) { return to_bytes(std::string(header) + to_string(month)); }
}  // namespace

Month month_of(Time time) {
  const std::chrono::year_month_day date{std::chrono::floor<std::chrono::days>(time)};
  return static_cast<Month>(static_cast<int>(date.year())) * 100 + static_cast<unsigned>(date.month());
}

std::string to_string(Month month) {
  char out[16];
  std::snprintf(out, sizeof out, "%04u-%02u", month / 100 % 10000, month % 100);
  return out;
}

Result<SecretBytes> Keks::key(Month month, Missing missing) {
  const std::lock_guard lock(mutex_);
  if (const auto known = loaded_.find(month); known != loaded_.end()) return known->second.clone();
  auto loaded = load(month);
  if (!loaded && loaded.error().code == Errc::key_missing && missing == Missing::make) {
    std::error_code ignored;
    if (std::filesystem::exists(file(month), ignored)) return loaded.error();
    LIAISON_CHECK(make(month));
    loaded = load(month);
  }
  if (!loaded) return loaded.error();
  SecretBytes copy = loaded->clone();
  loaded_.emplace(month, std::move(*loaded));
  return copy;
}

Result<SecretBytes> Keks::load(Month month) const {
  const auto bytes = store::read_private_file(file(month), 256);
  if (!bytes && bytes.error().code == Errc::key_missing)
    return fail(Errc::key_missing, bytes.error().detail + ": restore it from its copy; without it what was stored in that month cannot be read");
  if (!bytes) return bytes.error();
  const auto damaged = [&](std::string_view what) { return fail(Errc::key_missing, file(month).string() + ": " + std::string(what) + ": restore it from its copy"); };
  ByteReader reader(bytes->reveal());
  if (text(reader.take(header.size())) != header) return damaged("is not a key file of this version");
  const auto kind = static_cast<Kind>(reader.u8());
  if (kind == Kind::plain) {
    const ByteView key = reader.take(kek_bytes);
    if (!reader.at_end()) return damaged("has the wrong size");
    return SecretBytes(key);
  }
  const ByteView salt = reader.take(salt_bytes);
  const std::uint32_t rounds = reader.u32();
  const ByteView nonce = reader.take(crypto::aead_nonce_bytes);
  const ByteView sealed = reader.take(kek_bytes + crypto::aead_tag_bytes);
  if (kind != Kind::passphrase || !reader.at_end() || rounds == 0 || rounds > rounds_max) return damaged("is not a key file of this version");
  if (passphrase_.empty()) return fail(Errc::key_missing, file(month).string() + ": is encrypted and no passphrase is configured: set passphrase_file");
  LIAISON_TRY(const SecretBytes outer, passphrase_key(salt, rounds));
  auto key = crypto::aead_open({outer.reveal(), nonce}, aad_of(month), sealed);
  if (!key) return damaged("the configured passphrase does not open it");
  SecretBytes secret{ByteView(*key)};
  ::explicit_bzero(key->data(), key->size());
  return secret;
}

Result<void> Keks::make(Month month) {
  LIAISON_CHECK(store::make_private_directory(directory_));
  SecretBytes key(kek_bytes);
  random_.fill(key.writable());
  Bytes out = to_bytes(header);
  out.reserve(header.size() + 128);  // no copies of the key left behind by growing
  put_u8(out, static_cast<std::uint8_t>(passphrase_.empty() ? Kind::plain : Kind::passphrase));
  if (passphrase_.empty()) {
    put(out, key.reveal());
  } else {
    Bytes salt(salt_bytes), nonce(crypto::aead_nonce_bytes);
    random_.fill(salt);
    random_.fill(nonce);
    LIAISON_TRY(const SecretBytes outer, passphrase_key(salt, rounds_now));
    LIAISON_TRY(const Bytes sealed, crypto::aead_seal({outer.reveal(), nonce}, aad_of(month), key.reveal()));
    put(out, ByteView(salt));
    put_u32(out, rounds_now);
    put(out, ByteView(nonce));
    put(out, ByteView(sealed));
  }
  const SecretBytes content{ByteView(out)};
  ::explicit_bzero(out.data(), out.size());
  return store::create_durably(file(month), content.reveal(), 0600);
}

Result<SecretBytes> Keks::passphrase_key(ByteView salt, std::uint32_t rounds) const {
  SecretBytes key(crypto::aead_key_bytes);
  const auto passphrase = text(passphrase_.reveal());
  if (PKCS5_PBKDF2_HMAC(passphrase.data(), static_cast<int>(passphrase.size()), salt.data(), static_cast<int>(salt.size()), static_cast<int>(rounds), EVP_sha256(),
                        static_cast<int>(key.writable().size()), key.writable().data()) != 1)
    return fail(Errc::crypto_failed, "PBKDF2");
  return key;
}

}  // namespace liaison::keys
