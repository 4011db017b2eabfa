// Sample messages of tests and benches: fictional persons, several scripts. Made from JSON by FlatBuffers' own parser against the committed schema.
#pragma once
#include "core/record/schema.h"

namespace liaison::support {

// The shipped Ecomessage schema; a broken tree stops the test.
std::shared_ptr<const record::Schema> ecomessage_schema();
// FlatBuffer of this JSON (FlatBuffers' own dialect) after a compiled schema; stops the test when it does not fit.
Bytes message_from_json(ByteView bfbs, const std::string& json);

Bytes tiny_ecomessage();     // three fields
Bytes typical_ecomessage();  // about 60 leaves, 2 KB
Bytes large_ecomessage();    // hundreds of kilobytes of text, 40 persons

}  // namespace liaison::support
