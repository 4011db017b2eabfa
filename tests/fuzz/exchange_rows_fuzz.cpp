// Any bytes as a row or a key of the store: refused, never trusted. The first byte chooses the table, so that each decoder gets its share.
#include "core/exchange/held_rows.h"
#include "core/exchange/tables.h"

namespace {
using namespace liaison;

template <class Parsed>
void take(const Parsed& parsed) {
  if (!parsed) liaison_assert(!exchange::name(exchange::Table::meta).empty() && !name(parsed.error().code).empty());
}

void keys(ByteView bytes) {
  // A ledger's key may go on with the index of a row.
  if (const auto log = exchange::parse_log_key(bytes)) liaison_assert(equal(exchange::key_of(*log), bytes.first(exchange::key_of(*log).size())));
  if (const auto record = exchange::parse_record_key(bytes)) liaison_assert(equal(exchange::key_of(*record), bytes));
  if (const auto number = exchange::parse_number(bytes)) liaison_assert(equal(exchange::key_of(*number), bytes.last(8)));
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const Bytes bytes(data + 1, data + size);
  switch (data[0] % 18) {
    case 0: take(exchange::decode_record_row(bytes)); break;
    case 1: take(exchange::decode_submission_row(bytes)); break;
    case 2: take(exchange::decode_outbox_row(bytes)); break;
    case 3: take(exchange::decode_disclosure_row(bytes)); break;
    case 4: take(exchange::decode_head_row(bytes)); break;
    case 5: take(exchange::decode_inbound_body_row(bytes)); break;
    case 6: take(exchange::decode_inbox_row(bytes)); break;
    case 7: take(exchange::decode_received_row(bytes)); break;
    case 8: take(exchange::decode_person_row(bytes)); break;
    case 9: take(exchange::decode_alarm_row(bytes)); break;
    case 10: take(exchange::decode_receipt_row(bytes)); break;
    case 11: take(exchange::decode_signed_text(bytes)); break;
    case 12: keys(bytes); break;
    case 13: take(exchange::decode_seen_policy(bytes)); break;
    case 14: take(exchange::decode_held_row(bytes)); break;
    case 15: take(exchange::decode_held_notes(bytes)); break;
    case 16: take(exchange::decode_record_facts(bytes)); break;
    default: take(exchange::decode_policy_row(bytes));
  }
  return 0;
}
