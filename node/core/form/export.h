// A message as a form file: JSON in the form's own sequence, every character of every item, then "structured". Pure.
// Accepts bytes from anyone (read_message verifies them).
#pragma once
#include <string>

#include "core/base/bytes.h"
#include "core/base/result.h"

namespace liaison::form {

// Errors: bad_format, bad_text, limit_exceeded. What import_json makes of the result is the same message, if the same species list is used.
Result<std::string> export_json(ByteView message);

struct BlankOptions {
  std::size_t persons = 1;
  std::size_t companies = 1;
  bool structured = false;  // also an empty "structured" with one contraband line, to show its keys
};
// An empty form to fill in: every item with an empty text. Empty texts count as absent when it is imported.
std::string blank_form(const BlankOptions& options);

}  // namespace liaison::form
