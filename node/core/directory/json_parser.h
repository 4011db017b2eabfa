// Authored JSON (comments allowed) to the FlatBuffer of one table of directory.fbs. Pure.
// Refused with the line: unknown or repeated keys, wrong types, null, quoted numbers, anything beside the one object. Errors: bad_format, limit_exceeded.
#pragma once
#include "core/base/bytes.h"
#include "core/base/result.h"

namespace liaison::directory {

Result<Bytes> parse_json(const std::string& json, const char* table);  // "liaison.directory.fb.Source"

}  // namespace liaison::directory
