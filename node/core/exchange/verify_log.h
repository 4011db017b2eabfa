// Verification of the node's own logs from the first entry: the audit log against its stored tree and a checkpoint, one peer's ledgers against
// their entries, signed heads and receipts. Slow by design (reads everything); runs on a pool thread. No effects.
#pragma once
#include "core/exchange/context.h"

namespace liaison::exchange {

struct VerifyLine {
  std::string what;
  std::uint64_t entries = 0;
  bool ok = false;
  std::string detail;
};
// `size`: how much of the log to verify (as committed when the request came).
std::vector<VerifyLine> verify_audit(const Context& context, const merkle::Frontier& expected);
std::vector<VerifyLine> verify_ledgers(const Context& context, std::string_view peer);

}  // namespace liaison::exchange
