// See plan.h. What the sender holds back goes to everybody without it; what the sender says is no repetition is taken as said, and audited.
#include "core/exchange/plan.h"

#include <algorithm>
#include <set>

#include "core/exchange/routes.h"

namespace liaison::exchange {
namespace {
std::string place_of(const record::Schema& schema, const record::Openings& openings, std::size_t leaf) {
  const auto facts = describe_leaf(schema, openings.path(leaf));
  if (!facts) return to_hex(openings.path(leaf));
  const std::string& item = facts->item.empty() ? facts->twin : facts->item;
  return item.empty() ? facts->name : item + " (" + facts->name + ")";
}

class Planner {
 public:
  Planner(const Context& context, const Submission& submission, const HotRecord& hot, const record::Schema& schema)
      : context_(context), submission_(submission), hot_(hot), schema_(schema) {}

  Result<RecordPlan> run() {
    hold_back();
    std::vector<std::string> audiences;
    for (const auto& recipient : submission_.to) audiences.push_back(audience_of(recipient));
    const auto routes = make_routes(*context_.directory, make_journey(context_, hot_.manifest), audiences);
    for (const auto& onward : routes.onward) LIAISON_CHECK(add_hop(onward.next));
    return std::move(plan_);
  }

 private:
  void hold_back() {
    for (const auto& item : submission_.withhold) {
      const auto leaves = leaves_named(schema_, hot_.package.openings, item);
      if (leaves.empty()) {
        plan_.problems.push_back("withhold: item " + item + " does not stand in the message");
        plan_.code = Errc::invalid_argument;
      }
      for (const std::size_t leaf : leaves) overrides_.push_back({to_bytes(hot_.package.openings.path(leaf)), policy::Effect::withhold});
    }
  }

  Result<void> add_hop(const std::string& next) {
    HopPlan hop;
    hop.next = next;
    hop.row = make_outbox_row(context_, {hot_.manifest.from, hot_.manifest.record.id, hot_.manifest.record.version}, submission_.expires, hot_.package);
    hop.row.overrides = overrides_;
    LIAISON_TRY(hop.decision, decide_hop(context_, {schema_, hot_.manifest, hot_.package, next, &submission_.facts, overrides_}, hop.row));
    if (hop.decision.held) hop.decision.held->submitter = context_.commit_to_person(submission_.person);
    for (const auto& repeat : hop.decision.repeats) note(next, repeat);
    plan_.hops.push_back(std::move(hop));
    return {};
  }

  void note(const std::string& next, const policy::Repeat& repeat) {
    const std::string found = place_of(schema_, hot_.package.openings, repeat.found_in);
    const std::string held_back = place_of(schema_, hot_.package.openings, repeat.held_back);
    if (!noted_.insert({repeat.found_in, repeat.held_back}).second) return;
    plan_.problems.push_back("item " + found + " repeats at character " + std::to_string(repeat.offset) + " what is held back from " + next + " in item " + held_back +
                             ": hold it back too (--withhold), write it anew, or state why it is no repetition (--no-repetition)");
  }

  const Context& context_;
  const Submission& submission_;
  const HotRecord& hot_;
  const record::Schema& schema_;
  std::vector<policy::Override> overrides_;
  std::set<std::pair<std::size_t, std::size_t>> noted_;
  RecordPlan plan_;
};
}  // namespace

std::string RecordPlan::joined() const {
  std::string all;
  for (const auto& problem : problems) all += (all.empty() ? "" : "; ") + problem;
  return all;
}

Result<RecordPlan> plan_record(const Context& context, const Submission& submission, const HotRecord& hot) {
  LIAISON_TRY(const auto schema, schema_of(context, hot.manifest));
  return Planner(context, submission, hot, *schema).run();
}

}  // namespace liaison::exchange
