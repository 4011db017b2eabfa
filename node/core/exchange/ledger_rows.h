// How ledgers lie in the store: one row of entries and one row of tree hashes per batch, the head in a row of its own. Reading back any index,
// node or earlier root. Errors: store_corrupt when a row that must be there is not.
#pragma once
#include "core/exchange/rows.h"
#include "core/link/session.h"

namespace liaison::exchange {

std::string ledger_name(const LogKey& log);  // "int.gs/out/0/routine/0"
void add_ledger_rows(const LogKey& log, std::uint64_t first, const std::vector<link::Element>& elements, const std::vector<Hash>& completed, std::vector<Op>& ops);

// The newest epoch there is a row of; epoch 0 when there is none.
Result<LogKey> current_log(const Store& store, LogKey log);
// A log in use that holds nothing has no row: what a precondition expects, and how the next state is written.
std::optional<Bytes> stored_head(const HeadRow& head);
Op put_head(const LogKey& log, const HeadRow& head);
Result<HeadRow> load_head(const Store& store, const LogKey& log);                     // an empty log when there is no row
Result<std::uint64_t> load_receipted(const Store& store, const LogKey& log);
Result<std::optional<ReceiptRow>> load_last_receipt(const Store& store, const LogKey& log);
Result<std::vector<ReceiptRow>> load_receipts_above(const Store& store, const LogKey& log, std::uint64_t size, std::size_t most);
Result<Hash> load_node(const Store& store, const LogKey& log, std::uint64_t stored_index);
Result<Hash> load_root(const Store& store, const LogKey& log, std::uint64_t size);
Result<std::vector<link::EntryBytes>> load_entries(const Store& store, const LogKey& log, std::uint64_t first, std::size_t count);

// Row of table received under our own id: which record went out in the envelope of this entry or core.
Bytes key_of_dispatched(std::string_view agency, const link::EntryBytes& entry);
Bytes key_of_dispatched(std::string_view agency, const Hash& core);
// Row of table evidence for a peer's word about an envelope of ours that the store does not know (yet).
Bytes key_of_unplaced_evidence(std::string_view agency, const Hash& core, std::string_view peer);

}  // namespace liaison::exchange
