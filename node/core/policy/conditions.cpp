// Tables of names and the matching of sets. The names are those of the codes of messages, in the order of the enumerations of policy.fbs.
#include "core/policy/conditions.h"

#include <algorithm>

namespace liaison::policy {
namespace {
using namespace std::string_view_literals;
using Names = std::span<const std::string_view>;

constexpr std::array purpose{"unknown"sv, "wanted"sv, "identify"sv, "investigation"sv, "alert"sv, "missing"sv, "deceased"sv, "forensic"sv, "border"sv, "security-check"sv, "threat-analysis"sv};
constexpr std::array channel{"unknown"sv, "interpol"sv, "customs"sv, "cites"sv, "judicial"sv};
constexpr std::array level{"unknown"sv, "national"sv, "regional"sv, "international"sv};
constexpr std::array urgency{"unknown"sv, "urgent"sv, "routine"sv};
constexpr std::array handling{"unknown"sv, "none"sv, "TLP:RED"sv, "TLP:AMBER+STRICT"sv, "TLP:AMBER"sv, "TLP:GREEN"sv, "TLP:CLEAR"sv, "H0"sv, "H1"sv, "H2"sv, "H3"sv};
constexpr std::array recipient_class{"unknown"sv, "own_agency"sv, "own_country"sv, "law_enforcement"sv, "customs"sv, "cites_authority"sv, "judicial"sv, "international_organisation"sv, "laboratory"sv, "financial_intelligence"sv};
constexpr std::array adequacy{"unknown"sv, "yes"sv, "no"sv};
constexpr std::array confidentiality{"unknown"sv, "open"sv, "restricted"sv, "confidential"sv, "secret"sv};
constexpr std::array offence_class{"unknown"sv, "administrative"sv, "ordinary"sv, "serious"sv, "organised"sv, "terrorism"sv, "fiscal"sv, "political"sv, "military"sv, "religious_or_racial"sv};
constexpr std::array authorisation{"unknown"sv, "none"sv, "court"sv, "prosecutor"sv, "ministry"sv};
constexpr std::array source_class{"unknown"sv, "official"sv, "informant"sv, "ngo"sv, "private_person"sv};
constexpr std::array source_grade{"unknown"sv, "a"sv, "b"sv, "c"sv, "d"sv, "e"sv, "f"sv, "x"sv};
constexpr std::array information_grade{"unknown"sv, "1"sv, "2"sv, "3"sv, "4"sv, "5"sv, "6"sv};
constexpr std::array status{"unknown"sv, "suspect"sv, "accused"sv, "convicted"sv, "witness"sv, "victim"sv, "missing"sv, "person_of_interest"sv, "deceased"sv, "possible_threat"sv};
constexpr std::array nationality{"unknown"sv, "own"sv, "other"sv, "own_and_other"sv, "stateless"sv};
constexpr std::array minor_names{"unknown"sv, "minor"sv, "adult"sv};

struct DimNames { std::string_view key; Names names; };
const std::array<DimNames, dim_count> dims{{{"purpose", purpose}, {"channel", channel}, {"level", level}, {"urgency", urgency}, {"handling", handling},
  {"recipient_class", recipient_class}, {"adequacy", adequacy}, {"confidentiality", confidentiality}, {"offence_class", offence_class},
  {"authorisation", authorisation}, {"source_class", source_class}, {"source_grade", source_grade}, {"information_grade", information_grade},
  {"person_status", status}, {"person_nationality", nationality}, {"minor", minor_names}}};

template <class Enum>
Values bit(Enum value) { return Values{1} << static_cast<unsigned>(value); }

bool listed(const std::vector<std::string>& list, std::string_view value) { return std::binary_search(list.begin(), list.end(), value); }
}  // namespace

std::string_view key_of(Dim dim) { return dims[static_cast<std::size_t>(dim)].key; }
Names names_of(Dim dim) { return dims[static_cast<std::size_t>(dim)].names; }

std::optional<Dim> find_dim(std::string_view key) {
  for (std::size_t i = 0; i < dims.size(); ++i)
    if (dims[i].key == key) return static_cast<Dim>(i);
  return std::nullopt;
}

std::optional<unsigned> find_value(Dim dim, std::string_view name) {
  const auto names = names_of(dim);
  for (unsigned i = 0; i < names.size(); ++i)
    if (names[i] == name) return i;
  return std::nullopt;
}

Values value_bit(Dim dim, std::string_view name) { return Values{1} << find_value(dim, name).value_or(0); }

Values handling_values(std::span<const std::string> codes) {
  if (codes.empty()) return bit(fb::Handling::none);
  Values out = 0;
  for (const auto& code : codes) out |= code == "none" ? unknown_value : value_bit(Dim::handling, code);
  return out;
}

std::string list_names(Dim dim, Values values) {
  std::string out;
  const auto names = names_of(dim);
  for (std::size_t i = 0; i < names.size(); ++i)
    if ((values >> i & 1) != 0) out += (out.empty() ? "" : ", ") + std::string(names[i]);
  return out;
}

void settle(Condition& condition, Leaning leaning) {
  condition.holds = condition.written;
  if (condition.dim == Dim::nationality && (condition.written & bit(Nationality::own)) != 0) condition.holds |= bit(Nationality::own_and_other);
  if (leaning == Leaning::restrictive) condition.holds |= unknown_value;
  else condition.holds &= ~unknown_value;
}

FactBits fact_bits(const Situation& situation, std::span<const std::string> adequate) {
  FactBits out;
  const Recipient& recipient = situation.recipient;
  out.recipient = &recipient;
  out.kind = situation.kind;
  out[Dim::purpose] = value_bit(Dim::purpose, situation.purpose);
  out[Dim::channel] = value_bit(Dim::channel, situation.channel);
  out[Dim::level] = value_bit(Dim::level, situation.level);
  out[Dim::urgency] = bit(situation.urgent ? fb::Urgency::urgent : fb::Urgency::routine);
  out[Dim::handling] = handling_values(situation.handling);
  out[Dim::recipient_class] = recipient.classes;
  const bool near = (recipient.classes & (class_bit(RecipientClass::own_agency) | class_bit(RecipientClass::own_country))) != 0;
  const auto stands = [&](std::string_view name) { return std::binary_search(adequate.begin(), adequate.end(), name); };
  out[Dim::adequacy] = bit(near || stands(recipient.agency) || stands(recipient.country) ? fb::Adequacy::yes : fb::Adequacy::no);
  out[Dim::confidentiality] = bit(situation.stated.confidentiality);
  out[Dim::offence_class] = bit(situation.stated.offence_class);
  out[Dim::authorisation] = bit(situation.stated.authorisation);
  out[Dim::source_class] = bit(situation.source_class);
  out[Dim::source_grade] = bit(situation.source_grade);
  out[Dim::information_grade] = bit(situation.information_grade);
  put_person(out, {});
  return out;
}

void put_person(FactBits& bits, const PersonFacts& person) {
  bits[Dim::status] = bit(person.status);
  bits[Dim::nationality] = bit(person.nationality);
  bits[Dim::minor] = bit(person.minor);
}

// Of several handling codes one listed code is enough to restrict, but all must be listed to permit.
bool holds(const Condition& condition, Values fact, Leaning leaning) {
  if (leaning == Leaning::permissive && condition.dim == Dim::handling) return (fact & ~condition.holds) == 0;
  return (fact & condition.holds) != 0;
}

bool message_matches(const When& when, const FactBits& facts) {
  for (const Condition& condition : when.conditions) {
    if (of_person(condition.dim)) break;
    if (!holds(condition, facts[condition.dim], when.leaning)) return false;
  }
  const Recipient& recipient = *facts.recipient;
  if (!when.kinds.empty() && !listed(when.kinds, facts.kind)) return false;
  if (!when.recipients.empty() && !listed(when.recipients, recipient.agency)) return false;
  if (!when.countries.empty() && !listed(when.countries, recipient.country)) return false;
  return when.groups.empty() || std::any_of(recipient.groups.begin(), recipient.groups.end(), [&](const auto& group) { return listed(when.groups, group); });
}

bool person_matches(const When& when, const FactBits& facts) {
  return std::all_of(when.conditions.rbegin(), when.conditions.rend(), [&](const Condition& condition) {
    return !of_person(condition.dim) || holds(condition, facts[condition.dim], when.leaning);
  });
}

}  // namespace liaison::policy
