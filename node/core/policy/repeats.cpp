// See repeats.h. Collects what is held back, then searches what stays open. Strings and vectors of strings; a path tells which name a part belongs to.
#include "core/policy/repeats.h"

#include <map>

#include "core/policy/repeat_search.h"
#include "core/record/path.h"

namespace liaison::policy {
namespace {

using record::LeafType;
using record::Openings;
using Facts = record::Schema::PathFacts;

struct TextAt { std::string_view chars; std::size_t offset; };  // in the leaf's value

// The texts of a leaf: one, those of a vector, or none. Elements that are not texts read as nothing useful and match nothing.
std::vector<TextAt> texts_of(const Openings::Item& item) {
  if (record::is_audience(item.path) || record::is_decoy(item.path) || record::is_derived(item.path)) return {};
  if (item.type == LeafType::string) return {{text(item.value), 0}};
  if (item.type != LeafType::scalar_vector) return {};
  std::vector<TextAt> out;
  ByteReader reader(item.value);
  for (std::uint32_t left = reader.u32(); left > 0; --left) {
    const std::uint32_t bytes = reader.u32();
    const std::size_t offset = item.value.size() - reader.left();
    const ByteView chars = reader.take(bytes);
    if (!reader.ok()) return {};
    out.push_back({text(chars), offset});
  }
  return reader.at_end() ? out : std::vector<TextAt>{};
}

// What names of one group have in common: the person or company (first element on the path) and what the field tells.
std::string group_name(ByteView path, const Facts& facts) {
  std::size_t end = 0;
  while (end < path.size()) {
    const bool element = path[end] == static_cast<std::uint8_t>(record::Component::element);
    end += record::component_bytes(path[end]);
    if (element) break;
  }
  const bool name = facts.category == "person.name" || facts.category == "person.alias";
  return std::string(text(path.first(end))) + (name ? "name" : facts.category);
}

std::string item_of(const Facts& facts) { return !facts.item.empty() ? facts.item : !facts.twin.empty() ? facts.twin : facts.name; }

struct Held { std::size_t index; Matter matter; std::uint32_t group; std::vector<TextAt> texts; };

Needles needles_of(const record::Schema& schema, const Openings& openings, const std::vector<record::LeafDecision>& leaves) {
  std::map<std::string, std::uint32_t> groups;
  std::map<std::uint32_t, std::size_t> leaves_in_group;
  std::vector<Held> held;
  for (std::size_t i = 0; i < openings.size(); ++i) {
    if (leaves[i].effect == record::LeafEffect::open) continue;
    auto texts = texts_of(openings[i]);
    const auto facts = texts.empty() ? Result<Facts>(Facts{}) : schema.describe(openings.path(i));
    if (texts.empty() || !facts) continue;
    const std::uint32_t group = groups.emplace(group_name(openings.path(i), *facts), static_cast<std::uint32_t>(groups.size())).first->second;
    ++leaves_in_group[group];
    held.push_back({i, matter_of(facts->category), group, std::move(texts)});
  }
  Needles needles;
  for (const Held& one : held)
    for (const TextAt& part : one.texts) needles.add({one.index, one.matter, one.group, leaves_in_group[one.group] == 1}, part.chars);
  return needles;
}

}  // namespace

std::vector<Repeat> find_repeats(const record::Schema& schema, const Openings& openings, const std::vector<record::LeafDecision>& leaves) {
  liaison_assert(leaves.size() == openings.size());
  const Needles needles = needles_of(schema, openings, leaves);
  std::vector<Repeat> out;
  if (needles.empty()) return out;
  for (std::size_t i = 0; i < openings.size(); ++i) {
    if (leaves[i].effect != record::LeafEffect::open) continue;
    const auto texts = texts_of(openings[i]);
    const auto found = texts.empty() ? Result<Facts>(Facts{}) : schema.describe(openings.path(i));
    const Where where = found && tells_places(found->category) ? Where::places : Where::anywhere;
    for (const TextAt& part : texts) {
      for (const Hit& hit : search_text(needles, part.chars, where)) {
        if (out.size() == repeats_max) return out;
        const auto held = schema.describe(openings.path(hit.leaf));
        out.push_back({hit.leaf, i, held ? item_of(*held) : "", found ? item_of(*found) : "", part.offset + hit.offset});
      }
    }
  }
  return out;
}

}  // namespace liaison::policy
