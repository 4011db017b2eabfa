// Holds a rebuilt message against the openings it came from (formats 2.6 step 8). Pure. Errc::rebuild_mismatch.
#pragma once
#include "core/record/verify.h"

namespace liaison::record {

// Flattened again, the message gives the openings: without decoys, audience and derived leaves, and without the empty-table leaves of placeholders.
// Derived leaves that are open beside their base are computed anew and must agree.
Result<void> compare_rebuilt(const Schema& schema, ByteView message, const Openings& openings, Time created);

}  // namespace liaison::record
