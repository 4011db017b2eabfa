// Counts per 60-leaf record at batches of 32: hashing of commitments and leaves at sender, receiver and reader, two batch signatures and verifications,
// one ledger head and its check, envelope and storage encryption, key wrapping. The counts follow from formats 2 to 7; only the timing is measured here.
#include "tests/bench/crypto_cost.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <vector>

#include "core/crypto/aead.h"
#include "core/crypto/hpke.h"
#include "core/crypto/keys.h"
#include "tests/bench/federation.h"

namespace liaison::bench {
namespace {
constexpr int rounds = 2000;
constexpr double batch = 32;

template <class F>
double microseconds(const F& operation) {
  for (int i = 0; i < rounds / 10; ++i) operation();
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < rounds; ++i) operation();
  return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count() / rounds;
}
}  // namespace

double crypto_microseconds_per_record() {
  const auto key = must(crypto::PrivateKey::generate(crypto::KeyType::p256), "key");
  const Bytes text(1024, 'x'), package(8192, 7), openings(6144, 7), opening(70, 1), entry(110, 2), nonce(12, 3);
  const SecretBytes secret{ByteView(Bytes(32, 9))};
  const Bytes signature = must(key.sign(text), "sign");
  const double sign = microseconds([&] { (void)key.sign(text).has_value(); });
  const double verify = microseconds([&] { (void)key.public_key().verify(text, signature).has_value(); });
  const double hash_opening = microseconds([&] { (void)merkle::sha256(opening); });
  const double hash_leaf = microseconds([&] { (void)merkle::sha256(entry); });
  const double hash_text = microseconds([&] { (void)merkle::sha256(text); });
  const double hash_package = microseconds([&] { (void)merkle::sha256(package); });
  const double seal = microseconds([&] { (void)crypto::aead_seal({secret.reveal(), nonce}, text, package).has_value(); });
  const double seal_openings = microseconds([&] { (void)crypto::aead_seal({secret.reveal(), nonce}, text, openings).has_value(); });
  const double wrap = microseconds([&] { (void)crypto::aead_seal({secret.reveal(), nonce}, nonce, secret.reveal()).has_value(); });
  auto hpke = must(crypto::hpke_setup_sender(key.public_key(), text, Bytes(32, 4), crypto::HpkeAead::aes_256_gcm), "hpke");
  const double expand = microseconds([&] { (void)hpke.context.export_secret(opening, 44).has_value(); });
  const double leaves = 105;                                   // 65 stated and derived, 40 decoys and audience
  const double hashing = 2 * leaves * (hash_opening + hash_leaf) + 2 * leaves * hash_leaf + leaves * hash_leaf;  // commit and check, two roots, one rebuild check
  const double signing = (2 * sign + 2 * verify + sign + verify) / batch;
  const double texts = 8 * hash_text + 2 * hash_package;       // text hashes, envelope commitment at both ends
  const double sealing = 2 * expand + 2 * seal + seal_openings + seal + 2 * wrap;  // envelope both ends, rest both ends
  const double logs = 4 * 3 * hash_leaf;                       // two ledgers and four audit entries
  return hashing + signing + texts + sealing + logs;
}

double flush_milliseconds(const std::filesystem::path& folder) {
  const auto file = folder / "flush";
  const int fd = ::open(file.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  if (fd < 0) stop("cannot write in " + folder.string());
  const Bytes page(16384, 1);
  std::vector<double> times;
  for (int i = 0; i < 100; ++i) {
    if (::pwrite(fd, page.data(), page.size(), static_cast<off_t>(i) * 16384) < 0) stop("cannot write in " + folder.string());
    const auto start = std::chrono::steady_clock::now();
    ::fdatasync(fd);
    times.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
  }
  ::close(fd);
  ::unlink(file.c_str());
  std::sort(times.begin(), times.end());
  return times[times.size() / 2];
}

}  // namespace liaison::bench
