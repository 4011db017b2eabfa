// Commitments and openings. Everything is hashed where it lies in the packed form; the constant beginnings are hashed into a state once and copied.
// Pure; parse treats its input as hostile.
#include "core/record/leaf.h"

#include <bit>
#include <cmath>

#include "core/base/limits.h"
#include "core/base/tags.h"
#include "core/merkle/sha256.h"
#include "core/record/path.h"
#include "core/record/utf8.h"

namespace liaison::record {
namespace {

constexpr std::size_t salt_bytes = 16;
constexpr std::size_t header_bytes = 2 + salt_bytes + 1 + 4;  // beside path and value

merkle::Sha256 field_prefix() {
  merkle::Sha256 state;
  state.add_u8(0x10).add(tags::field);
  return state;
}

merkle::Sha256 leaf_prefix(const RecordId& record) {
  merkle::Sha256 state;
  state.add_u8(0).add(tags::leaf).add(record.id.bytes).add_u32(record.version);
  return state;
}

// Hashes leaves of one record in place.
class Hasher {
 public:
  explicit Hasher(const RecordId& record) : field_(field_prefix()), leaf_(leaf_prefix(record)) {}
  Hash operator()(ByteView path_with_length, ByteView salt_to_value) const {
    merkle::Sha256 commitment = field_;
    const Hash c = commitment.add(salt_to_value).finish();
    merkle::Sha256 leaf = leaf_;
    return leaf.add(path_with_length).add(c).finish();
  }
  Hash operator()(const Bytes& packed, const PackedSpan& span) const {
    const ByteView all(packed);
    const std::size_t path_end = std::size_t{span.offset} + 2 + span.path_bytes;
    return (*this)(all.subspan(span.offset, 2 + std::size_t{span.path_bytes}), all.subspan(path_end, salt_bytes + 5 + span.value_bytes));
  }

 private:
  merkle::Sha256 field_, leaf_;
};

bool is_canonical_real(ByteView value) {
  ByteReader reader(value);
  const std::uint64_t bits = reader.u64();
  return !std::isnan(std::bit_cast<double>(bits)) && bits != std::uint64_t{1} << 63;
}

bool is_value(LeafType type, ByteView value) {
  switch (type) {
    case LeafType::boolean: return value.size() == 1 && value[0] <= 1;
    case LeafType::signed_number:
    case LeafType::unsigned_number: return value.size() == 8;
    case LeafType::real: return value.size() == 8 && is_canonical_real(value);
    case LeafType::string: return is_utf8(value);
    case LeafType::bytes:
    case LeafType::structure: return true;
    case LeafType::vector_length: return value.size() == 4;
    case LeafType::empty_table:
    case LeafType::decoy: return value.empty();
    case LeafType::attachment: return value.size() >= 40 && value.size() <= 104;
    case LeafType::union_type: return value.size() == 1 && value[0] != 0;
    case LeafType::scalar_vector: return value.size() >= 4;
  }
  return false;
}

// Decoys are empty and stand at decoy paths, audience leaves are strings; everything else stands at a field path.
bool suits_path(LeafType type, ByteView path) {
  if (is_decoy(path)) return type == LeafType::decoy;
  if (is_audience(path)) return type == LeafType::string;
  return type != LeafType::decoy;
}

}  // namespace

Bytes audience_path(std::uint16_t number) { return {0x0E, static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number)}; }
Bytes decoy_path(std::uint16_t number) { return {0x0F, static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number)}; }

Hash commitment(ByteView salt, LeafType type, ByteView value) {
  static const merkle::Sha256 prefix = field_prefix();
  merkle::Sha256 state = prefix;
  return state.add(salt).add_u8(static_cast<std::uint8_t>(type)).add_u32(static_cast<std::uint32_t>(value.size())).add(value).finish();
}

Hash leaf_hash(const RecordId& record, ByteView path, const Hash& commitment) {
  return leaf_prefix(record).add_u16(static_cast<std::uint16_t>(path.size())).add(path).add(commitment).finish();
}

std::span<std::uint8_t> PackedLeaves::add(ByteView path, LeafType type, std::size_t value_bytes) {
  const std::size_t at = packed.size();
  spans.push_back({static_cast<std::uint32_t>(at), static_cast<std::uint16_t>(path.size()), static_cast<std::uint32_t>(value_bytes)});
  packed.resize(at + header_bytes + path.size() + value_bytes);
  std::uint8_t* out = packed.data() + at;
  *out++ = 0;
  *out++ = static_cast<std::uint8_t>(path.size());
  out = std::copy(path.begin(), path.end(), out) + salt_bytes;
  *out++ = static_cast<std::uint8_t>(type);
  for (int shift = 24; shift >= 0; shift -= 8) *out++ = static_cast<std::uint8_t>(value_bytes >> shift);
  return {out, value_bytes};
}

