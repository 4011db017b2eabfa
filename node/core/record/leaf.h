// Leaves (formats 2.1) and their commitments (2.2): flatten a FlatBuffer into typed leaves, commit to each with a salt.
// Openings keep the packed form of formats 2.4, so that hashing and sending happen in place. Pure; salts come in through RandomFill.
#pragma once
#include <functional>

#include "core/base/ids.h"
#include "core/record/schema.h"

namespace liaison::record {

using RandomFill = std::function<void(std::span<std::uint8_t>)>;

enum class LeafType : std::uint8_t {
  boolean = 0x01, signed_number = 0x02, unsigned_number = 0x03, real = 0x04, string = 0x05, bytes = 0x06, structure = 0x07,
  vector_length = 0x08, empty_table = 0x09, attachment = 0x0A, union_type = 0x0B, scalar_vector = 0x0C, decoy = 0x0F,
};

struct Leaf {
  Bytes path;
  LeafType type{};
  Bytes value;
};
// Leaves of a verified message in path order, derived leaves included (`created` decides adult or minor).
// Errors: bad_format (unknown field, NaN, union without type), limit_exceeded.
Result<std::vector<Leaf>> flatten(const Schema& schema, ByteView message, Time created);

Bytes audience_path(std::uint16_t number);  // 0E number
Bytes decoy_path(std::uint16_t number);     // 0F number

struct RecordId {
  Uuid id;
  std::uint32_t version = 1;
};
Hash commitment(ByteView salt, LeafType type, ByteView value);                 // C
Hash leaf_hash(const RecordId& record, ByteView path, const Hash& commitment);

// Where one leaf lies in a packed form.
struct PackedSpan { std::uint32_t offset; std::uint16_t path_bytes; std::uint32_t value_bytes; };
// A packed form under construction: the salts are still zero.
struct PackedLeaves {
  Bytes packed;
  std::vector<PackedSpan> spans;
  // Appends one leaf; the returned value bytes are for the caller to fill. Paths must come in ascending order.
  std::span<std::uint8_t> add(ByteView path, LeafType type, std::size_t value_bytes);
};

// Opened leaves in packed form: u16 len(path) || path || salt(16) || type || u32 len || value, ascending by path, no path twice.
class Openings {
 public:
  struct Item {  // views into the packed bytes of the Openings they came from
    ByteView path, salt;
    LeafType type;
    ByteView value;
    Hash leaf;  // leaf hash
  };
  // Parses and hashes; checks order, types and limits. Errors: bad_format, limit_exceeded.
  static Result<Openings> parse(const RecordId& record, Bytes packed);
  // Salts and commits leaves (sorted by path here). One call to `random` for all salts.
  static Result<Openings> commit(const RecordId& record, std::vector<Leaf> leaves, const RandomFill& random);
  static Openings commit(const RecordId& record, PackedLeaves leaves, const RandomFill& random);
  bool operator==(const Openings& other) const { return packed_ == other.packed_ && leaves_ == other.leaves_; }
  const Bytes& packed() const { return packed_; }
  std::size_t size() const { return spans_.size(); }
  Item operator[](std::size_t index) const;
  ByteView path(std::size_t index) const { return ByteView(packed_).subspan(spans_[index].offset + std::size_t{2}, spans_[index].path_bytes); }
  std::optional<std::size_t> find(ByteView path) const;
  const std::vector<Hash>& leaf_hashes() const { return leaves_; }              // in path order
  Openings subset(const std::vector<bool>& keep) const;                        // no rehashing

 private:
  Bytes packed_;
  std::vector<PackedSpan> spans_;
  std::vector<Hash> leaves_;
};

}  // namespace liaison::record
