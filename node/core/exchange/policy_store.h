// The policy in force: which version it is, what may replace it, and how it survives a restart. Versions never go back; a file that is refused leaves the
// old one in force. Table policy keeps every version that was loaded, meta "policy" the key of the one in force. Pure over the Store port.
#pragma once
#include "core/exchange/context.h"
#include "core/exchange/policy_text.h"
#include "core/exchange/rows.h"

namespace liaison::exchange {

// The row of meta that must not have changed when something decided under `context.policy` is committed.
Precondition policy_in_force(const Context& context);

struct StoredPolicy {
  std::shared_ptr<const policy::Policy> policy;
  PolicyRow row;
};
// None: nothing was ever loaded.
Result<std::optional<StoredPolicy>> load_policy_in_force(const Store& store);

// A policy somebody brings. Checked against the one in force: name and version, compiled, enough valid signatures by distinct keys of role policy
// (one; two when something is newly disclosed). Errors: invalid_settings (line and cure), superseded, not_permitted (signatures).
struct NewPolicy {
  std::shared_ptr<const policy::Policy> policy;
  PolicyRow row;
  WriteSet set;                              // without the audit entry
};
Result<NewPolicy> check_new_policy(const Context& context, Bytes json, std::vector<link::SignedText> signatures);
// The one named in the settings, at the first start: nobody has to sign it.
Result<NewPolicy> make_initial_policy(Bytes json, Time now);

}  // namespace liaison::exchange
