// What FlatBuffers' JSON parser lets pass and an authored file may not contain: null, a quoted number, a declaration before the object.
// A scan over the characters, before the parser proper; answers the first offence with its line. Pure.
#pragma once
#include <set>

#include "core/base/result.h"

namespace liaison::directory {

// `unquoted_fields`: names whose values must be written without quotes (numbers, true, false).
Result<void> check_json(std::string_view json, const std::set<std::string, std::less<>>& unquoted_fields);

}  // namespace liaison::directory
