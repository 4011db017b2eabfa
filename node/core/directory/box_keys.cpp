// See box_keys.h. What the directory does not say of a key is never guessed: an unregistered one is neither used nor destroyed.
#include "core/directory/box_keys.h"

#include <algorithm>

#include "core/base/limits.h"

namespace liaison::directory {

BoxPlan plan_box_keys(const Directory& directory, std::string_view agency, std::span<const Hash> held, Time now) {
  BoxPlan plan;
  if (const auto current = directory.current_key(agency, crypto::KeyRole::box, now)) {
    if (std::find(held.begin(), held.end(), current->hash()) != held.end()) plan.current = current->hash();
  }
  const Agency* own = directory.find(agency);
  if (own == nullptr) return plan;
  for (const auto& key : own->keys) {
    const bool is_held = std::find(held.begin(), held.end(), key.hash) != held.end();
    if (key.role == crypto::KeyRole::box && is_held && key.hash != plan.current && key.not_after + limits::envelope_life_max < now) plan.destroy.push_back(key.hash);
  }
  return plan;
}

}  // namespace liaison::directory
