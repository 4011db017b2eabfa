// The directory in force: how it survives a restart, what may replace it, and what is kept. Table directory keeps the newest versions, every version that changed
// the authorities, and proofs of what was refused; meta "directory" names the one in force, meta "directory_override" what an administrator allowed past its grace.
// Pure over the Store port; loading and checking cost up to some hundred milliseconds and belong on the pool.
#pragma once
#include "core/directory/succession.h"
#include "core/exchange/context.h"

namespace liaison::exchange {

// The row of meta that must not have changed when something decided under `context.directory` is committed: nothing is sealed for a removed peer after a swap.
Precondition directory_in_force(const Context& context);

// Takes part now; suspended agencies and those that left do not. What waits for the latter is returned.
bool is_member(const directory::Directory& directory, std::string_view agency);
bool has_left(const directory::Directory& directory, std::string_view agency);

// The newest one stored, verified from the pins over every change of authorities. Null: none was ever stored.
Result<std::shared_ptr<const directory::Directory>> load_directory_in_force(const Store& store, const directory::AuthorityPins& pins);
// The file of that version, none when it is no longer kept.
Result<std::optional<Bytes>> load_directory_file(const Store& store, std::uint64_t version);
// Versions kept because they changed the authorities, ascending.
Result<std::vector<std::uint64_t>> load_directory_steps(const Store& store);

// A directory somebody brings, checked as directory/succession.h says. `directory` null: it is the one in force.
struct NewDirectory {
  std::shared_ptr<const directory::Directory> directory;
  std::vector<std::string> changes;
  std::vector<std::uint64_t> steps;
  WriteSet set;                              // without the audit entry
};
struct InForce {
  const Store& store;
  const directory::Directory& directory;
  bool stored = false;
  Time now{};
};
Result<NewDirectory> check_new_directory(const InForce& current, ByteView file);
inline Result<NewDirectory> check_new_directory(const Context& context, ByteView file) {
  return check_new_directory({context.ports.store, *context.directory, context.directory_stored, context.ports.clock.now()}, file);
}
// The first one of a store, or one the store does not name as in force yet (stores of older versions of this program). The file was loaded by the caller.
WriteSet make_first_directory(const directory::Directory& directory, ByteView file);

// A refused file as proof: its text and signatures. None when it or enough others are kept, or it is no directory at all.
std::optional<Op> proof_of(const Store& store, ByteView file);

// What an administrator allowed past the grace of one version.
struct DirectoryOverride {
  Hash directory{};
  Time until{};
  std::uint32_t hours = 0;                   // allowed so far, in all
};
Result<std::optional<DirectoryOverride>> load_override(const Store& store);
// `hours` more, at most limits::directory_override_max in all for this version. not_permitted: before it expires, or too many.
Result<DirectoryOverride> extend_override(const Context& context, std::uint32_t hours);
Op put_override(const DirectoryOverride& allowed);

}  // namespace liaison::exchange
