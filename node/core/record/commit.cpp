// A message becomes a record: leaves, audience and decoys, salts, hashes, root, manifest text. Pure; randomness comes in two calls.
// An inseparable path or group that the message does not state is the caller's mistake and refused.
#include <algorithm>

#include "core/base/limits.h"
#include "core/record/manifest.h"
#include "core/record/numbers.h"
#include "core/record/path.h"
#include "core/record/tree.h"
#include "core/record/walk.h"

namespace liaison::record {
namespace {

// Audience leaves and decoys get random numbers, distinct in the record, so that nothing tells how many audience leaves there are.
void add_cover(const std::vector<std::string>& audience, RandomNumbers& numbers, PackedLeaves& out) {
  const std::vector<std::uint16_t> chosen = numbers.distinct(audience.size());
  for (std::size_t i = 0; i < audience.size(); ++i) {
    const auto value = out.add(audience_path(chosen[i]), LeafType::string, audience[i].size());
    std::copy(audience[i].begin(), audience[i].end(), value.begin());
  }
  const std::size_t decoys = limits::decoys_min + numbers.below(limits::decoys_spread);
  for (const std::uint16_t number : numbers.distinct(decoys, chosen)) out.add(decoy_path(number), LeafType::decoy, 0);
}

bool is_audience_value(std::string_view value) {
  return value.starts_with("agency:") ? is_agency_id(value.substr(7)) : (value.starts_with("group:") && value.size() > 6) || (value.starts_with("country:") && value.size() == 10);
}

Result<void> check_input(const Schema& schema, const NewRecord& record) {
  const Manifest& m = record.manifest;
  if (m.record.version == 0 || (m.record.version == 1) == m.prev.has_value()) return fail(Errc::invalid_argument, "version and prev");
  if (m.kind != schema.kind() || m.schema_number != schema.number() || m.schema != schema.hash()) return fail(Errc::invalid_argument, "schema");
  for (const std::string& value : record.audience) {
    if (!is_audience_value(value)) return fail(Errc::invalid_argument, "audience " + value);
  }
  return {};
}

// Counts of groups are those of the message.
Result<void> bind_paths(const Openings& openings, Manifest& manifest) {
  for (const Bytes& path : manifest.inseparable) {
    if (!openings.find(path)) return fail(Errc::invalid_argument, "inseparable, but not stated: " + to_hex(path));
  }
  for (auto& group : manifest.groups) {
    group.count = 0;
    for (std::size_t i = 0; i < openings.size(); ++i) group.count += starts_with(openings[i].path, group.prefix) ? 1 : 0;
    if (group.count == 0) return fail(Errc::invalid_argument, "nothing is stated below group " + to_hex(group.prefix));
  }
  return {};
}

}  // namespace

Result<CommittedRecord> commit_record(const Schema& schema, ByteView message, NewRecord record, const RandomFill& random) {
  LIAISON_CHECK(check_input(schema, record));
  LIAISON_TRY(PackedLeaves packed, pack_message(schema.reflection(), message, record.manifest.created));
  if (record.audience.size() > limits::leaves_max) return fail(Errc::limit_exceeded, "audience");
  RandomNumbers numbers(random, limits::decoys_min + limits::decoys_spread + record.audience.size());
  std::sort(record.audience.begin(), record.audience.end());
  record.audience.erase(std::unique(record.audience.begin(), record.audience.end()), record.audience.end());
  add_cover(record.audience, numbers, packed);
  if (packed.spans.size() > limits::leaves_max) return fail(Errc::limit_exceeded, std::to_string(packed.spans.size()) + " leaves");
  CommittedRecord out;
  out.openings = Openings::commit(record.manifest.record, std::move(packed), random);
  out.manifest = std::move(record.manifest);
  LIAISON_CHECK(bind_paths(out.openings, out.manifest));
  std::vector<Hash> leaves = out.openings.leaf_hashes();
  LIAISON_TRY(out.manifest.root, sorted_root(leaves));
  out.manifest.leaves = leaves.size();
  out.text = make_text(out.manifest);
  return out;
}

}  // namespace liaison::record
