// Builds what the specification says, step by step. Keys are made once per kind and kept: what is tested is certificates, not keys.
#include "tests/support/chains.h"

#include <openssl/x509v3.h>

#include <algorithm>
#include <map>
#include <memory>

namespace liaison::support {
namespace {

using crypto::EvpKey;
template <auto Free>
struct FreeWith {
  template <class T>
  void operator()(T* handle) const { Free(handle); }
};
using Certificate = std::unique_ptr<X509, FreeWith<X509_free>>;
using List = std::unique_ptr<X509_CRL, FreeWith<X509_CRL_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, FreeWith<X509_EXTENSION_free>>;
using Asn1Time = std::unique_ptr<ASN1_TIME, FreeWith<ASN1_TIME_free>>;
using Integer = std::unique_ptr<ASN1_INTEGER, FreeWith<ASN1_INTEGER_free>>;

EvpKey new_key(std::string kind) {
  kind = kind.substr(0, kind.find('/'));
  if (kind.starts_with("RSA-")) return EvpKey(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", static_cast<std::size_t>(std::stoul(kind.substr(4)))));
  if (kind == "ed25519") return EvpKey(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  return EvpKey(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", kind == "P-192" ? "prime192v1" : kind.c_str()));
}

EvpKey key_of(const std::string& kind) {
  static std::map<std::string, EvpKey> kept;
  EvpKey& key = kept[kind];
  if (!key) key = new_key(kind);
  liaison_assert(key != nullptr);
  EVP_PKEY_up_ref(key.get());
  return EvpKey(key.get());
}

std::time_t seconds(Time time) { return static_cast<std::time_t>(std::chrono::floor<Seconds>(time.time_since_epoch()).count()); }

Certificate decode(const Bytes& der) {
  const unsigned char* at = der.data();
  Certificate out(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  liaison_assert(out != nullptr);
  return out;
}

template <class Handle, class Encode>
Bytes encode(Handle* handle, Encode write) {
  Bytes out(static_cast<std::size_t>(write(handle, nullptr)));
  unsigned char* at = out.data();
  liaison_assert(write(handle, &at) == static_cast<int>(out.size()));
  return out;
}

void set_name(X509_NAME* name, const std::string& common) {
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(common.data()), static_cast<int>(common.size()), -1, 0);
}

void set_serial(X509* certificate, std::vector<std::uint8_t> serial) {
  static std::uint32_t next = 0x10000;
  if (serial.empty()) serial = {1, static_cast<std::uint8_t>(++next >> 16), static_cast<std::uint8_t>(next >> 8), static_cast<std::uint8_t>(next)};
  ASN1_STRING_set(X509_get_serialNumber(certificate), serial.data(), static_cast<int>(serial.size()));
}

void add(X509* certificate, X509V3_CTX* context, const ExtensionText& text) {
  Extension made(X509V3_EXT_conf(nullptr, context, text.name.c_str(), text.value.c_str()));
  if (!made && text.name == "authorityKeyIdentifier") return;  // the issuer has no identifier to name
  liaison_assert(made != nullptr && X509_add_ext(certificate, made.get(), -1) == 1);
}

// X509_add_ext keeps one of a kind in OpenSSL's own makers only by convention: the same name twice gives the extension twice.
void add_extensions(X509* certificate, X509* issuer, const std::vector<ExtensionText>& extensions) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  for (const auto& text : extensions) add(certificate, &context, text);
}

Extension unknown_critical() {
  return Extension(X509V3_EXT_conf(nullptr, nullptr, "1.3.6.1.4.1.55555.1", "critical,DER:05:00"));
}

}  // namespace

MadeCertificate make_certificate(const CertificateSpec& spec, const MadeCertificate* issuer) {
  const Certificate above = issuer != nullptr ? decode(issuer->der) : nullptr;
  Certificate made(X509_new());
  EvpKey key = key_of(spec.key);
  X509_set_version(made.get(), spec.version_1 ? X509_VERSION_1 : X509_VERSION_3);
  set_serial(made.get(), spec.serial);
  set_name(X509_get_subject_name(made.get()), spec.subject);
  if (spec.issuer_name) set_name(X509_get_issuer_name(made.get()), *spec.issuer_name);
  else X509_set_issuer_name(made.get(), X509_get_subject_name(above ? above.get() : made.get()));
  ASN1_TIME_set(X509_getm_notBefore(made.get()), seconds(spec.not_before));
  ASN1_TIME_set(X509_getm_notAfter(made.get()), seconds(spec.not_after));
  liaison_assert(X509_set_pubkey(made.get(), key.get()) == 1);
  if (!spec.version_1) add_extensions(made.get(), above ? above.get() : made.get(), spec.extensions);
  EVP_PKEY* signer = issuer != nullptr ? issuer->key.get() : key.get();
  const bool plain = EVP_PKEY_is_a(signer, "ED25519") == 1, rsa = EVP_PKEY_is_a(signer, "RSA") == 1;
  const char* digest = spec.digest == "MD5" && !rsa ? "SHA1" : spec.digest.c_str();  // there is no ECDSA with MD5
  liaison_assert(X509_sign(made.get(), signer, plain ? nullptr : EVP_get_digestbyname(digest)) > 0);
  Bytes der = encode(made.get(), i2d_X509);
  if (spec.broken_signature) der.back() ^= 1;
  return {std::move(der), std::move(key)};
}

Bytes make_revocation_list(const RevocationListSpec& spec, const MadeCertificate& issuer, const MadeCertificate* signer) {
  const Certificate above = decode(issuer.der);
  const List list(X509_CRL_new());
  X509_CRL_set_version(list.get(), X509_CRL_VERSION_2);
  X509_CRL_set_issuer_name(list.get(), X509_get_subject_name(above.get()));
  const Asn1Time from(ASN1_TIME_set(nullptr, seconds(spec.this_update))), to(ASN1_TIME_set(nullptr, seconds(spec.next_update)));
  X509_CRL_set1_lastUpdate(list.get(), from.get());
  X509_CRL_set1_nextUpdate(list.get(), to.get());
  for (const Bytes& der : spec.revoked) {
    const Certificate one = decode(der);
    X509_REVOKED* entry = X509_REVOKED_new();
    X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(one.get()));
    X509_REVOKED_set_revocationDate(entry, from.get());
    liaison_assert(X509_CRL_add0_revoked(list.get(), entry) == 1);
  }
  X509V3_CTX context;
  X509V3_set_ctx(&context, above.get(), nullptr, nullptr, list.get(), 0);
  const Extension key_id(X509V3_EXT_conf_nid(nullptr, &context, NID_authority_key_identifier, "keyid:always"));
  if (key_id) X509_CRL_add_ext(list.get(), key_id.get(), -1);
  const Integer number(ASN1_INTEGER_new());
  ASN1_INTEGER_set_uint64(number.get(), spec.number);
  X509_CRL_add1_ext_i2d(list.get(), NID_crl_number, number.get(), 0, 0);
  if (spec.unknown_critical) X509_CRL_add_ext(list.get(), unknown_critical().get(), -1);
  X509_CRL_sort(list.get());
  EVP_PKEY* key = signer != nullptr ? signer->key.get() : issuer.key.get();
  liaison_assert(X509_CRL_sign(list.get(), key, EVP_PKEY_is_a(key, "ED25519") == 1 ? nullptr : EVP_sha256()) > 0);
  return encode(list.get(), i2d_X509_CRL);
}

ChainSpec good_chain(Time now) {
  const auto days = [](int count) { return std::chrono::hours(24 * count); };
  const std::string constraint = "critical,permitted;DNS:ke.demo.liaison.internal";
  const std::vector<ExtensionText> ids{{"subjectKeyIdentifier", "hash"}, {"authorityKeyIdentifier", "keyid:always"}};
  ChainSpec chain;
  chain.root = {.subject = "Root of ke", .not_before = now - days(400), .not_after = now + days(3650)};
  chain.root.extensions = {{"basicConstraints", "critical,CA:TRUE,pathlen:1"}, {"keyUsage", "critical,keyCertSign,cRLSign"}, {"nameConstraints", constraint}};
  chain.issuing = {.subject = "Issuing CA of ke", .key = "P-256/issuing", .not_before = now - days(100), .not_after = now + days(700)};
  chain.issuing.extensions = {{"basicConstraints", "critical,CA:TRUE,pathlen:0"}, {"keyUsage", "critical,keyCertSign,cRLSign"}, {"nameConstraints", constraint}};
  chain.leaf = {.subject = "ke.customs", .key = "P-256/leaf", .not_before = now - days(1), .not_after = now + days(89)};
  chain.leaf.extensions = {{"basicConstraints", "critical,CA:FALSE"}, {"keyUsage", "critical,digitalSignature"}, {"extendedKeyUsage", "serverAuth,clientAuth"},
                           {"subjectAltName", "DNS:customs.ke.demo.liaison.internal"}};
  for (auto* spec : {&chain.root, &chain.issuing, &chain.leaf}) spec->extensions.insert(spec->extensions.end(), ids.begin(), ids.end());
  return chain;
}

void set_extension(CertificateSpec& spec, const std::string& name, const std::string& value) {
  const auto found = std::find_if(spec.extensions.begin(), spec.extensions.end(), [&](const ExtensionText& text) { return text.name == name; });
  if (found != spec.extensions.end()) found->value = value;
  else spec.extensions.insert(spec.extensions.begin(), {name, value});
}

void drop_extension(CertificateSpec& spec, const std::string& name) {
  std::erase_if(spec.extensions, [&](const ExtensionText& text) { return text.name == name; });
}

}  // namespace liaison::support
