// Conditions over closed lists of facts: names as written in policy files, sets of values as bits, and the test "does this rule match these facts".
// An unknown fact matches every restrictive condition and no permissive one. Pure.
#pragma once
#include <array>
#include <optional>
#include <span>

#include "core/policy/facts.h"

namespace liaison::policy {

enum class Dim : std::uint8_t {
  purpose, channel, level, urgency, handling, recipient_class, adequacy, confidentiality, offence_class, authorisation, source_class, source_grade,
  information_grade, status, nationality, minor  // the last three belong to a person
};
inline constexpr std::size_t dim_count = 16;
inline constexpr bool of_person(Dim dim) { return dim >= Dim::status; }

using Values = std::uint32_t;  // bit 1 << value; bit 0 is unknown
inline constexpr Values unknown_value = 1;

std::string_view key_of(Dim dim);                           // "person_status"
std::span<const std::string_view> names_of(Dim dim);        // by value; [0] is "unknown"
std::optional<Dim> find_dim(std::string_view key);
std::optional<unsigned> find_value(Dim dim, std::string_view name);
inline Values all_values(Dim dim) { return (Values{1} << names_of(dim).size()) - 1; }
// The bit of a code as messages state it; unknown_value for any other.
Values value_bit(Dim dim, std::string_view name);
// All codes in one set: `none` without codes.
Values handling_values(std::span<const std::string> codes);
std::string list_names(Dim dim, Values values);             // "own, own_and_other"

enum class Leaning : std::uint8_t { restrictive, permissive };

struct Condition {
  Dim dim{};
  Values written = 0;                                       // as the author listed them
  Values holds = 0;                                         // after "unknown" and "own" have been taken into account
};
struct When {
  Leaning leaning = Leaning::restrictive;
  std::vector<Condition> conditions;                        // message first, person last, each dimension once
  std::vector<std::string> kinds, recipients, countries, groups;  // ascending; empty: any
  bool asks_person() const { return !conditions.empty() && of_person(conditions.back().dim); }
};
// Sets `holds` from `written`.
void settle(Condition& condition, Leaning leaning);

// The facts of one decision as bits, message and one person.
struct FactBits {
  std::array<Values, dim_count> bits{};
  const Recipient* recipient = nullptr;
  std::string_view kind;
  Values& operator[](Dim dim) { return bits[static_cast<std::size_t>(dim)]; }
  Values operator[](Dim dim) const { return bits[static_cast<std::size_t>(dim)]; }
};
FactBits fact_bits(const Situation& situation, std::span<const std::string> adequate);
void put_person(FactBits& bits, const PersonFacts& person);

bool holds(const Condition& condition, Values fact, Leaning leaning);
bool message_matches(const When& when, const FactBits& facts);   // everything but the person's conditions
bool person_matches(const When& when, const FactBits& facts);    // only these

}  // namespace liaison::policy
