// See lists.h. Pages through both lists; a person without the right to one of them is served from the other.
#include "admin-cli/lists.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <set>

#include "admin-cli/print.h"

namespace liaison::cli {
namespace {
using Flat = flatbuffers::FlatBufferBuilder;
constexpr std::uint32_t page_rows = 500;
constexpr std::size_t prefix_digits_min = 8;

struct Listing {
  std::uint64_t after = 0, most = 50;
  bool oldest_first = false;
  std::string state;
};

Result<Answered<api::Inbox>> ask_inbox(NodeClient& client, std::uint64_t after, std::uint32_t most, bool newest_first) {
  Flat builder;
  return client.ask<api::Inbox>(builder, api::CreateAskInbox(builder, after, most, newest_first));
}

Result<Answered<api::Outgoing>> ask_outgoing(NodeClient& client, ByteView after, std::uint32_t most) {
  Flat builder;
  const auto from = builder.CreateVector(after.data(), after.size());
  return client.ask<api::Outgoing>(builder, api::CreateAskOutgoing(builder, from, most));
}

std::string urgency_name(std::uint8_t urgency) { return urgency == 1 ? "urgent" : "routine"; }

form::Value json_row(const api::InboxRow& row) {
  form::Value one = form::Value::object();
  one.add("seq", json_number(row.seq()));
  one.add("received", json_time(row.received_ms()));
  one.add("from", json_text(string_of(row.from())));
  one.add("record", json_text(id_of(row.record())));
  one.add("version", json_number(row.version()));
  one.add("kind", json_text(string_of(row.kind())));
  one.add("urgency", json_text(urgency_name(row.urgency())));
  one.add("purpose", json_text(string_of(row.purpose())));
  one.add("level", json_text(string_of(row.level())));
  one.add("relayed_by", json_text(string_of(row.relayed_by())));
  one.add("partial", json_truth(row.partial()));
  return one;
}

Result<void> inbox(const Listing& listing, Context& context) {
  LIAISON_TRY(auto client, NodeClient::open(context));
  const bool newest_first = !listing.oldest_first && listing.after == 0;
  LIAISON_TRY(const auto answer, ask_inbox(client, listing.after, static_cast<std::uint32_t>(std::min<std::uint64_t>(listing.most, page_rows)), newest_first));
  Table table{{"NO.", "RECEIVED", "FROM", "VIA", "SHOWN", "URGENCY", "PURPOSE", "LEVEL", "ID"}, {}};
  form::Value rows = form::Value::array();
  if (answer->rows() != nullptr)
    for (const auto* row : *answer->rows()) {
      table.rows.push_back({std::to_string(row->seq()), utc_of_millis(row->received_ms()), string_of(row->from()), string_of(row->relayed_by()).empty() ? "-" : string_of(row->relayed_by()),
                            row->partial() ? word(context, "partial") : "-", urgency_name(row->urgency()),
                            string_of(row->purpose()), string_of(row->level()), id_of(row->record())});
      rows.elements.push_back(json_row(*row));
    }
  if (!context.json) {
    print_table(context, table, word(context, "inbox_empty"));
    return {};
  }
  form::Value root = form::Value::object();
  root.add("last", json_number(answer->last()));
  root.add("rows", std::move(rows));
  print_json(context, root);
  return {};
}

void add_track(const api::Track& track, const Listing& listing, Table& table, form::Value& rows) {
  if (track.steps() == nullptr) return;
  for (const auto* step : *track.steps()) {
    const std::string state = string_of(step->state());
    if (!listing.state.empty() && state != listing.state) continue;
    table.rows.push_back({utc_of_millis(track.accepted_ms()), string_of(step->agency()), state, utc_of_millis(step->since_ms()), id_of(track.record())});
    form::Value one = form::Value::object();
    one.add("record", json_text(id_of(track.record())));
    one.add("version", json_number(track.version()));
    one.add("accepted", json_time(track.accepted_ms()));
    one.add("to", json_text(string_of(step->agency())));
    one.add("state", json_text(state));
    one.add("since", json_time(step->since_ms()));
    one.add("reason", json_text(string_of(step->reason())));
    rows.elements.push_back(std::move(one));
  }
}

Result<void> outgoing(const Listing& listing, Context& context) {
  LIAISON_TRY(auto client, NodeClient::open(context));
  Table table{{"ACCEPTED", "TO", "STATE", "SINCE", "ID"}, {}};
  form::Value rows = form::Value::array();
  Bytes after;
  for (bool more = true; more && table.rows.size() < listing.most;) {
    LIAISON_TRY(const auto answer, ask_outgoing(client, after, page_rows));
    more = answer->more() && answer->rows() != nullptr && answer->rows()->size() > 0;
    if (answer->rows() == nullptr) break;
    for (const auto* track : *answer->rows()) {
      if (table.rows.size() < listing.most) add_track(*track, listing, table, rows);
      after = to_bytes(bytes_of(track->record()));
    }
  }
  if (context.json) print_json(context, rows);
  else print_table(context, table, word(context, "outgoing_empty"));
  return {};
}

bool begins_so(const std::string& id, const std::string& digits) {
  std::string plain;
  std::copy_if(id.begin(), id.end(), std::back_inserter(plain), [](char c) { return c != '-'; });
  return plain.starts_with(digits);
}

using Found = std::set<std::pair<std::string, std::string>>;  // from, id

Result<void> look_in_inbox(NodeClient& client, const std::string& digits, Found& found) {
  std::uint64_t after = 0;
  for (bool more = true; more;) {
    LIAISON_TRY(const auto answer, ask_inbox(client, after, page_rows, false));
    more = answer->rows() != nullptr && answer->rows()->size() == page_rows;
    if (answer->rows() == nullptr) break;
    for (const auto* row : *answer->rows()) {
      if (begins_so(id_of(row->record()), digits)) found.emplace(string_of(row->from()), id_of(row->record()));
      after = row->seq();
    }
  }
  return {};
}

Result<void> look_in_outgoing(NodeClient& client, const std::string& digits, Found& found) {
  Bytes after;
  for (bool more = true; more;) {
    LIAISON_TRY(const auto answer, ask_outgoing(client, after, page_rows));
    more = answer->more();
    if (answer->rows() == nullptr) break;
    for (const auto* track : *answer->rows()) {
      if (begins_so(id_of(track->record()), digits)) found.emplace(string_of(track->from()), id_of(track->record()));
      after = to_bytes(bytes_of(track->record()));
    }
  }
  return {};
}

Result<RecordName> inbox_line(NodeClient& client, std::uint64_t number) {
  LIAISON_TRY(const auto answer, ask_inbox(client, number - 1, 1, false));
  if (answer->rows() == nullptr || answer->rows()->size() == 0 || answer->rows()->Get(0)->seq() != number)
    return fail(Errc::not_found, "the inbox has no line " + std::to_string(number) + "; see: liaison inbox");
  return RecordName{string_of(answer->rows()->Get(0)->from()), *parse_uuid(id_of(answer->rows()->Get(0)->record()))};
}
}  // namespace

Result<RecordName> find_record(NodeClient& client, const std::string& chars) {
  if (const auto id = parse_uuid(chars)) return RecordName{{}, *id};
  if (!chars.empty() && chars.size() < prefix_digits_min && chars.find_first_not_of("0123456789") == std::string::npos && std::stoul(chars) > 0)
    return inbox_line(client, std::stoul(chars));
  std::string digits;
  for (const char c : chars)
    if (c != '-') digits += (c >= 'A' && c <= 'F') ? static_cast<char>(c - 'A' + 'a') : c;
  if (digits.size() < prefix_digits_min || digits.find_first_not_of("0123456789abcdef") != std::string::npos)
    return fail(Errc::invalid_argument, "a record is named by its id, at least 8 digits of its beginning, or the number of its inbox line");
  Found found;
  const auto in = look_in_inbox(client, digits, found);
  const auto out = look_in_outgoing(client, digits, found);
  if (!in && !out) return fail(in.error().code, in.error().detail + "; give the whole id");
  if (found.empty()) return fail(Errc::not_found, "no record here begins with " + digits + "; see: liaison inbox, liaison outgoing");
  if (found.size() > 1) {
    std::string all = std::to_string(found.size()) + " records begin with " + digits + "; give more digits:";
    std::size_t named = 0;
    for (const auto& [from, id] : found)
      if (named++ < 10) all += "\n  " + id + "  " + from;
    return fail(Errc::invalid_argument, all);
  }
  return RecordName{found.begin()->first, *parse_uuid(found.begin()->second)};
}

Action bind_inbox(Options& options) {
  auto listing = std::make_shared<Listing>();
  options.number("--max", listing->most, "at most so many lines, up to 500");
  options.number("--after", listing->after, "only lines after this number, oldest first");
  options.flag("--oldest-first", listing->oldest_first, "from the beginning");
  return [listing](Context& context) { return finish(context, inbox(*listing, context)); };
}

Action bind_outgoing(Options& options) {
  auto listing = std::make_shared<Listing>();
  options.number("--max", listing->most, "at most so many lines");
  options.text("--state", listing->state, "only these: waiting, dispatched, delivered, refused, expired or recalled");
  return [listing](Context& context) { return finish(context, outgoing(*listing, context)); };
}

}  // namespace liaison::cli
