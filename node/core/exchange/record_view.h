// What a person gets to see of one record: the stored record opened and verified again, and where each recipient's copy stands.
// Reads the store; no effects.
#pragma once
#include "core/exchange/context.h"
#include "core/exchange/receive.h"
#include "schemas/api_generated.h"

namespace liaison::exchange {

// The message of a stored record rebuilt from its openings. Errc: not_found, cannot_open (erased), store_corrupt.
Result<std::shared_ptr<const HotMessage>> load_message(const Context& context, const RecordKey& key);
// An Answer with api.Record; the seal is verified again, so the answer says what holds now.
Result<Bytes> make_record_answer(const Context& context, const RecordKey& key);

enum class TrackDetail : std::uint8_t { summary, full };  // full adds receipts and evidence texts
Result<flatbuffers::Offset<api::Track>> make_track(const Context& context, flatbuffers::FlatBufferBuilder& builder, const RecordKey& key, TrackDetail detail);

}  // namespace liaison::exchange
