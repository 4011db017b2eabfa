// Permits an originator gives (`liaison permit v1`, formats 3): without one no relay passes on what its handling codes keep under the originator's control.
// One text per next hop, naming every agency on the way from there. Pure but for the ports of the context.
#pragma once
#include <set>

#include "core/exchange/accept.h"
#include "core/exchange/queue.h"

namespace liaison::exchange {

struct GivenPermit {
  std::string next;                    // whom it is for at first
  record::SignedText text;
  Op op;                               // keeps it with the record
};
// `recipients`: final recipients as the submitter names them. Those that no relay lies before need none.
Result<std::vector<GivenPermit>> make_permits(const Context& context, const record::Manifest& manifest, const Hash& manifest_hash, std::span<const std::string> recipients);
// As a message of its own, for a record that was dispatched before.
Report make_permit_report(const Context& context, const GivenPermit& permit);

}  // namespace liaison::exchange
