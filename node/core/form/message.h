// Between the tree of a form file and the message's FlatBuffer, both ways, driven by the schema's attributes (shape.h).
// read_message accepts bytes from anyone: verified, bounded by limits.h, unknown fields and invalid text refused. Pure.
#pragma once
#include <optional>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/form/problem.h"

namespace liaison::form {

struct Built {
  std::optional<Bytes> message;   // only without problems
  std::vector<Problem> problems;  // all of them, in the order of the form
};
// Empty strings and empty lists count as absent. Every other character is kept.
Built build_message(const Value& root);

// The message as a form file: items in the form's sequence, then "structured". Errors: bad_format (not a message, unknown field or code),
// bad_text (text that is not UTF-8, with the item), limit_exceeded.
Result<Value> read_message(ByteView message);

}  // namespace liaison::form
