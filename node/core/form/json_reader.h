// Strict JSON to a Value tree: places of every key and value, duplicates found, depth, count and size bounded before anything is kept.
// Comments, trailing commas, NaN, invalid UTF-8 and lone surrogates are refused; a byte order mark at the start is skipped.
#pragma once
#include <vector>

#include "core/form/problem.h"

namespace liaison::form {

inline constexpr std::size_t json_depth_max = 12;
inline constexpr std::size_t json_values_max = 40'000;

struct JsonFile {
  Value root;
  std::vector<Problem> problems;  // one at most about syntax (reading stops there), any number of duplicate keys
};
// Problems carry the JSON path; `item` is the last form number on it. Never throws on bad input.
JsonFile read_json(std::string_view file);

}  // namespace liaison::form
