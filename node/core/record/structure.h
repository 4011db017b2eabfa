// What must hold between the leaves of a package whatever was withheld (formats 2.6 step 6): inseparable leaves, groups, ancestors, indexes.
// disclose() checks its own result with it, verify() what was received. Pure. Errors: structure_broken, group_split.
#pragma once
#include "core/record/package.h"

namespace liaison::record {

Result<void> check_structure(const Manifest& manifest, const Openings& openings, const std::vector<WithheldLeaf>& withheld);
// By path; nullopt when that path is not withheld.
std::optional<std::size_t> find_withheld(const std::vector<WithheldLeaf>& withheld, ByteView path);

}  // namespace liaison::record
