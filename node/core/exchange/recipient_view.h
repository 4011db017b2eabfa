// What one recipient would get, for people of this agency to look at before it leaves: the message as it will be rebuilt there and the decision on every
// field. Holds content: whoever shows it audits that, but for a draft of the sender's own. Pure.
#pragma once
#include "core/exchange/decision.h"
#include "schemas/api_generated.h"

namespace liaison::exchange {

enum class ShowValues : std::uint8_t { no, yes };
Result<flatbuffers::Offset<api::RecipientView>> make_recipient_view(const Context& context, flatbuffers::FlatBufferBuilder& builder, const DecisionInput& input, const policy::Decided& decided,
                                                                    const std::vector<policy::Repeat>& repeats, ShowValues values);

}  // namespace liaison::exchange
