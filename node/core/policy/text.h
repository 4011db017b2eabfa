// A policy as its author wrote it, names resolved to values but not yet to fields: what compile() builds from and what mutation changes.
// Rules stand in the order of the file. Pure.
#pragma once
#include "core/policy/policy.h"
#include "core/policy/source.h"

namespace liaison::policy {

struct PolicyText {
  std::string name;
  std::uint64_t version = 1;
  bool relays = false;
  std::vector<Basis> bases;
  std::size_t default_basis = 0;
  std::vector<Rule> rules;
  int rules_line = 1;
  Selection reviewed_default;
  int reviewed_line = 1;
  std::vector<Never> never;
  std::vector<ScreenRule> screening;
  Screen screening_default = Screen::accept;
  std::vector<std::string> adequate;
};
Result<PolicyText> read_policy(const SourceNode& file);

// Parts the test file shares. `dim_key` is the key in the file when it differs from the dimension's ("sender_class").
Result<Values> read_values(const SourceNode& list, Dim dim, std::string_view key);
Result<std::vector<std::string>> read_agencies(const SourceNode& list);
std::vector<std::string> read_strings(const SourceNode& list);

// `lenient`: a mutant may cover nothing or never match; everything else is checked as for an author's file.
enum class Strictness : std::uint8_t { author, lenient };
Result<std::shared_ptr<const Policy>> build_policy(PolicyText text, Strictness strictness);

}  // namespace liaison::policy
