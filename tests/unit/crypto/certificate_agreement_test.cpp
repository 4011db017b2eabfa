// The node's path validation against OpenSSL's own: random mutations of good chains, judged by check_chain and by X509_verify_cert over a store that is
// built here from PEM, with its own flags. What OpenSSL refuses is never admitted; what only the node refuses, it refuses for one of its stricter rules.
#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <random>

#include "core/crypto/certificate.h"
#include "tests/support/certificates.h"
#include "tests/support/chains.h"

namespace liaison::crypto {
namespace {

using support::CertificateSpec;
using support::ChainSpec;
using support::MadeCertificate;

const Time now = parse_time("2026-03-04T05:06:07.000Z").value();
constexpr auto day = std::chrono::hours(24);

class Chance {
 public:
  explicit Chance(std::uint32_t seed) : engine_(seed) {}
  std::size_t below(std::size_t n) { return engine_() % n; }
  template <class List>
  const auto& of(const List& list) { return list[below(std::size(list))]; }

 private:
  std::mt19937 engine_;
};

struct Trial {
  ChainSpec spec;
  std::vector<std::string> steps;  // what was done, for the message of a failure
  enum class Lists { none, fine, leaf_revoked, issuing_revoked, run_out, forged } lists = Lists::none;
  enum class Order { usual, swapped, missing, doubled, with_root, with_stranger } order = Order::usual;
};

CertificateSpec& any_level(Trial& trial, Chance& chance) {
  CertificateSpec* levels[] = {&trial.spec.leaf, &trial.spec.leaf, &trial.spec.issuing, &trial.spec.root};
  return *levels[chance.below(4)];
}

const std::vector<std::string> key_kinds{"P-192", "P-224", "P-256/a", "P-256/b", "P-384", "ed25519", "RSA-1024", "RSA-2048"};
const std::vector<std::string> digests{"MD5", "SHA1", "SHA256", "SHA384", "SHA512"};
const std::vector<support::ExtensionText> replacements{
    {"basicConstraints", "critical,CA:TRUE"}, {"basicConstraints", "critical,CA:FALSE"}, {"basicConstraints", "CA:TRUE,pathlen:0"}, {"basicConstraints", "critical,CA:TRUE,pathlen:5"},
    {"keyUsage", "critical,keyCertSign"}, {"keyUsage", "keyCertSign,cRLSign"}, {"keyUsage", "critical,digitalSignature"}, {"keyUsage", "critical,digitalSignature,nonRepudiation"},
    {"keyUsage", "critical,keyAgreement"}, {"extendedKeyUsage", "clientAuth,serverAuth"}, {"extendedKeyUsage", "serverAuth"}, {"extendedKeyUsage", "clientAuth"},
    {"extendedKeyUsage", "critical,serverAuth,clientAuth"}, {"extendedKeyUsage", "emailProtection"},
    {"nameConstraints", "critical,permitted;DNS:ke.demo.liaison.internal,excluded;DNS:customs.ke.demo.liaison.internal"},
    {"nameConstraints", "critical,permitted;DNS:za.demo.liaison.internal"}, {"nameConstraints", "permitted;DNS:ke.demo.liaison.internal"},
    {"nameConstraints", "critical,permitted;DNS:.ke.demo.liaison.internal"}, {"nameConstraints", "critical,excluded;DNS:za.demo.liaison.internal"},
    {"nameConstraints", "critical,permitted;DNS:ke.demo.liaison.internal,permitted;email:example.org"},
    {"nameConstraints", "critical,permitted;DNS:customs.ke.demo.liaison.internal"}, {"nameConstraints", "critical,permitted;DNS:demo.liaison.internal"},
    {"subjectAltName", "DNS:customs.za.demo.liaison.internal"}, {"subjectAltName", "DNS:*.ke.demo.liaison.internal"}, {"subjectAltName", "DNS:customs.ke.demo.liaison.internal,IP:10.0.0.1"},
    {"subjectAltName", "DNS:customs.ke.demo.liaison.internal,DNS:police.za.demo.liaison.internal"}, {"subjectAltName", "email:customs@example.org"},
    {"subjectAltName", "critical,DNS:police.ke.demo.liaison.internal"}, {"subjectAltName", "DNS:CUSTOMS.KE.demo.liaison.internal"},
    {"authorityKeyIdentifier", "DER:30:03:80:01:00"}, {"1.3.6.1.4.1.55555.1", "critical,DER:05:00"}, {"1.3.6.1.4.1.55555.2", "DER:05:00"}, {"nsComment", "hello"}};

void mutate(Trial& trial, Chance& chance) {
  CertificateSpec& spec = any_level(trial, chance);
  const auto note = [&](const std::string& what) { trial.steps.push_back(spec.subject + ": " + what); };
  switch (chance.below(12)) {
    case 0: spec.not_after = now - day; return note("expired");
    case 1: spec.not_before = now + day; return note("not yet valid");
    case 2: spec.key = chance.of(key_kinds); return note("key " + spec.key);
    case 3: spec.digest = chance.of(digests); return note("digest " + spec.digest);
    case 4: spec.broken_signature = true; return note("broken signature");
    case 5: spec.issuer_name = "Nobody"; return note("issuer name");
    case 6: spec.serial = std::vector<std::uint8_t>(1 + chance.below(24), 0x42); return note("serial");
    case 7: {
      if (spec.extensions.empty()) return;
      const auto at = chance.below(spec.extensions.size());
      note("without " + spec.extensions[at].name);
      spec.extensions.erase(spec.extensions.begin() + static_cast<std::ptrdiff_t>(at));
      return;
    }
    case 8: {
      if (spec.extensions.empty()) return;
      const auto copy = chance.of(spec.extensions);
      spec.extensions.push_back(copy);
      return note("twice " + copy.name);
    }
    case 9: trial.lists = static_cast<Trial::Lists>(chance.below(6)); return note("lists " + std::to_string(static_cast<int>(trial.lists)));
    case 10: trial.order = static_cast<Trial::Order>(chance.below(6)); return note("order " + std::to_string(static_cast<int>(trial.order)));
    default: {
      const auto& text = chance.of(replacements);
      set_extension(spec, text.name, text.value);
      return note(text.name + " = " + text.value);
    }
  }
}

struct Shown { std::vector<Bytes> chain, anchors, crls; };

Shown show(const Trial& trial) {
  const MadeCertificate root = make_certificate(trial.spec.root, nullptr);
  const MadeCertificate issuing = make_certificate(trial.spec.issuing, &root);
  const MadeCertificate leaf = make_certificate(trial.spec.leaf, &issuing);
  const MadeCertificate stranger = make_certificate(support::good_chain(now).root, nullptr);
  Shown out{{leaf.der, issuing.der}, {root.der}, {}};
  using Order = Trial::Order;
  if (trial.order == Order::swapped) std::swap(out.chain[0], out.chain[1]);
  if (trial.order == Order::missing) out.chain.pop_back();
  if (trial.order == Order::doubled) out.chain.push_back(issuing.der);
  if (trial.order == Order::with_root) out.chain.push_back(root.der);
  if (trial.order == Order::with_stranger) out.chain.insert(out.chain.begin() + 1, stranger.der);
  using Lists = Trial::Lists;
  if (trial.lists == Lists::none) return out;
  support::RevocationListSpec of_root{now - day, now + day, {}, 1, false}, of_issuing = of_root;
  if (trial.lists == Lists::leaf_revoked) of_issuing.revoked = {leaf.der};
  if (trial.lists == Lists::issuing_revoked) of_root.revoked = {issuing.der};
  if (trial.lists == Lists::run_out) of_issuing.next_update = now - std::chrono::hours(1);
  out.crls = {make_revocation_list(of_root, root), make_revocation_list(of_issuing, issuing, trial.lists == Lists::forged ? &leaf : nullptr)};
  return out;
}

// --- OpenSSL by itself ---

template <auto Free>
struct FreeBy {
  template <class T>
  void operator()(T* handle) const { Free(handle); }
};

X509* read_pem(const Bytes& der) {
  const std::string pem = support::to_pem(der);
  const std::unique_ptr<BIO, FreeBy<BIO_free>> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  return PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr);
}

// Empty: accepted.
std::string openssl_says(const Shown& shown) {
  const std::unique_ptr<X509_STORE, FreeBy<X509_STORE_free>> store(X509_STORE_new());
  const std::unique_ptr<X509, FreeBy<X509_free>> root(read_pem(shown.anchors[0])), leaf(read_pem(shown.chain[0]));
  X509_STORE_add_cert(store.get(), root.get());
  const std::unique_ptr<STACK_OF(X509), decltype([](STACK_OF(X509)* list) { sk_X509_pop_free(list, X509_free); })> others(sk_X509_new_null());
  for (std::size_t i = 1; i < shown.chain.size(); ++i) sk_X509_push(others.get(), read_pem(shown.chain[i]));
  X509_VERIFY_PARAM* param = X509_STORE_get0_param(store.get());
  X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_X509_STRICT | X509_V_FLAG_PARTIAL_CHAIN);  // an anchor need not be self-signed
  if (!shown.crls.empty()) X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_CRL_CHECK_ALL | X509_V_FLAG_CRL_CHECK);
  for (const Bytes& der : shown.crls) {
    const unsigned char* at = der.data();
    const std::unique_ptr<X509_CRL, FreeBy<X509_CRL_free>> list(d2i_X509_CRL(nullptr, &at, static_cast<long>(der.size())));
    X509_STORE_add_crl(store.get(), list.get());
  }
  const std::unique_ptr<X509_STORE_CTX, FreeBy<X509_STORE_CTX_free>> context(X509_STORE_CTX_new());
  X509_STORE_CTX_init(context.get(), store.get(), leaf.get(), others.get());
  X509_VERIFY_PARAM* own = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_time(own, std::chrono::floor<Seconds>(now.time_since_epoch()).count());
  X509_VERIFY_PARAM_set_auth_level(own, 2);
  X509_STORE_CTX_set_purpose(context.get(), X509_PURPOSE_SSL_CLIENT);
  if (X509_verify_cert(context.get()) == 1) return {};
  return X509_verify_cert_error_string(X509_STORE_CTX_get_error(context.get()));
}