Result<Openings> Openings::parse(const RecordId& record, Bytes packed) {
  Openings out;
  const Hasher hash(record);
  ByteReader reader(packed);
  ByteView before;
  while (!reader.at_end()) {
    const std::size_t offset = packed.size() - reader.left();
    const std::size_t path_bytes = reader.u16();
    const ByteView path = reader.take(path_bytes);
    reader.take(salt_bytes);
    const auto type = static_cast<LeafType>(reader.u8());
    const std::size_t value_bytes = reader.u32();
    const ByteView value = reader.take(value_bytes);
    const auto where = [&] { return "opening at byte " + std::to_string(offset); };
    if (!reader.ok() || !is_path(path) || !is_value(type, value) || !suits_path(type, path)) return fail(Errc::bad_format, where());
    if (!before.empty() && compare(before, path) >= 0) return fail(Errc::bad_format, where() + " out of order");
    if (out.spans_.size() == limits::leaves_max) return fail(Errc::limit_exceeded, "more leaves than a record may have");
    before = path;
    out.spans_.push_back({static_cast<std::uint32_t>(offset), static_cast<std::uint16_t>(path_bytes), static_cast<std::uint32_t>(value_bytes)});
    out.leaves_.push_back(hash(packed, out.spans_.back()));
  }
  out.packed_ = std::move(packed);
  return out;
}

Result<Openings> Openings::commit(const RecordId& record, std::vector<Leaf> leaves, const RandomFill& random) {
  if (leaves.size() > limits::leaves_max) return fail(Errc::limit_exceeded, std::to_string(leaves.size()) + " leaves");
  std::sort(leaves.begin(), leaves.end(), [](const Leaf& a, const Leaf& b) { return compare(a.path, b.path) < 0; });
  PackedLeaves packed;
  std::size_t sum = 0;
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    const Leaf& leaf = leaves[i];
    const bool twice = i > 0 && leaves[i - 1].path == leaf.path;
    if (twice || !is_path(leaf.path) || !is_value(leaf.type, leaf.value) || !suits_path(leaf.type, leaf.path)) {
      return fail(Errc::bad_format, "leaf " + to_hex(leaf.path));
    }
    sum += leaf.value.size();
    if (sum > limits::message_bytes_max) return fail(Errc::limit_exceeded, "sum of leaf bytes");
    const auto value = packed.add(leaf.path, leaf.type, leaf.value.size());
    std::copy(leaf.value.begin(), leaf.value.end(), value.begin());
  }
  return commit(record, std::move(packed), random);
}

Openings Openings::commit(const RecordId& record, PackedLeaves leaves, const RandomFill& random) {
  Bytes salts(leaves.spans.size() * salt_bytes);
  if (!salts.empty()) random(salts);
  Openings out;
  out.packed_ = std::move(leaves.packed);
  out.spans_ = std::move(leaves.spans);
  out.leaves_.reserve(out.spans_.size());
  const Hasher hash(record);
  const std::uint8_t* salt = salts.data();
  for (const PackedSpan& span : out.spans_) {
    std::memcpy(out.packed_.data() + span.offset + 2 + span.path_bytes, salt, salt_bytes);
    salt += salt_bytes;
    out.leaves_.push_back(hash(out.packed_, span));
  }
  return out;
}

Openings::Item Openings::operator[](std::size_t index) const {
  const PackedSpan& span = spans_[index];
  const ByteView all = ByteView(packed_).subspan(span.offset, header_bytes + span.path_bytes + span.value_bytes);
  const ByteView path = all.subspan(2, span.path_bytes);
  const ByteView rest = all.subspan(2 + std::size_t{span.path_bytes});
  return {path, rest.first(salt_bytes), static_cast<LeafType>(rest[salt_bytes]), rest.subspan(salt_bytes + 5), leaves_[index]};
}

std::optional<std::size_t> Openings::find(ByteView path) const {
  const auto path_of = [&](const PackedSpan& span) { return ByteView(packed_).subspan(span.offset + std::size_t{2}, span.path_bytes); };
  const auto found = std::lower_bound(spans_.begin(), spans_.end(), path, [&](const PackedSpan& span, ByteView wanted) { return compare(path_of(span), wanted) < 0; });
  if (found == spans_.end() || !equal(path_of(*found), path)) return std::nullopt;
  return static_cast<std::size_t>(found - spans_.begin());
}

Openings Openings::subset(const std::vector<bool>& keep) const {
  liaison_assert(keep.size() == spans_.size());
  Openings out;
  out.packed_.reserve(packed_.size());
  out.spans_.reserve(spans_.size());
  out.leaves_.reserve(leaves_.size());
  for (std::size_t i = 0; i < spans_.size(); ++i) {
    if (!keep[i]) continue;
    PackedSpan span = spans_[i];
    const ByteView bytes = ByteView(packed_).subspan(span.offset, header_bytes + span.path_bytes + span.value_bytes);
    span.offset = static_cast<std::uint32_t>(out.packed_.size());
    put(out.packed_, bytes);
    out.spans_.push_back(span);
    out.leaves_.push_back(leaves_[i]);
  }
  return out;
}

}  // namespace liaison::record
