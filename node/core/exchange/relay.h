// What a received record makes this agency do onwards: is it for us, which next hops wait for it, which of them need the originator's permission first.
// T2 asks before it stores; D asks again for the one hop it is about to take. Pure over the Store port.
#pragma once
#include "core/exchange/accept.h"
#include "core/exchange/routes.h"

namespace liaison::exchange {

struct RelayPlan {
  bool for_self = false;                     // the audience covers this agency: its people get it
  std::vector<std::string> next;             // to be queued now
  std::vector<std::string> waiting;          // next hops that wait for a permit of the originator
  std::vector<Unreachable> unreachable;      // final recipients we were asked to serve and cannot
};
// `held` as received: its last disclosure names where it came from. Errc: audience_excludes (neither for us nor to be passed on).
Result<RelayPlan> plan_relay(const Context& context, const record::Manifest& manifest, const record::Package& held, std::string_view from);

// May this record go on to this next hop now? Directory, sharing level, audience, policy, tombstone. Errc: route_not_allowed, not_permitted, superseded.
Result<void> check_onward(const Context& context, const record::Manifest& manifest, const record::Package& held, std::string_view next);

// The originator's permits for this manifest that this agency holds beside those in the package, in the order of their hashes. Some came before the record.
Result<std::vector<record::SignedText>> load_permits(const Context& context, const RecordKey& key, const Hash& manifest);
// Adds to the package what permits `next` and answers the hashes its disclosure relies on; none needed: empty. Errc: permit_missing.
Result<std::vector<Hash>> use_permits(const Context& context, const record::Manifest& manifest, record::Package& held, std::string_view next);

}  // namespace liaison::exchange
