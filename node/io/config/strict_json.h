// Holds a JSON text with comments against a FlatBuffers table before FlatBuffers' own parser reads it, because that parser takes null for absent,
// "1" for 1, 1 for true and bare words for strings. Pure. Errors: invalid_settings "file:line: what is wrong; what to write".
#pragma once
#include <flatbuffers/idl.h>

#include <map>
#include <string>

#include "core/base/result.h"

namespace liaison::config {

// Line of every field that is there, by its path ("bus.endpoints"), for messages about values.
using FieldLines = std::map<std::string, std::size_t, std::less<>>;

Result<FieldLines> check_json(std::string_view chars, const flatbuffers::StructDef& root, std::string_view file);

}  // namespace liaison::config
