// Any bytes as an audit entry: refused, or an entry that survives encoding and decoding again.
#include "core/audit/entry.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace liaison;
  const auto entry = audit::decode({data, size});
  if (!entry) return 0;
  const auto again = audit::decode(audit::encode(*entry));
  liaison_assert(audit::parse_event(audit::name(entry->event)) == entry->event);
  liaison_assert(again && again->index == entry->index && again->event == entry->event && again->ledger == entry->ledger);
  return 0;
}
