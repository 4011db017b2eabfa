// What ends when, as far as one agency can know it: the directory, its registered keys, its tls certificate and the CAs above it, the revocation lists of its country.
// And which warning is due: 60, 30, 14, 7 and 1 days before the end, and at the end; each once. Pure; for the node's warnings and for `liaison doctor`.
#pragma once
#include <map>
#include <optional>

#include "core/directory/directory.h"

namespace liaison::directory {

struct Expiry {
  std::string area;     // directory, key, certificate, list
  std::string subject;  // realm, role, agency or CA
  Time ends{};
  std::string cure;     // what to do, and where
};
// `own_chain`: the node's tls certificate and what it sends with it (DER), empty when unknown. Soonest end first. Of several keys of one role only the last to end counts.
std::vector<Expiry> expiries(const Directory& directory, std::string_view agency, std::span<const Bytes> own_chain);

// "ends in 30 days (2026-07-01T00:00:00.000Z)"
std::string ends_text(const Expiry& expiry, Time now);

class ExpiryWatch {
 public:
  // The days of the warning that is due now, 0 when it has ended; nothing when it was given already or none is due. One warning for several missed ones.
  std::optional<unsigned> due(const Expiry& expiry, Time now);

 private:
  struct Given {
    Time ends{};
    unsigned days = 0;
  };
  std::map<std::string, Given> given_;  // by area and subject; a renewal begins anew
};

}  // namespace liaison::directory
