// Which of the box keys that a node holds is in use now, and which are old enough to be destroyed (formats 4: 30 days after the end of their validity, when no envelope
// sealed to them can still be under way). Pure: the directory says what is registered, the node does the rest.
#pragma once
#include "core/directory/directory.h"

namespace liaison::directory {

struct BoxPlan {
  std::optional<Hash> current;   // the one that peers seal to now; none: not one of those held is valid
  std::vector<Hash> destroy;     // never the current one, and never one that the directory does not know: that may be the next
};
BoxPlan plan_box_keys(const Directory& directory, std::string_view agency, std::span<const Hash> held, Time now);

}  // namespace liaison::directory
