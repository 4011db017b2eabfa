// The words of explanations. Every value of every condition has its own sentence; an unknown fact says what is not known. English, inside the agency.
#include "core/policy/explain.h"

#include <algorithm>
#include <bit>
#include <map>


namespace liaison::policy {
namespace {

struct ValueWords { Dim dim; std::string_view value, words; };
constexpr ValueWords special[] = {
    {Dim::nationality, "own", "the person is a national"}, {Dim::nationality, "other", "the person is a foreigner"},
    {Dim::nationality, "own_and_other", "the person is a national of this and of another country"}, {Dim::nationality, "stateless", "the person is stateless"},
    {Dim::nationality, "unknown", "the person's nationality is not known"}, {Dim::status, "unknown", "it is not known what the person is in the case"},
    {Dim::status, "person_of_interest", "the person is a person of interest"}, {Dim::status, "missing", "the person is missing"}, {Dim::status, "accused", "the person is accused"},
    {Dim::status, "convicted", "the person is convicted"}, {Dim::status, "deceased", "the person is deceased"}, {Dim::minor, "minor", "the person is a minor"},
    {Dim::minor, "adult", "the person is an adult"}, {Dim::minor, "unknown", "it is not known whether the person is a minor"},
    {Dim::authorisation, "none", "no authorisation is stated"}, {Dim::authorisation, "unknown", "no authorisation is stated"},
    {Dim::authorisation, "court", "a court authorised it"}, {Dim::authorisation, "prosecutor", "a prosecutor authorised it"}, {Dim::authorisation, "ministry", "the ministry authorised it"},
    {Dim::adequacy, "yes", "the recipient's protection of data is adequate"}, {Dim::adequacy, "no", "the recipient's protection of data is not known to be adequate"},
    {Dim::source_class, "unknown", "it is not known who the source is"}, {Dim::source_class, "official", "the source is an official"}, {Dim::source_class, "informant", "the source is an informant"},
    {Dim::source_class, "ngo", "the source is a non-governmental organisation"}, {Dim::source_class, "private_person", "the source is a private person"},
    {Dim::urgency, "urgent", "the message is urgent"}, {Dim::urgency, "routine", "the message is not urgent"}, {Dim::handling, "none", "no handling code is set"},
    {Dim::recipient_class, "own_agency", "the recipient is the own agency"}, {Dim::recipient_class, "own_country", "the recipient is of the own country"},
    {Dim::recipient_class, "law_enforcement", "the recipient is a law enforcement agency"}, {Dim::recipient_class, "customs", "the recipient is a customs administration"},
    {Dim::recipient_class, "cites_authority", "the recipient is a CITES authority"}, {Dim::recipient_class, "judicial", "the recipient is a judicial authority"},
    {Dim::recipient_class, "international_organisation", "the recipient is an international organisation"}, {Dim::recipient_class, "laboratory", "the recipient is a laboratory"},
    {Dim::recipient_class, "financial_intelligence", "the recipient is a financial intelligence unit"}, {Dim::recipient_class, "unknown", "it is not known what the recipient is"}};

std::string plain(std::string_view key) {
  std::string out(key.starts_with("person_") ? key.substr(7) : key);
  std::replace(out.begin(), out.end(), '_', ' ');
  return out;
}

std::string words_of(Dim dim, std::string_view value) {
  for (const ValueWords& entry : special)
    if (entry.dim == dim && entry.value == value) return std::string(entry.words);
  if (value == "unknown") return "the " + plain(key_of(dim)) + " is not known";
  if (dim == Dim::status) return "the person is a " + plain(value);
  return "the " + plain(key_of(dim)) + " is " + plain(value);
}

// Where a person's fact, or that of several, came from.
std::string source_of(Dim dim, const Situation& situation, std::span<const PersonFacts> persons) {
  if (dim == Dim::source_class) return situation.source_class == SourceClass::unknown ? std::string() : situation.source_from;
  if (!of_person(dim) || persons.size() != 1) return {};
  return dim == Dim::status ? persons[0].status_from : dim == Dim::nationality ? persons[0].nationality_from : persons[0].minor_from;
}

class Explainer {
 public:
  Explainer(const Policy& policy, const FieldTable& fields, const Situation& situation) : policy_(policy), fields_(fields), situation_(situation) {}

