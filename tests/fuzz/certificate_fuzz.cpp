// Any bytes as a certificate, as a revocation list, and as a chain (u16 length || DER, repeated) checked against its own last element: never more than refused,
// and never admitted for another country or role than asked for.
#include "core/base/limits.h"
#include "core/crypto/certificate.h"
#include "core/crypto/revocation_list.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace liaison;
  const ByteView bytes{data, size};
  static_cast<void>(crypto::read_certificate("demo", bytes));
  static_cast<void>(crypto::read_revocation_list(bytes));
  std::vector<Bytes> chain;
  for (ByteReader reader(bytes); reader.ok() && chain.size() <= limits::certificate_chain_max;) {
    const ByteView der = reader.take(reader.u16());
    if (reader.ok()) chain.push_back(to_bytes(der));
  }
  if (chain.size() < 2) return 0;
  const Bytes anchor = chain.back();
  chain.pop_back();
  for (const auto role : {crypto::KeyRole::tls, crypto::KeyRole::seal}) {
    const Time now = time_from_millis(1'772'600'767'000);
    const auto facts = crypto::check_chain({"demo", "ke", role, now}, chain, {&anchor, 1});
    if (facts) liaison_assert(facts->role == role && country_of(facts->agency) == "ke" && facts->not_before <= now && now <= facts->not_after);
    if (!facts) liaison_assert(facts.error().code == Errc::not_admitted);
  }
  return 0;
}
