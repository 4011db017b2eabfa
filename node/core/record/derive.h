// Derived leaves (formats 2.1): less precise values that stay under the originator's signature. One function, used when a record is made and
// again when a received one is verified, so both must agree for ever. Pure; an undecidable value gives no leaf, nothing is guessed.
#pragma once
#include "core/base/ids.h"
#include "core/record/leaf.h"
#include "core/record/plan.h"

namespace liaison::record {

struct DerivedLeaf { LeafType type; Bytes value; };
// `value` is the base leaf's value: text, or the coded Coordinates struct (two signed numbers, millionths of a degree).
std::optional<DerivedLeaf> derive(Derived code, ByteView value, Time created);

}  // namespace liaison::record
