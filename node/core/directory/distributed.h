// The distributed file of a directory as its parts: what authoring, deltas and proofs put together. Pure. Reading checks form and sizes only.
// Errors: bad_format, bad_text, limit_exceeded.
#pragma once
#include "core/directory/loader.h"

namespace liaison::directory {

struct FileParts {
  std::string text;
  std::string signatures;
  std::vector<Bytes> authority_keys;
  std::vector<Bytes> entries;
};
FileParts parts_of(const OpenedFile& file);
Bytes write_file(const FileParts& parts);
Bytes write_delta(const FileParts& parts, ByteView leaves);

// Only the text of a file: nothing of its entries is read.
Result<crypto::ParsedText> parse_text_of(ByteView file);

struct OpenedDelta {
  std::unique_ptr<Bytes> bytes;       // the rest are views into it
  ByteView text, signatures, leaves;
  std::vector<ByteView> authority_keys, entries;
};
Result<OpenedDelta> open_delta(ByteView delta);

}  // namespace liaison::directory
