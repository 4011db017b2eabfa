// The one place that decides what one recipient gets of one held record: policy, facts, what persons overruled, and the audience that stays open.
// Preview, T1, D and every relay call it, so that what was shown is what is sent. Pure.
#pragma once
#include <span>

#include "core/exchange/rows.h"
#include "core/exchange/context.h"
#include "core/policy/repeats.h"

namespace liaison::exchange {

struct DecisionInput {
  const record::Schema& schema;
  const record::Manifest& manifest;
  const record::Package& held;                         // as this agency holds it
  std::string_view recipient;                          // the next hop
  const RecordFacts* facts = nullptr;                  // none: nobody stated anything
  std::span<const policy::Override> overrides = {};
};
// The facts the decision rests on, with the words they came from.
Result<policy::Situation> situation_of(const Context& context, const DecisionInput& input);
// One decision per opening of `held`; leaves in `referred` wait for a person.
Result<policy::Decided> decide_record(const Context& context, const DecisionInput& input);
// Values held back that stand again in what would be shown, without the places somebody said are no repetition. Leaves that wait for a person count as
// shown: what becomes of them is decided later, and checked again then.
Result<std::vector<policy::Repeat>> find_repetitions(const DecisionInput& input, const policy::Decided& decided);

// As Schema::describe, with the numbers of the elements: "persons[1].family_name".
Result<record::Schema::PathFacts> describe_leaf(const record::Schema& schema, ByteView path);
// Leaves a person names: "5.b" stands for the item, its structured counterpart and what is derived, "5" for all of it; a dotted path for what lies below it.
bool is_named(const record::Schema::PathFacts& facts, std::string_view name);
std::vector<std::size_t> leaves_named(const record::Schema& schema, const record::Openings& openings, std::string_view name);

}  // namespace liaison::exchange
