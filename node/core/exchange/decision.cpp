// See decision.h. Never reads the store: whoever calls brings the record, so that a preview of what is not stored yet is decided by the same code.
#include "core/exchange/decision.h"

#include "core/exchange/routes.h"

namespace liaison::exchange {

Result<policy::Decided> decide_record(const Context& context, const DecisionInput& input) {
  const record::Package& held = input.held;
  auto party = policy::describe_recipient(*context.directory, context.agency, input.recipient, context.ports.clock.now());
  LIAISON_TRY(const auto situation, policy::make_situation(input.schema, input.manifest, held.openings, std::move(party), {}, country_of(context.agency)));
  const auto audience = audience_for(context, input.manifest, held.openings, input.recipient);
  LIAISON_TRY(auto decided, context.policy->decide(input.schema, input.manifest, held.openings, situation, audience, {}, held.withheld));
  if (!decided.may_leave()) return fail(Errc::not_permitted, "a person is to be asked");
  return decided;
}

}  // namespace liaison::exchange
