// The rebuilt message, flattened again, against the openings: two sorted lists merged. Pure.
#include "core/record/path.h"
#include "core/record/rebuild.h"
#include "core/record/walk.h"

namespace liaison::record {
namespace {

struct View { ByteView path; LeafType type; ByteView value; };

View leaf_at(const PackedLeaves& leaves, std::size_t index) {
  const PackedSpan& span = leaves.spans[index];
  const ByteView all(leaves.packed);
  const std::size_t type_at = std::size_t{span.offset} + 2 + span.path_bytes + 16;
  return {all.subspan(span.offset + std::size_t{2}, span.path_bytes), static_cast<LeafType>(all[type_at]), all.subspan(type_at + 5, span.value_bytes)};
}

// An element or union member of which nothing is open appears empty.
bool is_placeholder(const View& leaf) {
  if (leaf.type != LeafType::empty_table) return false;
  std::size_t last = 0;
  for (std::size_t at = 0; at < leaf.path.size(); at += component_bytes(leaf.path[at])) last = at;
  const auto kind = static_cast<Component>(leaf.path[last]);
  return kind == Component::element || kind == Component::member;
}

Error mismatch(ByteView path) { return fail(Errc::rebuild_mismatch, "leaf " + to_hex(path)); }

// An opening without counterpart in the message: fine for derived leaves whose base is not open.
bool may_be_missing(const Openings& openings, ByteView path) { return is_derived(path) && !openings.find(base_of(path)); }

}  // namespace

Result<void> compare_rebuilt(const Schema& schema, ByteView message, const Openings& openings, Time created) {
  LIAISON_TRY(const PackedLeaves again, pack_message(schema.reflection(), message, created));
  std::size_t next = 0;
  for (std::size_t i = 0; i < again.spans.size(); ++i) {
    const View leaf = leaf_at(again, i);
    int order = -1;
    while (next < openings.size() && (order = compare(openings.path(next), leaf.path)) < 0) {
      if (!may_be_missing(openings, openings.path(next))) return mismatch(openings.path(next));
      ++next;
    }
    if (next < openings.size() && order == 0) {
      const Openings::Item opened = openings[next++];
      if (opened.type != leaf.type || !equal(opened.value, leaf.value)) return mismatch(leaf.path);
    } else if (!is_placeholder(leaf) && !is_derived(leaf.path)) {
      return mismatch(leaf.path);
    }
  }
  for (; next < openings.size(); ++next) {
    const ByteView path = openings.path(next);
    if (first_component(path) == Component::field && !may_be_missing(openings, path)) return mismatch(path);
  }
  return {};
}

Result<std::vector<Leaf>> flatten(const Schema& schema, ByteView message, Time created) {
  LIAISON_CHECK(check_message(schema.reflection(), message));
  LIAISON_TRY(const PackedLeaves packed, pack_message(schema.reflection(), message, created));
  std::vector<Leaf> out;
  out.reserve(packed.spans.size());
  for (std::size_t i = 0; i < packed.spans.size(); ++i) {
    const View leaf = leaf_at(packed, i);
    out.push_back({to_bytes(leaf.path), leaf.type, to_bytes(leaf.value)});
  }
  return out;
}

}  // namespace liaison::record
