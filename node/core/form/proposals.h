// Structured facts that the words of a form suggest, for disclosure: nationality, birth, status, class of source, each with the words it came from.
// A proposal is a question to the sender, never a fact: only apply_answers writes, and only what was answered. Nothing clear proposes nothing.
// In English, French, Spanish and Arabic. Pure; the caller says what day it is and from which country it looks.
#pragma once
#include <vector>

#include "core/base/ids.h"
#include "core/base/result.h"
#include "core/form/value.h"

namespace liaison::form {

// clear: the words say this and nothing else. likely: other words stand beside it. doubtful: the words themselves doubt, or the cautious reading was taken.
enum class Confidence : std::uint8_t { clear, likely, doubtful };
std::string_view name(Confidence confidence);

struct Proposal {
  std::string path;                 // below "structured": "persons[0].nationality", "source_class"
  std::vector<std::string> values;  // as "structured" takes them; empty: the words say something that was not understood
  std::string item;                 // "5.g"
  std::uint32_t number = 0;         // 1-based: which person; 0: none
  std::string words;                // of the item, as they stand there
  Confidence confidence{};
  std::string stated;               // what the form states already and the words contradict; empty: nothing
  std::string meaning;              // of a date of birth: "adult" or "minor" today; empty: not known
};
// In the order of the form. `own_country`: two letters, any case; empty: whether a nationality is the agency's own is not asked. What the form states
// already is proposed again only when its own words contradict it. Dual or doubtful nationality counts as own.
std::vector<Proposal> propose_facts(const Value& root, std::string_view own_country, Time now);

struct Answer {
  std::string path;                 // of a proposal, or any other fact this module knows
  std::vector<std::string> values;
};
// The facts a person may state this way: persons[].nationality, .nationalities, .birth, .status, and source_class.
bool is_askable(const Value& root, std::string_view path);
// Writes confirmed facts under "structured"; what the form states elsewhere stays. Error invalid_argument: a path that is not askable, a value that the
// fact does not take (all named at once).
Result<void> apply_answers(Value& root, const std::vector<Answer>& answers);

}  // namespace liaison::form
