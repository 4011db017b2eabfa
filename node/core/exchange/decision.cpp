// See decision.h. Never reads the store: whoever calls brings the record, so that a preview of what is not stored yet is decided by the same code.
#include "core/exchange/decision.h"

namespace liaison::exchange {

Result<policy::Policy::Decided> decide_record(const Context& context, const DecisionInput& input) {
  return context.policy->decide(input.schema, input.held.openings, input.recipient);
}

}  // namespace liaison::exchange
