// How every edit of the authored directory is done: read, change its own lines, read back as a whole, say in words who could newly read what, and only then write
// (temporary file and rename; refused when somebody else changed the file meanwhile). A dry run writes nothing and answers exit code 8 when access would widen.
#pragma once
#include <functional>

#include "admin-cli/offline.h"
#include "core/directory/edits.h"

namespace liaison::cli {

struct EditTarget {
  std::filesystem::path source;
  bool dry_run = false;
};
using EditAct = std::function<Result<std::string>(const directory::Authored& source)>;
int edit_directory(std::string_view command, const EditTarget& target, const EditAct& act, const OfflineContext& context);

// "2026-05-01T00:00:00.000Z" or "2026-05-01"; empty: now.
Result<Time> time_or_now(std::string_view chars, Time now, std::string_view option);
// The keys of a file that `liaison keys show` wrote, which must be those of `agency`.
Result<std::vector<directory::RegisteredKey>> keys_of_request(const std::filesystem::path& file, std::string_view agency);

}  // namespace liaison::cli
