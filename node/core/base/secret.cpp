// Cleansing that the compiler may not remove.
#include "core/base/secret.h"

#include <cstring>

namespace liaison {
void SecretBytes::cleanse() {
  if (!bytes_.empty()) ::explicit_bzero(bytes_.data(), bytes_.size());
}
}  // namespace liaison
