// Grammar of leaf paths: whole components only, in the order formats 2.1 allows. Pure.
#include "core/record/path.h"

#include "core/base/limits.h"

namespace liaison::record {
namespace {

enum class Ending : std::uint8_t { leaf, prefix };

bool parse(ByteView path, Ending ending) {
  if (path.empty() || path.size() > limits::path_bytes_max) return false;
  const Component first = first_component(path);
  if (first == Component::audience || first == Component::decoy) return ending == Ending::leaf && path.size() == 3;
  if (first != Component::field) return false;
  for (std::size_t at = 0; at < path.size();) {
    const std::size_t bytes = component_bytes(path[at]);
    if (bytes == 0 || bytes > path.size() - at) return false;
    const auto kind = static_cast<Component>(path[at]);
    if (at > 0 && (kind == Component::audience || kind == Component::decoy)) return false;
    at += bytes;
    if (kind == Component::derived && (ending == Ending::prefix || at != path.size())) return false;
  }
  return true;
}

}  // namespace

bool is_path(ByteView path) { return parse(path, Ending::leaf); }
bool is_prefix_path(ByteView path) { return parse(path, Ending::prefix); }

}  // namespace liaison::record
