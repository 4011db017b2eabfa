// A form file (JSON keyed by the form's own numbers) to the message's FlatBuffer, or every reason why not, all at once. Pure.
// Never throws on bad input; allocates in proportion to limits::form_file_bytes_max at most.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/form/check.h"

namespace liaison::form {

struct ImportOptions {
  const SpeciesList* species = nullptr;       // the list to check names against; null: the shipped extract. Outlives the call
  const MustState* must = nullptr;            // null: the schema's
  std::optional<std::string> fill_unknown;    // a language: every gap is filled with its word for unknown
};

struct Import {
  std::optional<Bytes> message;    // set when there are no problems, gaps or not
  std::vector<Problem> problems;   // refusals, in file or form order
  std::vector<Problem> gaps;       // required items that say nothing (none after fill_unknown)
  std::vector<Problem> flags;      // species names to look at; never a refusal
  bool is_complete() const { return message.has_value() && gaps.empty(); }
};
Import import_json(std::string_view json, const ImportOptions& options = {});

}  // namespace liaison::form
