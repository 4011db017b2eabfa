// Whether a chain is believed: OpenSSL verifies it strictly against the given anchors and revocation lists alone; weak keys, anchors without the
// name constraint of their country and wrong roles are refused on top of that. Revocation lists that ran out are used through their grace.
#include <algorithm>
#include <vector>

#include "core/base/limits.h"
#include "core/crypto/certificate_parts.h"
#include "core/crypto/presented_chain.h"

namespace liaison::crypto {
namespace {

using Store = std::unique_ptr<X509_STORE, FreeWith<X509_STORE_free>>;
using Check = std::unique_ptr<X509_STORE_CTX, FreeWith<X509_STORE_CTX_free>>;
using Certificates = std::unique_ptr<STACK_OF(X509), decltype([](STACK_OF(X509)* list) { sk_X509_free(list); })>;  // borrows its elements
using Constraints = std::unique_ptr<NAME_CONSTRAINTS, FreeWith<NAME_CONSTRAINTS_free>>;

constexpr int security_level = 2;  // 112 bits: RSA from 2048, no SHA-1; elliptic curves are held to 256 bits below

struct Material {
  std::vector<Certificate> chain, anchors;
  std::vector<RevocationListHandle> lists;
};

Result<std::vector<Certificate>> parse_all(std::span<const Bytes> encoded) {
  std::vector<Certificate> out;
  for (const Bytes& der : encoded) {
    LIAISON_TRY(Certificate certificate, parse_certificate(der));
    out.push_back(std::move(certificate));
  }
  return out;
}

bool strong_enough(const X509* certificate) {
  const EVP_PKEY* key = X509_get0_pubkey(certificate);
  if (key == nullptr) return false;
  const int bits = EVP_PKEY_get_bits(key);
  if (EVP_PKEY_is_a(key, "RSA") == 1 || EVP_PKEY_is_a(key, "RSA-PSS") == 1) return bits >= 2048;
  return EVP_PKEY_is_a(key, "EC") == 1 && bits >= 256;
}

// A CA whose list is not at hand has revoked nothing through lists. A list that ran out still tells what it tells, up to its grace; one dated
// ahead of our clock does too. The anchor itself is vouched for by the directory: to withdraw it, it is taken out there.
int on_problem(int fine, X509_STORE_CTX* context) {
  if (fine == 1) return 1;
  const auto& check = *static_cast<const ChainCheck*>(X509_STORE_CTX_get_app_data(context));
  switch (X509_STORE_CTX_get_error(context)) {
    case X509_V_ERR_UNABLE_TO_GET_CRL:
    case X509_V_ERR_CRL_NOT_YET_VALID: return 1;
    case X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER: return X509_STORE_CTX_get_error_depth(context) + 1 == sk_X509_num(X509_STORE_CTX_get0_chain(context)) ? 1 : 0;
    case X509_V_ERR_CRL_HAS_EXPIRED: {
      const auto next = time_of(X509_CRL_get0_nextUpdate(X509_STORE_CTX_get0_current_crl(context)));
      return next && check.now <= *next + check.crl_grace ? 1 : 0;
    }
    default: return 0;
  }
}

Result<void> fill(X509_STORE* store, STACK_OF(X509)* untrusted, const Material& from) {
  for (const Certificate& anchor : from.anchors) {
    if (X509_STORE_add_cert(store, anchor.get()) != 1) return openssl_failed("certificate check");
  }
  for (const RevocationListHandle& list : from.lists) {
    if (X509_STORE_add_crl(store, list.get()) != 1) return openssl_failed("certificate check");
  }
  for (const Certificate& certificate : std::span(from.chain).subspan(1)) {
    if (sk_X509_push(untrusted, certificate.get()) <= 0) return openssl_failed("certificate check");
  }
  return {};
}

void configure(X509_STORE_CTX* context, const ChainCheck& check, bool with_lists) {
  X509_VERIFY_PARAM* param = X509_STORE_CTX_get0_param(context);
  // The directory names the country's CA, which may itself stand below another root: it is trusted as it is.
  unsigned long flags = X509_V_FLAG_X509_STRICT | X509_V_FLAG_PARTIAL_CHAIN;
  if (with_lists) flags |= X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL;
  X509_VERIFY_PARAM_set_flags(param, flags);
  X509_VERIFY_PARAM_set_time(param, std::chrono::floor<Seconds>(check.now.time_since_epoch()).count());
  X509_VERIFY_PARAM_set_auth_level(param, security_level);
  X509_VERIFY_PARAM_set_depth(param, static_cast<int>(limits::certificate_chain_max));
  X509_VERIFY_PARAM_set_purpose(param, check.role == KeyRole::tls ? X509_PURPOSE_SSL_CLIENT : X509_PURPOSE_SMIME_SIGN);
  X509_STORE_CTX_set_app_data(context, const_cast<ChainCheck*>(&check));
  X509_STORE_CTX_set_verify_cb(context, on_problem);
}

bool is_within(std::string_view subtree, std::string_view zone) {
  return subtree == zone || subtree == zone.substr(1) || (subtree.size() > zone.size() && subtree.ends_with(zone));
}

// OpenSSL has held every name to the constraints of every CA of the chain. That the anchor has the constraint at all is asked here: without it
// another CA below the same root could name anybody in the country's stead.
Result<void> check_constraint(const ChainCheck& check, const X509* anchor) {
  bool malformed = false;
  const auto constraints = extension<Constraints>(anchor, NID_name_constraints, malformed);
  const std::string zone = certificate_zone(check.realm, check.country);
  const int count = constraints ? sk_GENERAL_SUBTREE_num(constraints->permittedSubtrees) : 0;
  int names = 0;
  for (int i = 0; i < count; ++i) {
    int type = 0;
    const auto* value = static_cast<const ASN1_STRING*>(GENERAL_NAME_get0_value(sk_GENERAL_SUBTREE_value(constraints->permittedSubtrees, i)->base, &type));
    if (type != GEN_DNS) continue;
    ++names;
    const std::string_view subtree(reinterpret_cast<const char*>(ASN1_STRING_get0_data(value)), static_cast<std::size_t>(ASN1_STRING_length(value)));
    if (!is_within(subtree, zone)) return not_admitted("the name constraint of the CA reaches beyond " + zone.substr(1));
  }
  if (names == 0) return not_admitted("the CA has no name constraint to " + zone.substr(1));
  return {};
}

// RFC 5280 section 4.1.2.2: issuer and serial number name one certificate. Revocation rests on it.
Result<void> check_serials(std::span<const Certificate> chain) {
  for (std::size_t i = 0; i < chain.size(); ++i) {
    for (std::size_t j = i + 1; j < chain.size(); ++j) {
      if (X509_issuer_and_serial_cmp(chain[i].get(), chain[j].get()) == 0 && X509_cmp(chain[i].get(), chain[j].get()) != 0)
        return not_admitted("two certificates of one issuer have the same serial number");
    }
  }
  return {};
}

Result<void> verify(const ChainCheck& check, const Material& material) {
  const Store store(X509_STORE_new());
  const Check context(X509_STORE_CTX_new());
  const Certificates untrusted(sk_X509_new_null());
  if (!store || !context || !untrusted) return openssl_failed("certificate check");
  LIAISON_CHECK(fill(store.get(), untrusted.get(), material));
  if (X509_STORE_CTX_init(context.get(), store.get(), material.chain[0].get(), untrusted.get()) != 1) return openssl_failed("certificate check");
  configure(context.get(), check, !material.lists.empty());
  if (X509_verify_cert(context.get()) != 1) {
    const int problem = X509_STORE_CTX_get_error(context.get());
    return not_admitted(std::string(X509_verify_cert_error_string(problem)) + " at depth " + std::to_string(X509_STORE_CTX_get_error_depth(context.get())));
  }
  const STACK_OF(X509)* verified = X509_STORE_CTX_get0_chain(context.get());
  const int count = sk_X509_num(verified);
  if (count < 2) return not_admitted("certificate is its own anchor");
  for (int i = 0; i < count; ++i) {
    if (!strong_enough(sk_X509_value(verified, i))) return not_admitted("weak key at depth " + std::to_string(i));
  }
  return check_constraint(check, sk_X509_value(verified, count - 1));
}

Result<std::vector<Certificate>> parse_chain(std::span<const Bytes> chain) {
  if (chain.empty() || chain.size() > limits::certificate_chain_max) return not_admitted("chain of " + std::to_string(chain.size()) + " certificates");
  return parse_all(chain);
}

// Anchors and lists of the trusted side, then everything that the verified chain must satisfy.
Result<void> check_against(const ChainCheck& check, std::vector<Certificate>& chain, std::span<const Bytes> anchors) {
  liaison_assert(check.role == KeyRole::tls || check.role == KeyRole::seal);
  if (anchors.empty()) return not_admitted("no CA of " + std::string(check.country));
  Material material;
  LIAISON_TRY(material.anchors, parse_all(anchors));
  for (const Bytes& der : check.crls) {
    LIAISON_TRY(RevocationListHandle list, parse_revocation_list(der));
    material.lists.push_back(std::move(list));
  }
  material.chain = std::move(chain);
  auto checked = check_serials(material.chain);
  if (checked) checked = verify(check, material);
  chain = std::move(material.chain);
  return checked;
}

Result<void> check_facts(const ChainCheck& check, const CertificateFacts& facts) {
  if (country_of(facts.agency) != check.country) return not_admitted("agency " + facts.agency + " is not of " + std::string(check.country));
  if (facts.role != check.role) return not_admitted("certificate is for " + std::string(name(facts.role)) + ", not " + std::string(name(check.role)));
  return {};
}

}  // namespace

Result<CertificateFacts> check_chain(const ChainCheck& check, std::span<const Bytes> chain, std::span<const Bytes> anchors) {
  LIAISON_TRY(std::vector<Certificate> certificates, parse_chain(chain));
  LIAISON_CHECK(check_against(check, certificates, anchors));
  LIAISON_TRY(CertificateFacts facts, facts_of(check.realm, certificates[0].get()));
  LIAISON_CHECK(check_facts(check, facts));
  return facts;
}

Result<CertificateFacts> check_presented(const PresentedCheck& check, std::span<const Bytes> chain, const TrustOf& trust_of) {
  LIAISON_TRY(std::vector<Certificate> certificates, parse_chain(chain));
  LIAISON_TRY(CertificateFacts facts, facts_of(check.realm, certificates[0].get()));
  LIAISON_TRY(const Trust trust, trust_of(facts));
  const ChainCheck full{check.realm, trust.country, check.role, check.now, trust.crls, trust.crl_grace};
  LIAISON_CHECK(check_against(full, certificates, trust.anchors));
  LIAISON_CHECK(check_facts(full, facts));
  return facts;
}

}  // namespace liaison::crypto
