// Deltas go by leaf hash, so neither side needs to know the other's order of entries.
#include "core/directory/delta.h"

#include <unordered_map>

#include "core/base/limits.h"
#include "core/directory/distributed.h"

namespace liaison::directory {
namespace {

struct HashOfHash {
  std::size_t operator()(const Hash& hash) const {
    std::size_t out;
    std::memcpy(&out, hash.data(), sizeof out);
    return out;
  }
};
using EntriesByLeaf = std::unordered_map<Hash, ByteView, HashOfHash>;

EntriesByLeaf index_entries(std::span<const ByteView> entries) {
  EntriesByLeaf out;
  for (const auto entry : entries) out.emplace(entry_leaf(entry), entry);
  return out;
}

Error bad(std::string what) { return fail(Errc::bad_format, "directory delta: " + std::move(what)); }

}  // namespace

Result<Bytes> make_delta(ByteView file, std::optional<ByteView> base) {
  LIAISON_TRY(const auto opened, open_file(file));
  EntriesByLeaf held;
  std::optional<OpenedFile> opened_base;
  if (base) {
    LIAISON_TRY(opened_base, open_file(*base));
    held = index_entries(opened_base->entries);
  }
  Bytes leaves;
  leaves.reserve(opened.entries.size() * sizeof(Hash));
  FileParts parts{std::string(opened.text.bytes()), std::string(text(opened.signatures)), {}, {}};
  for (const auto key : opened.authority_keys) parts.authority_keys.push_back(to_bytes(key));
  for (const auto entry : opened.entries) {
    const Hash leaf = entry_leaf(entry);
    put(leaves, ByteView(leaf));
    if (!held.contains(leaf)) parts.entries.push_back(to_bytes(entry));
  }
  return write_delta(parts, leaves);
}

Result<Bytes> apply_delta(ByteView delta, std::optional<ByteView> base) {
  if (delta.size() > limits::directory_bytes_max) return fail(Errc::limit_exceeded, "directory delta of " + std::to_string(delta.size()) + " bytes");
  LIAISON_TRY(const OpenedDelta opened, open_delta(delta));
  EntriesByLeaf held = index_entries(opened.entries);
  std::optional<OpenedFile> opened_base;
  if (base) {
    LIAISON_TRY(opened_base, open_file(*base));
    held.merge(index_entries(opened_base->entries));
  }
  FileParts parts{std::string(text(opened.text)), std::string(text(opened.signatures)), {}, {}};
  for (const auto key : opened.authority_keys) parts.authority_keys.push_back(to_bytes(key));
  std::size_t bytes_left = limits::directory_bytes_max;
  ByteReader reader(opened.leaves);
  for (std::size_t at = 0; at < opened.leaves.size(); at += sizeof(Hash)) {
    const Hash leaf = reader.hash();
    const auto found = held.find(leaf);
    if (found == held.end()) return bad("an entry is missing");
    if (found->second.size() + 64 > bytes_left) return fail(Errc::limit_exceeded, "directory delta that makes a larger file than allowed");
    bytes_left -= found->second.size() + 64;
    parts.entries.push_back(to_bytes(found->second));
  }
  return write_file(parts);
}

Result<Bytes> make_proof(ByteView file) {
  LIAISON_TRY(const auto opened, open_file(file));
  FileParts parts = parts_of(opened);
  parts.entries.clear();
  return write_file(parts);
}

}  // namespace liaison::directory
