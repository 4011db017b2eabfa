// Completeness of a message before it is accepted (domain 1): every required item stated or "unknown"; all gaps in one error. Pure.
#pragma once
#include "core/base/bytes.h"
#include "core/base/result.h"

namespace liaison::exchange {
// Errc::incomplete listing every gap by its number on the form; unknown_schema for a kind without a form.
Result<void> check_complete(std::string_view kind, ByteView message);
}  // namespace liaison::exchange
