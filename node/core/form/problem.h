// What is wrong with a form, where, and in which words: one list for everything import and check can say.
// The code is stable and for machines; the sentence comes from labels.h in the reader's language.
#pragma once
#include <string>
#include <vector>

#include "core/form/value.h"

namespace liaison::form {

// Stable codes: names are what --json prints and what the message table of labels.json is keyed by.
enum class ProblemCode : std::uint8_t {
  file_too_large,     // args: bytes, most
  not_json,           // the file is not JSON from this place on; args: reason in the parser's words
  invalid_utf8,
  too_deep,
  too_many_values,    // args: most
  not_an_object,
  duplicate_key,      // args: key
  unknown_key,        // args: key
  wrong_type,         // args: found, wanted
  not_a_date,
  not_a_time,
  not_a_decimal,
  not_a_country,      // args: value as far as it is short
  not_an_area,
  not_a_currency,
  not_an_appendix,
  not_a_code,         // args: allowed codes
  not_in_list,        // enumerations; args: allowed names
  out_of_range,       // numbers; args: least, most
  no_such_element,    // structured.persons or .companies is longer than item 5 or 6; args: count
  message_too_large,  // args: bytes, most, item of the longest text
  missing,            // completeness: the item says nothing, not even unknown
  species_not_in_list,  // flag, not an error; args: name, list date, nearest names
  appendix_differs,     // flag; args: name, stated, listed, list date
};
std::string_view name(ProblemCode code);

struct Problem {
  ProblemCode code{};
  std::string item;        // "5.b"; of a structured value the item it stands beside; empty for the file as a whole
  std::uint32_t number = 0;  // 1-based: which person or company, or which line of a structured list; 0 where there is only one
  std::string path;        // "5[0].5.b", "structured.persons[1].birth"
  Place place;
  std::vector<std::string> args;
};

}  // namespace liaison::form
