// An authored file (policy or test file) as a tree of values that know their line: JSON with comments, checked against a table of policy.fbs.
// Refused with line and cure: unknown or repeated keys, wrong types, null, quoted numbers, control characters, anything beside the one object. Pure.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace liaison::policy {

struct SourceNode {
  enum class Type : std::uint8_t { object, array, string, number, boolean };
  Type type = Type::object;
  int line = 0;                        // 0: not written in the file
  std::string text;                    // of a string, number, true or false
  std::vector<std::string> keys;       // of an object, beside items
  std::vector<SourceNode> items;

  const SourceNode& operator[](std::string_view key) const;  // an empty node with line 0 when it is not there
  bool stated() const { return line != 0; }
  std::uint64_t number() const;        // 0 when not stated
  bool is_true() const { return text == "true"; }
};

// `table` is the name of a table of policy.fbs: "Policy", "TestFile". Errors: invalid_settings.
Result<SourceNode> parse_source(std::string_view json, std::string_view table);

// "line 12: what; cure"
Error source_error(int line, std::string_view what, std::string_view cure);

}  // namespace liaison::policy
