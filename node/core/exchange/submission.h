// A submission as the request carries it, copied within the limits: sizes are checked before anything is copied, since FlatBuffers may share one long
// string a million times. Says nothing about whether it can be accepted. Pure. Errc: limit_exceeded, invalid_argument.
#pragma once
#include "core/exchange/accept.h"
#include "schemas/api_generated.h"

namespace liaison::exchange {

Result<Submission> read_submission(const api::Submit& submit, ByteView call, std::string person);

}  // namespace liaison::exchange
