// How a node is, finding by finding, for `liaison doctor` (domain 9): what was found, whether it is well, and what to do where it is not. Pure.
// Texts hold agency ids, codes, times and sizes, never anything of a record or a person's name, so that they can be handed to a supporter.
#pragma once
#include "core/directory/expiry.h"
#include "core/exchange/peer.h"

namespace liaison::exchange {

enum class Health : std::uint8_t { good, watch, bad };  // shown green, amber, red
struct Finding {
  Health health{};
  std::string area;     // directory, key, certificate, link, ledger, clock, audit, held, alarm, disk, settings, node
  std::string subject;  // agency, role, file
  std::string found;
  std::string cure;     // empty when all is well
};

// "in 61 days", "3 days ago"; hours below two days, minutes below two hours.
std::string distance(Time from, Time to);
// Bad when it is over or within 7 days of its end, to be watched within 30.
Finding ending(const directory::Expiry& one, Time now);
// Free room of what may grow: bad below 256 MiB, to be watched below 2 GiB.
Finding free_room(std::string subject, std::uint64_t free_bytes);

// `override_until`: an administrator's word that it is used past its grace.
Finding directory_health(const directory::Directory& directory, Time now, const std::optional<Time>& override_until = {});
// The key of each long-lived role: had, registered, valid; and when the agency's keys and certificates end.
std::vector<Finding> key_health(const Context& context);
// Link, ledgers and clock of one peer.
std::vector<Finding> peer_health(const directory::Agency& agency, const Peer::Status& status, Time now);

}  // namespace liaison::exchange
