// A directory as somebody needs it who holds another version: the whole signed text, all leaf hashes, and only the entries the other version has not.
// Pure. Nothing here verifies signatures: what apply_delta puts together goes through Directory::load like every file. Errors: bad_format, limit_exceeded.
#pragma once
#include <optional>

#include "core/directory/directory.h"

namespace liaison::directory {

// `file` is ours and loads. Without `base` all entries are in it.
Result<Bytes> make_delta(ByteView file, std::optional<ByteView> base);
// The file again; `base` is the one the delta was asked against. At most limits::directory_bytes_max, however often an entry is named.
Result<Bytes> apply_delta(ByteView delta, std::optional<ByteView> base);

// Signed text, signatures and authority keys without the entries: what proves that somebody signed this version, in little space.
Result<Bytes> make_proof(ByteView file);

}  // namespace liaison::directory
