// The decisions of T1, made before anything is accepted: per next hop an outbox row or an item that waits for a person, or every reason to refuse at once.
// Preview asks the same function, so that a refusal is known before anything leaves. Pure.
#pragma once
#include "core/exchange/accept.h"
#include "core/exchange/held.h"

namespace liaison::exchange {

struct HopPlan {
  std::string next;
  OutboxRow row;
  HopDecision decision;                      // `held`: waits in the place of the row; each of `repeats` is a reason to refuse
};
struct RecordPlan {
  std::vector<HopPlan> hops;
  std::vector<std::string> problems;         // places, for the sender; empty: may be accepted
  Errc code = Errc::repeated_value;          // of the problems
  std::string joined() const;
};
// `hot` need not be signed yet. Errors: those of deciding itself.
Result<RecordPlan> plan_record(const Context& context, const Submission& submission, const HotRecord& hot);

}  // namespace liaison::exchange
