// Reading: inbox, fetch (T3), one record, track, outgoing. What shows content answers only after its audit entry (consulted) is durable.
#include <algorithm>

#include "core/base/limits.h"
#include "core/exchange/answers.h"
#include "core/exchange/ledger_rows.h"
#include "core/exchange/record_view.h"
#include "core/exchange/requests.h"

namespace liaison::exchange {
namespace {
constexpr std::uint32_t inbox_rows_max = 500;
constexpr std::uint32_t outgoing_rows_max = 500;

audit::Entry consulted(const Context& context, std::string_view person, const RecordKey& key, audit::Event event) {
  audit::Entry entry = context.entry(event);
  entry.person = context.commit_to_person(person);
  entry.record_from = key.from;
  entry.record = key.id;
  entry.version = key.version;
  return entry;
}

struct FetchedOne {
  std::uint64_t seq = 0;
  InboxRow row;
  std::shared_ptr<const HotMessage> message;
};

Bytes fetched_answer(const std::vector<FetchedOne>& items, std::uint64_t cursor, bool more) {
  flatbuffers::FlatBufferBuilder builder(64 << 10);
  std::vector<flatbuffers::Offset<api::FetchedItem>> rows;
  for (const auto& item : items) {
    const auto from = builder.CreateString(item.row.record.from);
    const auto record = put_bytes(builder, item.row.record.id.bytes);
    const auto kind = builder.CreateString(item.row.kind);
    const auto message = put_bytes(builder, item.message->message);
    const auto manifest = put_bytes(builder, view(item.message->manifest));
    rows.push_back(api::CreateFetchedItem(builder, item.seq, from, record, item.row.record.version, kind, message, manifest, millis(item.row.received),
                                          static_cast<std::uint8_t>(item.row.urgency)));
  }
  return finish_answer(builder, api::CreateFetched(builder, builder.CreateVector(rows), cursor, more));
}
}  // namespace

// In order and without a hole: numbers are given before T2 commits, and the commits of several peers overtake each other.
Result<std::vector<Row>> Requests::inbox_rows(std::uint64_t first, std::uint32_t most) const {
  const auto& open = node_.inbox_under_way_;
  if (!open.empty() && *open.begin() <= first) return std::vector<Row>{};
  const Bytes from = key_of(first);
  const Bytes to = open.empty() ? Bytes{} : key_of(*open.begin());
  return node_.engine_.ports().store.scan(Table::inbox, {from, to}, most);
}

void Requests::on_inbox(const Caller& caller, const api::AskInbox& ask) {
  const std::uint32_t most = std::clamp<std::uint32_t>(ask.max(), 1, inbox_rows_max);
  std::uint64_t first = ask.after() + 1;
  if (ask.newest_first()) first = node_.inbox_next_ > most ? node_.inbox_next_ - most : 1;
  auto rows = inbox_rows(first, most);
  if (!rows) return refuse(caller, rows.error());
  if (ask.newest_first()) std::reverse(rows->begin(), rows->end());
  flatbuffers::FlatBufferBuilder builder(4096);
  std::vector<flatbuffers::Offset<api::InboxRow>> out;
  for (const auto& [key, value] : *rows) {
    auto row = decode_inbox_row(value);
    auto seq = parse_number(key);
    if (!row || !seq) return refuse(caller, row ? seq.error() : row.error());
    const auto from = builder.CreateString(row->record.from);
    const auto record = put_bytes(builder, row->record.id.bytes);
    const auto kind = builder.CreateString(row->kind);
    const auto purpose = builder.CreateString(row->purpose);
    const auto level = builder.CreateString(row->level);
    const auto relayed_by = builder.CreateString(row->relayed_by);
    out.push_back(api::CreateInboxRow(builder, *seq, from, record, row->record.version, kind, static_cast<std::uint8_t>(row->urgency), purpose, level, millis(row->received), false,
                                              relayed_by, row->partial));
  }
  answer(caller, finish_answer(builder, api::CreateInbox(builder, builder.CreateVector(out), node_.inbox_next_ - 1)));
}

void Requests::on_fetch(const Caller& caller, const api::Fetch& fetch) {
  const auto& store = node_.engine_.ports().store;
  auto held = store.get(Table::cursor, view(caller.person));
  if (!held) return refuse(caller, held.error());
  // The row: acknowledged up to, handed over up to. Nothing can be acknowledged that was not handed over, also not after a backup was restored.
  ByteReader reader(*held ? ByteView(**held) : ByteView{});
  std::uint64_t cursor = reader.u64();
  const std::uint64_t handed = reader.u64();
  if (fetch.done() > std::max(cursor, handed))
    return refuse(caller, Errc::invalid_argument, "number " + std::to_string(fetch.done()) + " was never handed over to " + caller.person + ": was this node restored from a backup? Begin at " +
                                                      std::to_string(cursor));
  const bool moved = fetch.done() > cursor;
  if (moved) cursor = fetch.done();
  const std::uint32_t most = std::clamp<std::uint32_t>(fetch.max(), 1, limits::fetch_items_max);
  auto rows = inbox_rows(cursor + 1, most);
  if (!rows) return refuse(caller, rows.error());
  auto items = std::make_shared<std::vector<FetchedOne>>();
  for (const auto& [key, value] : *rows) {
    auto row = decode_inbox_row(value);
    auto seq = parse_number(key);
    if (!row || !seq) return refuse(caller, row ? seq.error() : row.error());
    const auto hot = node_.hot_.find(*seq);
    items->push_back({*seq, std::move(*row), hot == node_.hot_.end() ? nullptr : hot->second});
  }
  const bool full = rows->size() == most;
  ++node_.tasks_;
  node_.engine_.run(false, [this, caller, items, cursor, handed, moved, full, context = node_.context_]() -> Finish {
    Error error{};
    std::size_t bytes = 0;
    const std::size_t found = items->size();
    for (std::size_t i = 0; i < items->size(); ++i) {
      if (!(*items)[i].message) {
        auto loaded = load_message(*context, (*items)[i].row.record);
        if (!loaded) {
          error = loaded.error();
          items->resize(i);
          break;
        }
        (*items)[i].message = std::move(*loaded);
      }
      bytes += (*items)[i].message->message.size();
      if (bytes > limits::fetch_bytes_max) items->resize(i + 1);
    }
    auto reply = std::make_shared<Bytes>(items->empty() && error.code != Errc{} ? make_refusal({error.code, error.detail}) : fetched_answer(*items, cursor, full || items->size() < found));
    auto set = std::make_shared<WriteSet>();
    set->cls = WriteClass::hand_over;
    const std::uint64_t last = items->empty() ? handed : std::max(handed, items->back().seq);
    Bytes row = key_of(cursor);
    put_u64(row, last);
    if (moved || last != handed) set->ops.push_back({OpKind::put, Table::cursor, to_bytes(caller.person), std::move(row)});
    for (const auto& item : *items) set->ops.push_back(append_audit(consulted(*context, caller.person, item.row.record, audit::Event::consulted)));
    return [this, caller, reply, set] {
      --node_.tasks_;
      if (set->ops.empty()) return answer(caller, std::move(*reply));
      node_.engine_.commit(std::move(*set), [this, caller, reply](Outcome outcome) {
        if (outcome == Outcome::committed) answer(caller, std::move(*reply));
        else refuse(caller, Errc::disk_full, "the audit entry of this reading could not be written; nothing is shown; free disk space");
      });
    };
  });
}

Result<RecordKey> Requests::find_record(ByteView id, std::string_view from, std::uint32_t version) const {
  if (id.size() != 16) return fail(Errc::invalid_argument, "a record id of 16 bytes is needed");
  Uuid uuid;
  std::memcpy(uuid.bytes.data(), id.data(), 16);
  std::vector<std::string> agencies;
  if (!from.empty()) agencies.emplace_back(from);
  else
    for (const auto& [agency, entry] : node_.context_->directory->agencies()) agencies.push_back(agency);
  for (const auto& agency : agencies) {
    const Bytes low = key_of(RecordKey{agency, uuid, version});
    const Bytes high = version == 0 ? after_prefix(ByteView(low).first(low.size() - 4)) : key_of(RecordKey{agency, uuid, version + 1});
    LIAISON_TRY(const auto row, node_.engine_.ports().store.last(Table::record, {low, high}));
    if (row) return parse_record_key(row->first);
  }
  return fail(Errc::not_found, "no record " + to_string(uuid) + " here; list what there is with: liaison inbox, liaison outgoing");
}

void Requests::on_record(const Caller& caller, const api::AskRecord& ask) {
  auto key = find_record(bytes_of(ask.record()), ask.from() ? ask.from()->string_view() : std::string_view{}, ask.version());
  if (!key) return refuse(caller, key.error());
  const auto event = ask.exporting() ? audit::Event::exported : audit::Event::consulted;
  ++node_.tasks_;
  node_.engine_.run(false, [this, caller, key = *key, event, context = node_.context_]() -> Finish {
    auto view_bytes = std::make_shared<Result<Bytes>>(make_record_answer(*context, key));
    return [this, caller, key, event, view_bytes, context] {
      --node_.tasks_;
      if (!*view_bytes) return refuse(caller, view_bytes->error());
      WriteSet set;
      set.cls = WriteClass::hand_over;
      set.ops.push_back(append_audit(consulted(*context, caller.person, key, event)));
      node_.engine_.commit(std::move(set), [this, caller, view_bytes](Outcome outcome) {
        if (outcome == Outcome::committed) answer(caller, std::move(**view_bytes));
        else refuse(caller, Errc::disk_full, "the audit entry of this reading could not be written; nothing is shown; free disk space");
      });
    };
  });
}

void Requests::on_track(const Caller& caller, const api::AskTrack& ask) {
  auto key = find_record(bytes_of(ask.record()), ask.from() ? ask.from()->string_view() : std::string_view{}, ask.version());
  if (!key) return refuse(caller, key.error());
  flatbuffers::FlatBufferBuilder builder(4096);
  auto track = make_track(*node_.context_, builder, *key, TrackDetail::full);
  if (!track) return refuse(caller, track.error());
  answer(caller, finish_answer(builder, *track));
}

void Requests::on_outgoing(const Caller& caller, const api::AskOutgoing& ask) {
  const auto& context = *node_.context_;
  const ByteView after = bytes_of(ask.after());
  RecordKey from{context.agency, {}, 0};
  if (after.size() == 16) {
    std::memcpy(from.id.bytes.data(), after.data(), 16);
    from.version = ~std::uint32_t{0};
  }
  const Bytes low = key_of(from);
  const Bytes high = after_prefix(ByteView(low).first(context.agency.size() + 1));
  const std::uint32_t most = std::clamp<std::uint32_t>(ask.max(), 1, outgoing_rows_max);
  auto rows = node_.engine_.ports().store.scan(Table::record, {low, high}, most);
  if (!rows) return refuse(caller, rows.error());
  flatbuffers::FlatBufferBuilder builder(4096);
  std::vector<flatbuffers::Offset<api::Track>> tracks;
  for (const auto& row : *rows) {
    auto key = parse_record_key(row.first);
    if (!key) return refuse(caller, key.error());
    auto track = make_track(context, builder, *key, TrackDetail::summary);
    if (!track) return refuse(caller, track.error());
    tracks.push_back(*track);
  }
  answer(caller, finish_answer(builder, api::CreateOutgoing(builder, builder.CreateVector(tracks), rows->size() == most)));
}

}  // namespace liaison::exchange
