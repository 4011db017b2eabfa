// See decision.h. Never reads the store: whoever calls brings the record, so that a preview of what is not stored yet is decided by the same code.
#include "core/exchange/decision.h"

#include <algorithm>

#include "core/exchange/routes.h"
#include "core/record/path.h"

namespace liaison::exchange {
namespace {
bool excused(const RecordFacts& facts, const record::Schema::PathFacts& place) {
  return std::any_of(facts.no_repetition.begin(), facts.no_repetition.end(), [&](const auto& one) { return is_named(place, one.item); });
}

// "structured.persons[2].nationalities[0]" -> 2.
std::optional<std::size_t> person_of(std::string_view path) {
  const auto at = path.find("persons[");
  if (at == std::string_view::npos) return std::nullopt;
  const auto number = crypto::parse_decimal(path.substr(at + 8, path.find(']', at) - at - 8));
  return number ? std::optional<std::size_t>(*number) : std::nullopt;
}

void note_origins(const RecordFacts& facts, policy::Situation& situation) {
  for (const auto& origin : facts.origins) {
    const auto number = person_of(origin.path);
    if (!number) {
      if (origin.path.find("source") != std::string::npos) situation.source_from = origin.words;
      continue;
    }
    if (*number >= situation.persons.size()) continue;
    auto& person = situation.persons[*number];
    if (origin.path.find("nationalit") != std::string::npos) person.nationality_from = origin.words;
    else if (origin.path.find("birth") != std::string::npos) person.minor_from = origin.words;
    else if (origin.path.find("status") != std::string::npos) person.status_from = origin.words;
  }
}
}  // namespace

Result<policy::Situation> situation_of(const Context& context, const DecisionInput& input) {
  auto recipient = policy::describe_recipient(*context.directory, context.agency, input.recipient, context.ports.clock.now());
  const policy::StatedFacts stated = input.facts == nullptr ? policy::StatedFacts{} : input.facts->stated;
  LIAISON_TRY(auto situation, policy::make_situation(input.schema, input.manifest, input.held.openings, std::move(recipient), stated, country_of(context.agency)));
  if (input.facts != nullptr) note_origins(*input.facts, situation);
  return situation;
}

Result<policy::Decided> decide_record(const Context& context, const DecisionInput& input) {
  LIAISON_TRY(const auto situation, situation_of(context, input));
  const auto audience = audience_for(context, input.manifest, input.held.openings, input.recipient);
  LIAISON_TRY(auto decided, context.policy->decide(input.schema, input.manifest, input.held.openings, situation, audience, input.overrides, input.held.withheld));
  liaison_assert(decided.leaves.size() == input.held.openings.size());
  return decided;
}

Result<std::vector<policy::Repeat>> find_repetitions(const DecisionInput& input, const policy::Decided& decided) {
  auto leaves = decided.leaves;
  for (const std::size_t index : decided.referred) leaves[index].effect = record::LeafEffect::open;
  const auto held_back = [&](std::size_t i) {
    return leaves[i].effect != record::LeafEffect::open && !record::is_audience(input.held.openings.path(i)) && !record::is_decoy(input.held.openings.path(i));
  };
  std::size_t first = 0;
  while (first < leaves.size() && !held_back(first)) ++first;
  if (first == leaves.size()) return std::vector<policy::Repeat>{};
  auto repeats = policy::find_repeats(input.schema, input.held.openings, leaves);
  if (input.facts == nullptr || input.facts->no_repetition.empty()) return repeats;
  std::vector<policy::Repeat> left;
  for (auto& repeat : repeats) {
    LIAISON_TRY(const auto place, describe_leaf(input.schema, input.held.openings.path(repeat.found_in)));
    if (!excused(*input.facts, place)) left.push_back(std::move(repeat));
  }
  return left;
}

Result<record::Schema::PathFacts> describe_leaf(const record::Schema& schema, ByteView path) {
  LIAISON_TRY(auto facts, schema.describe(path));
  std::size_t from = 0;
  for (std::size_t at = 0; at < path.size(); at += record::component_bytes(path[at])) {
    if (static_cast<record::Component>(path[at]) != record::Component::element) continue;
    from = facts.name.find("[]", from);
    liaison_assert(from != std::string::npos);
    const std::string number = std::to_string(ByteReader(path.subspan(at + 1)).u32());
    facts.name.insert(from + 1, number);
    from += number.size() + 2;
  }
  return facts;
}

bool is_named(const record::Schema::PathFacts& facts, std::string_view name) {
  const auto within = [name](std::string_view place) {
    return place.starts_with(name) && (place.size() == name.size() || place[name.size()] == '.' || place[name.size()] == '[' || place[name.size()] == '#');
  };
  return !name.empty() && (within(facts.item) || within(facts.twin) || within(facts.name));
}

std::vector<std::size_t> leaves_named(const record::Schema& schema, const record::Openings& openings, std::string_view name) {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < openings.size(); ++i) {
    if (record::is_audience(openings.path(i)) || record::is_decoy(openings.path(i))) continue;
    const auto facts = describe_leaf(schema, openings.path(i));
    if (facts && is_named(*facts, name)) found.push_back(i);
  }
  return found;
}

}  // namespace liaison::exchange
