// The one place that decides what one recipient gets of one held record: policy, facts, what persons overruled, and the audience that stays open.
// Preview, T1, D and every relay call it, so that what was shown is what is sent. Pure.
#pragma once
#include "core/exchange/context.h"

namespace liaison::exchange {

struct DecisionInput {
  const record::Schema& schema;
  const record::Manifest& manifest;
  const record::Package& held;         // as this agency holds it
  std::string_view recipient;          // the next hop
};
// One decision per opening of `held`. Errors: not_permitted when a person must decide.
Result<policy::Decided> decide_record(const Context& context, const DecisionInput& input);

}  // namespace liaison::exchange
