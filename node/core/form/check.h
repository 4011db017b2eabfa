// Completeness and species flags of a form: what is still unsaid, and which names the sender's list does not know. Pure.
// All gaps at once, in the form's sequence; a gap never makes bytes invalid (a lawful redaction leaves gaps too), callers decide.
#pragma once
#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/form/problem.h"
#include "core/form/species.h"

namespace liaison::form {

// Items that must be stated or unknown; the schema's `must_state` items unless a setting says otherwise. Items of lists ("5.b") hold for
// every listed person or company. Unknown item numbers match nothing.
struct MustState {
  std::vector<std::string> items;
};
const MustState& default_must_state();
bool is_item(std::string_view item);  // a number of the form: "1.1", "5", "5.b"

// `root` as json_reader or read_message makes it; values of wrong type are not gaps (import reports them).
std::vector<Problem> find_gaps(const Value& root, const MustState& must = default_must_state());
// Puts the word for unknown into every gap.
void fill_gaps(Value& root, std::string_view language, const MustState& must = default_must_state());

// Sets structured.contraband[].species_check of every line that names a species; removes it from lines that name none.
void attach_species_checks(Value& root, const SpeciesList& list);
// What the checks in the message say: names not in the list, appendices stated otherwise than listed.
std::vector<Problem> find_flags(const Value& root);

// The same for a message as it travels. Errors as read_message.
struct Checked {
  std::vector<Problem> gaps;
  std::vector<Problem> flags;
};
Result<Checked> check_message(ByteView message, const MustState& must = default_must_state());

}  // namespace liaison::form
