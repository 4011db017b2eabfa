// Ancestor rules: elements need the length of their vector and union members their discriminator; an opened leaf needs them opened,
// a withheld one opened or withheld. Paths come sorted, so neighbours share their ancestors and most are checked once.
#include "core/record/structure.h"

#include <algorithm>

#include "core/record/path.h"

namespace liaison::record {
namespace {

enum class Of : std::uint8_t { opened, withheld };

class Ancestors {
 public:
  Ancestors(const Openings& openings, const std::vector<WithheldLeaf>& withheld) : openings_(openings), withheld_(withheld) {}

  bool hold(ByteView path, Of leaf) {
    if (is_audience(path) || is_decoy(path)) return true;
    const std::size_t deepest = deepest_container(path);
    if (deepest == 0 || (leaf == last_ && equal(path.first(deepest), last_checked_))) return true;
    for (std::size_t at = 0; at < deepest; at += component_bytes(path[at])) {
      const auto kind = static_cast<Component>(path[at]);
      if ((kind == Component::element || kind == Component::member) && !container(path, at, leaf)) return false;
    }
    last_ = leaf;
    last_checked_ = path.first(deepest);
    return true;
  }

 private:
  // End of the last element or member component, 0 if there is none.
  static std::size_t deepest_container(ByteView path) {
    std::size_t deepest = 0;
    for (std::size_t at = 0; at < path.size();) {
      const auto kind = static_cast<Component>(path[at]);
      at += component_bytes(path[at]);
      if (kind == Component::element || kind == Component::member) deepest = at;
    }
    return deepest;
  }

  bool container(ByteView path, std::size_t at, Of leaf) const {
    const ByteView ancestor = path.first(at);
    const auto opened = openings_.find(ancestor);
    if (!opened) return leaf == Of::withheld && find_withheld(withheld_, ancestor);
    const Openings::Item item = openings_[*opened];
    ByteReader component(path.subspan(at + 1));
    ByteReader value(item.value);
    if (static_cast<Component>(path[at]) == Component::element) {
      return item.type == LeafType::vector_length && component.u32() < value.u32();
    }
    return item.type == LeafType::union_type && component.u8() == value.u8();
  }

  const Openings& openings_;
  const std::vector<WithheldLeaf>& withheld_;
  Of last_ = Of::opened;
  ByteView last_checked_;
};

Result<void> check_groups(const Manifest& manifest, const Openings& openings, const std::vector<WithheldLeaf>& withheld) {
  for (const auto& group : manifest.groups) {
    std::uint64_t opened_count = 0, withheld_count = 0;
    for (std::size_t i = 0; i < openings.size(); ++i) opened_count += starts_with(openings[i].path, group.prefix) ? 1 : 0;
    for (const WithheldLeaf& leaf : withheld) withheld_count += starts_with(leaf.path, group.prefix) ? 1 : 0;
    const bool whole = (opened_count == group.count && withheld_count == 0) || (withheld_count == group.count && opened_count == 0);
    if (!whole) return fail(Errc::group_split, to_hex(group.prefix));
  }
  return {};
}

}  // namespace

std::optional<std::size_t> find_withheld(const std::vector<WithheldLeaf>& withheld, ByteView path) {
  const auto found = std::lower_bound(withheld.begin(), withheld.end(), path, [](const WithheldLeaf& leaf, ByteView wanted) { return compare(leaf.path, wanted) < 0; });
  if (found == withheld.end() || !equal(found->path, path)) return std::nullopt;
  return static_cast<std::size_t>(found - withheld.begin());
}

Result<void> check_structure(const Manifest& manifest, const Openings& openings, const std::vector<WithheldLeaf>& withheld) {
  for (const Bytes& path : manifest.inseparable) {
    if (!openings.find(path)) return fail(Errc::structure_broken, "inseparable leaf " + to_hex(path) + " is not open");
  }
  LIAISON_CHECK(check_groups(manifest, openings, withheld));
  Ancestors ancestors(openings, withheld);
  for (std::size_t i = 0; i < openings.size(); ++i) {
    if (!ancestors.hold(openings[i].path, Of::opened)) return fail(Errc::structure_broken, "ancestors of opened leaf " + to_hex(openings[i].path));
  }
  for (const WithheldLeaf& leaf : withheld) {
    if (!ancestors.hold(leaf.path, Of::withheld)) return fail(Errc::structure_broken, "ancestors of withheld leaf " + to_hex(leaf.path));
  }
  return {};
}

}  // namespace liaison::record
