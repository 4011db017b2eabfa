// Any bytes as a signature block: refused, or known algorithms are written again as they were. Nothing verifies against a text by chance.
#include "core/crypto/signed_text.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace liaison;
  const ByteView block{data, size};
  const auto signatures = crypto::parse_signatures(block);
  if (!signatures) return 0;
  liaison_assert(signatures->size() <= limits::signatures_max);
  std::string again;
  bool all_known = true;
  for (const auto& signature : *signatures) {
    all_known = all_known && (signature.algorithm == 1 || signature.algorithm == 2);
    again += crypto::format_signature(signature);
  }
  if (all_known) liaison_assert(again == text(block));
  static const auto key = crypto::derive_key_pair(Bytes(32, 1));
  crypto::VerifiedBatches batches;
  liaison_assert(!crypto::verify_text("demo", view("a text nobody signed"), block, key->public_key(), batches));
  return 0;
}
