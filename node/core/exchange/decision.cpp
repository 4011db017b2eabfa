// See decision.h. Never reads the store: whoever calls brings the record, so that a preview of what is not stored yet is decided by the same code.
#include "core/exchange/decision.h"

namespace liaison::exchange {
namespace {

// The leaves of the audience that name the recipient or a group or country stay open; other agencies stay hidden.
std::vector<std::string> open_audience(const record::Openings& openings, std::string_view recipient) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < openings.size(); ++i) {
    if (openings.path(i)[0] != 0x0E) continue;
    const auto value = text(openings[i].value);
    if (!value.starts_with("agency:") || value.substr(7) == recipient) out.emplace_back(value);
  }
  return out;
}

}  // namespace

Result<policy::Decided> decide_record(const Context& context, const DecisionInput& input) {
  const record::Package& held = input.held;
  auto party = policy::describe_recipient(*context.directory, context.agency, input.recipient, context.ports.clock.now());
  LIAISON_TRY(const auto situation, policy::make_situation(input.schema, input.manifest, held.openings, std::move(party), {}, country_of(context.agency)));
  const auto audience = open_audience(held.openings, input.recipient);
  LIAISON_TRY(auto decided, context.policy->decide(input.schema, input.manifest, held.openings, situation, audience, {}, held.withheld));
  if (!decided.may_leave()) return fail(Errc::not_permitted, "a person is to be asked");
  return decided;
}

}  // namespace liaison::exchange
