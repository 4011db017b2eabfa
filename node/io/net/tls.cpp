// TLS contexts and the certificate callback. A refused certificate gets one and the same alert whatever was wrong with it;
// the reason stays here in Admission::refusal.
#include "io/net/tls.h"

#include <openssl/err.h>
#include <openssl/x509.h>

namespace liaison::net {
namespace {

struct X509Deleter { void operator()(X509* certificate) const { X509_free(certificate); } };
using Certificate = std::unique_ptr<X509, X509Deleter>;

int admission_index() {
  static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

Certificate parse(ByteView der) {
  const unsigned char* at = der.data();
  Certificate certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  if (certificate && at != der.data() + der.size()) certificate.reset();
  return certificate;
}

Result<Bytes> der_of(const X509* certificate) {
  const int size = i2d_X509(certificate, nullptr);
  if (size <= 0 || static_cast<std::size_t>(size) > limits::certificate_bytes_max) return fail(Errc::not_admitted, "certificate too large");
  Bytes der(static_cast<std::size_t>(size));
  unsigned char* out = der.data();
  if (i2d_X509(certificate, &out) != size) return fail(Errc::not_admitted, "certificate unreadable");
  return der;
}

Result<std::vector<Bytes>> chain_of(X509_STORE_CTX* store) {
  std::vector<Bytes> chain;
  const STACK_OF(X509)* shown = X509_STORE_CTX_get0_untrusted(store);  // all the peer sent, its own first
  const int count = sk_X509_num(shown);
  if (count < 1) return fail(Errc::not_admitted, "no certificate");
  if (static_cast<std::size_t>(count) > limits::certificate_chain_max) return fail(Errc::not_admitted, "chain too long");
  for (int i = 0; i < count; ++i) {
    LIAISON_TRY(Bytes der, der_of(sk_X509_value(shown, i)));
    chain.push_back(std::move(der));
  }
  return chain;
}

Result<std::string> judge(X509_STORE_CTX* store, Admission& admission) {
  LIAISON_TRY(std::vector<Bytes> chain, chain_of(store));
  LIAISON_TRY(std::string agency, (*admission.admit)(chain));
  if (!admission.expected.empty() && agency != admission.expected)
    return fail(Errc::not_admitted, "dialled " + admission.expected + " but " + agency + " answered");
  admission.chain = std::move(chain);
  return agency;
}

extern "C" int liaison_net_verify(X509_STORE_CTX* store, void*) {
  auto* ssl = static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
  auto* admission = ssl ? static_cast<Admission*>(SSL_get_ex_data(ssl, admission_index())) : nullptr;
  if (admission && admission->admit) {
    auto agency = judge(store, *admission);
    if (agency) {
      admission->agency = std::move(*agency);
      X509_STORE_CTX_set_error(store, X509_V_OK);
      return 1;
    }
    admission->refusal = agency.error().message();
  }
  X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_REJECTED);
  return 0;
}

Result<void> use_identity(SSL_CTX* context, const Identity& identity) {
  if (identity.chain.empty() || identity.chain.size() > limits::certificate_chain_max || !identity.key)
    return fail(Errc::key_missing, "tls: certificate chain or key missing");
  for (std::size_t i = 0; i < identity.chain.size(); ++i) {
    Certificate certificate = parse(identity.chain[i]);
    if (!certificate) return fail(Errc::bad_format, "tls: certificate " + std::to_string(i + 1) + " of the chain is not DER X.509");
    const bool taken = i == 0 ? SSL_CTX_use_certificate(context, certificate.get()) == 1 : SSL_CTX_add1_chain_cert(context, certificate.get()) == 1;
    if (!taken) return fail(Errc::bad_format, "tls: certificate " + std::to_string(i + 1) + " of the chain cannot be used");
  }
  if (SSL_CTX_use_PrivateKey(context, identity.key.get()) != 1 || SSL_CTX_check_private_key(context) != 1)
    return fail(Errc::key_missing, "tls: the private key does not belong to the certificate");
  return {};
}

}  // namespace

crypto::EvpKey share_key(EVP_PKEY* key) {
  if (key) EVP_PKEY_up_ref(key);
  return crypto::EvpKey(key);
}

Result<SslContext> make_tls_context(const Identity& identity) {
  SslContext context(SSL_CTX_new(TLS_method()));
  if (!context) return fail(Errc::crypto_failed, "tls: no context");
  SSL_CTX* c = context.get();
  char groups[] = "P-256:X25519";  // OpenSSL's macro takes it without const
  const bool configured = SSL_CTX_set_min_proto_version(c, TLS1_3_VERSION) == 1 && SSL_CTX_set_max_proto_version(c, TLS1_3_VERSION) == 1 &&
                          SSL_CTX_set_num_tickets(c, 0) == 1 && SSL_CTX_set_max_early_data(c, 0) == 1 && SSL_CTX_set_recv_max_early_data(c, 0) == 1 &&
                          SSL_CTX_set1_groups_list(c, groups) == 1;
  if (!configured) return fail(Errc::crypto_failed, "tls: this OpenSSL cannot do TLS 1.3 as required");
  SSL_CTX_set_options(c, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_max_cert_list(c, limits::certificate_bytes_max);
  SSL_CTX_set_verify(c, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  SSL_CTX_set_cert_verify_callback(c, liaison_net_verify, nullptr);
  LIAISON_CHECK(use_identity(c, identity));
  return context;
}

void attach(SSL* ssl, Admission* admission) { SSL_set_ex_data(ssl, admission_index(), admission); }

}  // namespace liaison::net