  LeafExplanation leaf(std::size_t opening, std::size_t field, const LeafReason& reason) {
    LeafExplanation out;
    out.opening = opening;
    out.path = fields_.fields()[field].name;
    out.item = fields_.fields()[field].item;
    out.reason = reason;
    out.basis = policy_.basis_of(reason);
    auto known = matching_.find(reason.person);
    if (known == matching_.end()) known = matching_.emplace(reason.person, policy_.matching(situation_, reason.person)).first;
    const auto& covering = policy_.covering(fields_, field);
    for (std::size_t r = 0; r < policy_.rules().size(); ++r)
      if ((covering[r / 64] & known->second[r / 64] & std::uint64_t{1} << (r % 64)) != 0) out.matching.push_back(policy_.rules()[r].id);
    if (reason.rule < 0) return out;
    const Rule& rule = policy_.rules()[static_cast<std::size_t>(reason.rule)];
    out.rule = rule.id;
    for (const Condition& condition : rule.when.conditions) fact(condition, rule.when.leaning, reason.person, out.facts);
    const Recipient& to = situation_.recipient;
    if (!rule.when.recipients.empty()) out.facts.push_back({"recipient", to.agency, "the recipient is " + to.agency, {}});
    if (!rule.when.countries.empty()) out.facts.push_back({"recipient_country", to.country, "the recipient is of " + to.country, {}});
    if (!rule.when.groups.empty()) out.facts.push_back({"recipient_group", to.agency, "the recipient is in a group the rule names", {}});
    return out;
  }

 private:
  // The persons whose facts made a rule match: one, or those of the whole message that satisfy the condition.
  std::vector<PersonFacts> persons_for(const Condition& condition, Leaning leaning, int person) const {
    if (person >= 0) {
      const auto index = static_cast<std::size_t>(person);
      return {index < situation_.persons.size() ? situation_.persons[index] : PersonFacts{}};
    }
    std::vector<PersonFacts> out;
    for (const PersonFacts& one : situation_.persons) {
      FactBits bits;
      put_person(bits, one);
      if (holds(condition, bits[condition.dim], leaning)) out.push_back(one);
    }
    return out;
  }

  void fact(const Condition& condition, Leaning leaning, int person, std::vector<FactUsed>& out) const {
    FactBits bits = policy_.facts_of(situation_);
    const auto persons = of_person(condition.dim) ? persons_for(condition, leaning, person) : std::vector<PersonFacts>{};
    if (of_person(condition.dim) && persons.empty()) {
      out.push_back({std::string(key_of(condition.dim)), "none", "the message names nobody", {}});
      return;
    }
    if (!persons.empty()) put_person(bits, persons.front());
    Values values = bits[condition.dim] & condition.holds;
    if (values == 0) values = bits[condition.dim];
    for (; values != 0; values &= values - 1) {
      const std::string_view value = names_of(condition.dim)[static_cast<std::size_t>(std::countr_zero(values))];
      out.push_back({std::string(key_of(condition.dim)), std::string(value), words_of(condition.dim, value), source_of(condition.dim, situation_, persons)});
    }
  }

  const Policy& policy_;
  const FieldTable& fields_;
  const Situation& situation_;
  std::map<int, Policy::RuleBits> matching_;
};

}  // namespace

Result<std::vector<LeafExplanation>> explain(const Policy& policy, const record::Schema& schema, const record::Openings& openings, const Situation& situation, const Decided& decided) {
  liaison_assert(decided.reasons.size() == openings.size());
  const auto& tables = shipped_fields();
  const auto fields = std::find_if(tables.begin(), tables.end(), [&](const FieldTable& table) { return table.schema() == schema.hash(); });
  if (fields == tables.end()) return fail(Errc::unknown_schema, schema.kind());
  Explainer explainer(policy, *fields, situation);
  std::vector<LeafExplanation> out;
  for (std::size_t i = 0; i < openings.size(); ++i) {
    const int field = fields->locate(openings.path(i));
    if (field >= 0) out.push_back(explainer.leaf(i, static_cast<std::size_t>(field), decided.reasons[i]));
  }
  return out;
}

std::string explain_line(const LeafExplanation& leaf, const Situation& situation, const ItemLabel& label) {
  const std::string_view words = leaf.item.empty() ? std::string_view() : label(leaf.item);
  std::string out = leaf.item.empty() || words.empty() ? leaf.path : leaf.item + " " + std::string(words);
  if (!leaf.item.empty() && leaf.path.find('#') != std::string::npos) out += " (" + leaf.path.substr(leaf.path.find('#') + 1) + " only)";
  const std::string& to = situation.recipient.agency;
  switch (leaf.reason.effect) {
    case Effect::disclose: out += ": disclosed to " + to; break;
    case Effect::refer: out += ": waits for a person before it goes to " + to; break;
    case Effect::withhold: out += ": withheld from " + to; break;
    case Effect::opaque: out += ": not shown to " + to + " at all"; break;
  }
  if (leaf.reason.overridden) out += ", as a person of this agency decided";
  out += leaf.rule.empty() ? ", no rule, " : ", rule " + leaf.rule + ", ";
  out += leaf.basis.text;
  std::string because;
  for (const FactUsed& fact : leaf.facts) because += (because.empty() ? ", because " : " and ") + fact.words + (fact.from.empty() ? "" : " (from " + fact.from + ")");
  if (leaf.rule.empty() && !leaf.reason.overridden) because = ", because no rule permits it";
  out += because;
  if (leaf.reason.structural) out += "; what hangs on it or what the originator set decided with it";
  return out;
}

}  // namespace liaison::policy
