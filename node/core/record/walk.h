// Walks a message by its plan: verifies every offset before it is followed, counts leaves and bytes on spans, and, when asked, packs the leaves.
// The input may be anything; the walk fails on what formats 2.1 forbids. Pure.
#pragma once
#include "core/record/leaf.h"
#include "core/record/plan.h"

namespace liaison::record {

// What verify_message does: structure and limits only.
Result<void> check_message(const Schema::Reflection& plan, ByteView message);
// Leaves in path order, derived leaves included, salts still zero.
Result<PackedLeaves> pack_message(const Schema::Reflection& plan, ByteView message, Time created);

}  // namespace liaison::record
