// Why each leaf of a decided message is disclosed, withheld, referred or opaque: winning rule, all matching rules, basis, facts and where they came from.
// For people of the deciding agency only: the words tell the facts. A recipient reads field, agency and public category. Pure.
#pragma once
#include <functional>

#include "core/policy/policy.h"

namespace liaison::policy {

struct FactUsed {
  std::string condition, value;         // "person_nationality", "own"
  std::string words;                    // "the person is a national"
  std::string from;                     // "5.g 'Kenyan', confirmed by the sender"; empty: of the message itself, or not stated
};
struct LeafExplanation {
  std::size_t opening = 0;              // in the record's openings
  std::string path, item;               // "persons[].family_name", "5.b" (of a fact: the item it stands beside)
  LeafReason reason;
  std::string rule;                     // empty: no rule
  Basis basis;
  std::vector<std::string> matching;    // ids of all rules that match, strictest first
  std::vector<FactUsed> facts;          // of the winning rule's conditions
};
// One per leaf of the form; audience and decoys are left out.
Result<std::vector<LeafExplanation>> explain(const Policy& policy, const record::Schema& schema, const record::Openings& openings, const Situation& situation, const Decided& decided);

// "5.b Family name: withheld from int.gs, rule R020, Data Protection Act s. 48, because the person is a national (from 5.g 'Kenyan', confirmed by the
// sender) and no authorisation is stated". `label` gives the words of an item ("5.b": "Family name").
using ItemLabel = std::function<std::string_view(std::string_view item)>;
std::string explain_line(const LeafExplanation& leaf, const Situation& situation, const ItemLabel& label);

}  // namespace liaison::policy