bool is_a_stricter_rule(const std::string& reason) {
  static constexpr const char* rules[] = {"public key is not P-256", "neither tls nor seal", "alternative name", "not an agency of this realm", "is not of ke", "name constraint",
                                          "weak key", "same serial number", "serial number", "not version 3", "CA certificate", "extended key usage", "its own anchor"};
  return std::any_of(std::begin(rules), std::end(rules), [&](const char* rule) { return reason.find(rule) != std::string::npos; });
}

TEST(Agreement, WithOpensslOnRandomlyBrokenChains) {
  constexpr std::uint32_t trials = 1500;
  std::map<std::string, int> outcomes;
  for (std::uint32_t seed = 1; seed <= trials; ++seed) {
    Chance chance(seed);
    Trial trial{support::good_chain(now), {}};
    for (std::size_t left = chance.below(4); left > 0; --left) mutate(trial, chance);
    const Shown shown = show(trial);
    const std::string theirs = openssl_says(shown);
    const auto ours = check_chain({"demo", "ke", KeyRole::tls, now, shown.crls, Seconds{0}}, shown.chain, shown.anchors);
    std::string done = "seed " + std::to_string(seed);
    for (const auto& step : trial.steps) done += "; " + step;
    if (ours) {
      EXPECT_EQ(theirs, "") << "admitted what OpenSSL refuses: " << done;
    } else if (theirs.empty()) {
      EXPECT_TRUE(is_a_stricter_rule(ours.error().detail)) << ours.error().detail << ": " << done;
    }
    ++outcomes[ours ? "admitted" : theirs.empty() ? "stricter" : "refused by both"];
  }
  // Each kind must really occur, or the comparison would compare nothing.
  EXPECT_GT(outcomes["admitted"], 150);
  EXPECT_GT(outcomes["stricter"], 50);
  EXPECT_GT(outcomes["refused by both"], 500);
}

}  // namespace
}  // namespace liaison::crypto
