// Who may ask what: one table of roles and requests (domain 9). A person is a key; the role comes from the node's own table of persons. Pure.
#pragma once
#include <string>
#include <string_view>

#include "schemas/api_generated.h"

namespace liaison::exchange {
bool is_role(std::string_view role);
std::string known_roles();
bool may(std::string_view role, api::Request request);
}  // namespace liaison::exchange
