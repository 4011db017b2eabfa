// Import (import.h): read the file, check species, look for gaps, build the message. Stops early only where the tree is not whole.
#include "core/form/import.h"

#include <algorithm>

#include "core/form/json_reader.h"
#include "core/form/lists.h"
#include "core/form/message.h"

namespace liaison::form {
namespace {

// After a syntax error or at an outsized file the tree is only a part: judging it would invent gaps.
bool was_read_whole(const std::vector<Problem>& problems) {
  return std::all_of(problems.begin(), problems.end(), [](const Problem& problem) { return problem.code == ProblemCode::duplicate_key; });
}

}  // namespace

Import import_json(std::string_view json, const ImportOptions& options) {
  Import out;
  JsonFile file = read_json(json);
  out.problems = std::move(file.problems);
  if (!was_read_whole(out.problems)) return out;
  const MustState& must = options.must ? *options.must : default_must_state();
  if (options.fill_unknown) fill_gaps(file.root, *options.fill_unknown, must);
  attach_species_checks(file.root, options.species ? *options.species : shipped_species());
  out.gaps = find_gaps(file.root, must);
  out.flags = find_flags(file.root);
  Built built = build_message(file.root);
  std::move(built.problems.begin(), built.problems.end(), std::back_inserter(out.problems));
  if (out.problems.empty()) out.message = std::move(built.message);
  return out;
}

}  // namespace liaison::form
