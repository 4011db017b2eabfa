// Milliseconds of a directory of 1,000 agencies and 10,000 keys: load, the check of a version that follows, its delta made and applied, and the admission of one
// peer by its certificate. Takes the number of rounds as its only argument.
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "core/directory/delta.h"
#include "core/directory/succession.h"
#include "tests/support/certificates.h"

namespace {

using namespace liaison;
using namespace liaison::directory;

constexpr int agencies = 1000, keys_each = 10;

template <class Stage>
void measure(const char* name, int rounds, const Stage& stage) {
  stage();
  const std::clock_t start = std::clock();
  for (int i = 0; i < rounds; ++i) stage();
  std::printf("%-52s %10.2f ms\n", name, static_cast<double>(std::clock() - start) * 1000 / CLOCKS_PER_SEC / rounds);
}

template <class T>
T must(Result<T> result) {
  if (!result) assertion_failed(result.error().message().c_str(), __FILE__, __LINE__);
  return std::move(*result);
}

std::string agency_json(int number, const Bytes& spki, const std::string& endpoint) {
  std::string keys;
  for (int i = 0; i < keys_each; ++i) {
    Bytes other = spki;  // a registered key is not constructed before it is used, so these need not lie on the curve
    other[40] = static_cast<std::uint8_t>(number);
    other[41] = static_cast<std::uint8_t>(number >> 8);
    other[42] = static_cast<std::uint8_t>(i);
    keys += (i == 0 ? "" : ",") + std::string(R"({"role":"seal","spki":")") + to_base64(other) + R"(","not_before":"2026-01-01T00:00:00.000Z","not_after":"2027-01-01T00:00:00.000Z"})";
  }
  const std::string id = number == 0 ? "ke.customs" : "ke.a" + std::to_string(number);
  return R"({"id":")" + id + R"(","country":"ke","type":"customs","names":[{"language":"en","text":"An agency"}],"endpoints":[")" + endpoint + R"("],"channels":["customs"],"keys":[)" + keys + "]}";
}

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 20;
  const support::CertificateAuthority ca;
  const auto leaf = ca.issue({});
  const auto authority = must(crypto::PrivateKey::generate(crypto::key_type(crypto::KeyRole::authority)));
  const auto make = [&](std::uint64_t version, std::optional<Hash> previous, const std::string& endpoint) {
    std::string list;
    for (int i = 0; i < agencies; ++i) list += (i == 0 ? "" : ",") + agency_json(i, authority.public_key().spki(), i == 0 ? endpoint : "192.0.2.1:4650");
    const std::string json = R"({"realm":"demo","expires":"2026-12-01T00:00:00.000Z","grace":"2026-12-15T00:00:00.000Z","authorities":{"threshold":1,"keys":[")" +
                             to_base64(authority.public_key().spki()) + R"("]},"agencies":[)" + list + R"(],"countries":[{"country":"ke","certificates":[")" + to_base64(ca.certificate()) + R"("]}]})";
    const Bytes file = must(make_unsigned({json, version, previous, support::certificate_time}));
    return must(add_signature(file, authority.public_key(), [&](ByteView text) { return authority.sign(text); }));
  };
  const AuthorityPins pins{1, {authority.public_key().hash()}};
  const Bytes v1 = make(1, std::nullopt, "192.0.2.7:4650");
  const auto first = must(Directory::load(v1, pins));
  const Bytes v2 = make(2, first->hash(), "192.0.2.8:4650");
  const Bytes delta = must(make_delta(v2, ByteView(v1)));
  std::printf("file %zu bytes, delta %zu bytes\n", v2.size(), delta.size());
  measure("load", rounds, [&] { must(Directory::load(v1, pins)); });
  measure("check of the version that follows", rounds, [&] { must(check_arrival(*first, v2, support::certificate_time)); });
  measure("delta made", rounds, [&] { must(make_delta(v2, ByteView(v1))); });
  measure("delta applied", rounds, [&] { must(apply_delta(delta, ByteView(v1))); });
  measure("admission of one peer", 50 * rounds, [&] { must(first->admit(std::array{leaf.certificate}, support::certificate_time)); });
  return 0;
}
