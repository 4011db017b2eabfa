// Recomputing trees from stored entries. Every difference is a line that names the log and the place.
#include "core/exchange/verify_log.h"

#include "core/base/limits.h"
#include "core/exchange/ledger_rows.h"

namespace liaison::exchange {
namespace {
constexpr std::size_t chunk_rows = 512;

VerifyLine failed(std::string what, std::uint64_t entries, std::string detail) { return {std::move(what), entries, false, std::move(detail)}; }

// When we receipted exactly this head of the peer's: an independent time for it.
Result<std::optional<Time>> receipted_at(const Context& context, const LogKey& log, const HeadRow& row) {
  if (log.direction == Direction::outbound) return std::optional<Time>{};
  LIAISON_TRY(const auto last, load_last_receipt(context.ports.store, log));
  if (!last) return std::optional<Time>{};
  LIAISON_TRY(const auto receipt, link::parse_receipt(view(last->receipt.text)));
  if (receipt.head != crypto::text_hash(view(row.head.text))) return std::optional<Time>{};
  return std::optional(receipt.stored);
}

// Own heads are signed with our link key, the peer's with its own.
Result<void> verify_head(const Context& context, const LogKey& log, const HeadRow& row) {
  LIAISON_TRY(const auto head, link::parse_head(view(row.head.text)));
  const bool outbound = log.direction == Direction::outbound;
  const std::string& writer = outbound ? context.agency : log.peer;
  if (head.realm != context.realm || head.from != writer || head.to != (outbound ? log.peer : context.agency)) return fail(Errc::wrong_sender, "head");
  if (head.size != row.frontier.size() || head.root != row.frontier.root()) return fail(Errc::wrong_root, "head of size " + std::to_string(head.size));
  LIAISON_TRY(const auto witnessed, receipted_at(context, log, row));
  const auto& directory = *context.directory;
  LIAISON_TRY(const auto key, witnessed ? directory.key_witnessed(writer, crypto::KeyRole::link, head.key, head.time, *witnessed) : directory.key(writer, crypto::KeyRole::link, head.key, head.time));
  crypto::VerifiedBatches batches;
  return crypto::verify_text(context.realm, view(row.head.text), view(row.head.signatures), key, batches);
}

Result<void> verify_receipt(const Context& context, const LogKey& log, const ReceiptRow& row) {
  LIAISON_TRY(const auto receipt, link::parse_receipt(view(row.receipt.text)));
  const std::string& writer = log.direction == Direction::outbound ? log.peer : context.agency;
  LIAISON_TRY(const auto key, context.directory->key(writer, crypto::KeyRole::link, receipt.key, receipt.stored));
  crypto::VerifiedBatches batches;
  LIAISON_CHECK(crypto::verify_text(context.realm, view(row.receipt.text), view(row.receipt.signatures), key, batches));
  if (!row.head.empty() && crypto::text_hash(view(row.head.text)) != receipt.head) return fail(Errc::wrong_root, "receipt names another head");
  return {};
}

// Entries recomputed into a frontier; the packed rows must follow each other without a gap.
Result<merkle::Frontier> recompute(const Context& context, const LogKey& log, std::uint64_t size) {
  merkle::Frontier frontier;
  while (frontier.size() < size) {
    const std::size_t count = static_cast<std::size_t>(std::min<std::uint64_t>(size - frontier.size(), 4096));
    LIAISON_TRY(const auto entries, load_entries(context.ports.store, log, frontier.size(), count));
    for (const auto& bytes : entries) {
      LIAISON_CHECK(link::decode_entry(bytes));
      frontier.append(merkle::leaf_hash(bytes));
    }
  }
  return frontier;
}

VerifyLine verify_ledger(const Context& context, const LogKey& log) {
  const std::string what = "ledger " + ledger_name(log);
  auto row = load_head(context.ports.store, log);
  if (!row) return failed(what, 0, row.error().message());
  const std::uint64_t size = row->frontier.size();
  if (size == 0) return {what, 0, true, "empty"};
  auto frontier = recompute(context, log, size);
  if (!frontier) return failed(what, size, frontier.error().message());
  if (frontier->root() != row->frontier.root()) return failed(what, size, "the entries do not give the stored root");
  auto root = load_root(context.ports.store, log, size);
  if (!root || *root != frontier->root()) return failed(what, size, "the stored tree hashes do not give the root");
  if (auto head = verify_head(context, log, *row); !head) return failed(what, size, "head: " + head.error().message());
  std::uint64_t receipts = 0;
  for (std::uint64_t from = 0;;) {
    auto rows = context.ports.store.scan(Table::ledger_receipt, {key_of(log, from), after_prefix(key_of(log))}, chunk_rows);
    if (!rows) return failed(what, size, rows.error().message());
    if (rows->empty()) break;
    for (const auto& [key, value] : *rows) {
      auto receipt = decode_receipt_row(value);
      auto checked = receipt ? verify_receipt(context, log, *receipt) : Result<void>(receipt.error());
      if (!checked) return failed(what, size, "receipt: " + checked.error().message());
      ++receipts;
      from = *parse_number(key) + 1;
    }
  }
  auto receipted = load_receipted(context.ports.store, log);
  return {what, size, true, "root, head and " + std::to_string(receipts) + " receipts verify; receipted " + std::to_string(receipted ? *receipted : 0)};
}
}  // namespace

std::vector<VerifyLine> verify_audit(const Context& context, const merkle::Frontier& expected) {
  merkle::Frontier frontier;
  std::vector<Hash> completed;
  std::uint64_t hash_index = 0;
  while (frontier.size() < expected.size()) {
    auto rows = context.ports.store.scan(Table::audit_entry, {key_of(frontier.size()), {}}, chunk_rows);
    if (!rows) return {failed("audit", frontier.size(), rows.error().message())};
    if (rows->empty()) return {failed("audit", frontier.size(), "the log ends early")};
    completed.clear();
    for (const auto& [key, value] : *rows) {
      if (frontier.size() == expected.size()) break;
      const auto number = parse_number(key);
      const auto entry = audit::decode(value);
      if (!number || *number != frontier.size()) return {failed("audit", frontier.size(), "entry " + std::to_string(frontier.size()) + " is missing")};
      if (!entry || entry->index != frontier.size()) return {failed("audit", frontier.size(), "entry " + std::to_string(frontier.size()) + " is damaged")};
      frontier.append(merkle::leaf_hash(value), &completed);
    }
    auto hashes = context.ports.store.scan(Table::audit_hash, {key_of(hash_index), {}}, completed.size());
    if (!hashes || hashes->size() != completed.size()) return {failed("audit", frontier.size(), "tree hashes are missing")};
    for (std::size_t i = 0; i < completed.size(); ++i)
      if (!equal((*hashes)[i].second, completed[i])) return {failed("audit", frontier.size(), "stored tree hash " + std::to_string(hash_index + i) + " differs")};
    hash_index += completed.size();
  }
  if (frontier.root() != expected.root()) return {failed("audit", frontier.size(), "the entries do not give the root")};
  return {{"audit", frontier.size(), true, "root " + to_base64(frontier.root())}};
}

std::vector<VerifyLine> verify_ledgers(const Context& context, std::string_view peer) {
  std::vector<VerifyLine> lines;
  for (const Direction direction : {Direction::outbound, Direction::inbound})
    for (const Lane lane : {Lane::urgent, Lane::routine}) {
      LogKey log{std::string(peer), direction, 0, lane, 0};
      const auto newest = current_log(context.ports.store, log);
      if (!newest) return {failed("ledger " + ledger_name(log), 0, newest.error().message())};
      for (; log.epoch <= newest->epoch; ++log.epoch) lines.push_back(verify_ledger(context, log));
    }
  return lines;
}

}  // namespace liaison::exchange
