// Any bytes as a tlog-proof: refused, or a proof that is written again without its optional extra line.
#include "core/audit/checkpoint.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace liaison;
  const auto proof = audit::parse_proof(text({data, size}));
  if (!proof) return 0;
  const auto again = audit::parse_proof(audit::make_proof(proof->index, proof->path, proof->note));
  liaison_assert(again && again->index == proof->index && again->path == proof->path && again->note == proof->note);
  return 0;
}
