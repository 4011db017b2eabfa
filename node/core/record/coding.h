// Values of leaves (formats 2.1): numbers of a FlatBuffer (little endian, as they lie there) to the leaf coding (big endian, 8 bytes) and back. Pure.
#pragma once
#include "core/record/leaf.h"
#include "core/record/plan.h"

namespace liaison::record {

inline std::size_t coded_bytes(ScalarCode code) { return code == ScalarCode::boolean ? 1 : 8; }
LeafType leaf_type(ScalarCode code);
// Writes coded_bytes(code) bytes; false: NaN, or a bool that is neither 0 nor 1.
bool encode_scalar(ScalarCode code, const std::uint8_t* in, std::uint8_t* out);
// Writes scalar_bytes(code) bytes; false: out of the type's range or not the canonical coding.
bool decode_scalar(ScalarCode code, const std::uint8_t* in, std::uint8_t* out);

}  // namespace liaison::record
