// See directory_store.h. Keys of table directory: u64 version; FF || u64 version || text hash for a proof.
#include "core/exchange/directory_store.h"

#include <algorithm>

#include "core/base/limits.h"
#include "core/directory/delta.h"

namespace liaison::exchange {
namespace {
constexpr std::uint8_t proof_prefix = 0xFF;
constexpr std::size_t rows_max = 4096;
const Bytes mark_key = to_bytes("directory");
const Bytes steps_key = to_bytes("directory_steps");
const Bytes override_key = to_bytes("directory_override");

Bytes mark_of(const directory::Directory& directory) {
  Bytes mark = key_of(directory.version());
  put(mark, ByteView(directory.hash()));
  return mark;
}

Precondition in_force(const directory::Directory& directory, bool stored) { return {Table::meta, mark_key, stored ? std::optional(mark_of(directory)) : std::nullopt}; }

Result<std::vector<Row>> version_rows(const Store& store) { return store.scan(Table::directory, {{}, Bytes{proof_prefix}}, rows_max); }

Bytes encode_steps(const std::vector<std::uint64_t>& steps) {
  Bytes out;
  for (const std::uint64_t step : steps) put_u64(out, step);
  return out;
}

// An older version again is no news; another one under its number is, if the authorities in force signed it.
Error compare_with_stored(const InForce& current, ByteView file, Error why) {
  if (why.code != Errc::superseded) return why;
  const auto label = directory::parse_label(file);
  if (!label) return why;
  const auto held = load_directory_file(current.store, label->version);
  if (!held || !*held) return why;
  const auto before = directory::parse_label(**held);
  if (!before || before->hash == label->hash || !directory::Directory::load(file, current.directory.authorities())) return why;
  return fail(Errc::conflicting_version, "directory version " + std::to_string(label->version) + " exists with two hashes");
}

// What is neither new enough nor a step on the way is deleted.
Result<void> add_prunes(const Store& store, const std::vector<std::uint64_t>& steps, WriteSet& set) {
  LIAISON_TRY(const auto rows, version_rows(store));
  const std::size_t kept = limits::directory_versions_kept - 1;  // beside the one being stored
  for (std::size_t i = 0; i + kept < rows.size(); ++i) {
    LIAISON_TRY(const auto version, parse_number(rows[i].first));
    if (std::find(steps.begin(), steps.end(), version) == steps.end()) set.ops.push_back({OpKind::del, Table::directory, rows[i].first, {}});
  }
  return {};
}
}  // namespace

bool is_member(const directory::Directory& directory, std::string_view agency) { return directory.is_member(agency); }
bool has_left(const directory::Directory& directory, std::string_view agency) {
  const auto* entry = directory.find(agency);
  return entry == nullptr || entry->standing == directory::Standing::left;
}

Precondition directory_in_force(const Context& context) { return in_force(*context.directory, context.directory_stored); }

Result<std::optional<Bytes>> load_directory_file(const Store& store, std::uint64_t version) { return store.get(Table::directory, key_of(version)); }

Result<std::vector<std::uint64_t>> load_directory_steps(const Store& store) {
  LIAISON_TRY(const auto bytes, store.get(Table::meta, steps_key));
  std::vector<std::uint64_t> steps;
  if (!bytes) return steps;
  ByteReader reader(*bytes);
  while (reader.left() >= 8) steps.push_back(reader.u64());
  return steps;
}

Result<std::shared_ptr<const directory::Directory>> load_directory_in_force(const Store& store, const directory::AuthorityPins& pins) {
  LIAISON_TRY(const auto mark, store.get(Table::meta, mark_key));
  LIAISON_TRY(auto rows, version_rows(store));
  std::vector<Bytes> files;
  for (auto& row : rows) files.push_back(std::move(row.second));
  if (files.empty()) {
    if (mark) return fail(Errc::store_corrupt, "the directory in force is missing");
    return std::shared_ptr<const directory::Directory>();
  }
  LIAISON_TRY(auto newest, directory::load_chain(files, pins));
  if (mark && *mark != mark_of(*newest)) return fail(Errc::store_corrupt, "the directory in force is not the newest one stored");
  return newest;
}

Result<NewDirectory> check_new_directory(const InForce& current, ByteView file) {
  auto arrived = directory::check_arrival(current.directory, file, current.now);
  if (!arrived) return compare_with_stored(current, file, std::move(arrived).error());
  NewDirectory next;
  next.directory = std::move(*arrived);
  if (!next.directory) return next;
  next.changes = directory::describe_changes(current.directory, *next.directory);
  LIAISON_TRY(next.steps, load_directory_steps(current.store));
  auto& set = next.set;
  set.cls = WriteClass::purge;  // after everything that was decided under the old one
  set.preconditions.push_back(in_force(current.directory, current.stored));
  if (!directory::same_authorities(current.directory.authorities(), next.directory->authorities())) {
    next.steps.push_back(next.directory->version());
    set.ops.push_back({OpKind::put, Table::meta, steps_key, encode_steps(next.steps)});
  }
  set.ops.push_back({OpKind::insert, Table::directory, key_of(next.directory->version()), to_bytes(file)});
  set.ops.push_back({OpKind::put, Table::meta, mark_key, mark_of(*next.directory)});
  LIAISON_CHECK(add_prunes(current.store, next.steps, set));
  return next;
}

WriteSet make_first_directory(const directory::Directory& directory, ByteView file) {
  WriteSet set;
  set.ops.push_back({OpKind::put, Table::directory, key_of(directory.version()), to_bytes(file)});
  set.ops.push_back({OpKind::put, Table::meta, mark_key, mark_of(directory)});
  return set;
}

std::optional<Op> proof_of(const Store& store, ByteView file) {
  const auto label = directory::parse_label(file);
  auto proof = directory::make_proof(file);
  if (!label || !proof) return std::nullopt;
  const auto held = store.scan(Table::directory, {Bytes{proof_prefix}, {}}, limits::directory_proofs_max);
  if (!held || held->size() >= limits::directory_proofs_max) return std::nullopt;
  Bytes key{proof_prefix};
  put_u64(key, label->version);
  put(key, ByteView(label->hash));
  if (const auto known = store.get(Table::directory, key); known && *known) return std::nullopt;
  return Op{OpKind::put, Table::directory, std::move(key), std::move(*proof)};
}

Result<std::optional<DirectoryOverride>> load_override(const Store& store) {
  LIAISON_TRY(const auto bytes, store.get(Table::meta, override_key));
  if (!bytes) return std::optional<DirectoryOverride>{};
  ByteReader reader(*bytes);
  DirectoryOverride held;
  held.directory = reader.hash();
  held.until = time_from_millis(static_cast<std::int64_t>(reader.u64()));
  held.hours = reader.u32();
  if (!reader.at_end()) return fail(Errc::store_corrupt, "meta directory_override");
  return std::optional(held);
}

Result<DirectoryOverride> extend_override(const Context& context, std::uint32_t hours) {
  constexpr auto hours_max = static_cast<std::uint32_t>(std::chrono::duration_cast<std::chrono::hours>(limits::directory_override_max).count());
  const auto& directory = *context.directory;
  const Time now = context.ports.clock.now();
  if (now <= directory.expires()) return fail(Errc::not_permitted, "directory version " + std::to_string(directory.version()) + " has not expired; there is nothing to override");
  LIAISON_TRY(const auto held, load_override(context.ports.store));
  DirectoryOverride next{directory.hash(), std::max(now, directory.grace()), 0};
  if (held && held->directory == directory.hash()) {
    next.until = std::max(next.until, held->until);
    next.hours = held->hours;
  }
  if (hours == 0 || hours > hours_max - std::min(hours_max, next.hours))
    return fail(Errc::not_permitted, std::to_string(hours_max) + " hours may be allowed past one grace, " + std::to_string(next.hours) + " were; have the authority publish a new version");
  next.until += std::chrono::hours{hours};
  next.hours += hours;
  return next;
}

Op put_override(const DirectoryOverride& allowed) {
  Bytes value;
  put(value, ByteView(allowed.directory));
  put_u64(value, static_cast<std::uint64_t>(millis(allowed.until)));
  put_u32(value, allowed.hours);
  return {OpKind::put, Table::meta, override_key, std::move(value)};
}

}  // namespace liaison::exchange
