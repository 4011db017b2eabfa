// See print.h. Widths count code points: cells hold codes, ids and times; the texts of a message are never put into a table.
#include "admin-cli/print.h"

#include <algorithm>
#include <ostream>

#include "core/form/text.h"

namespace liaison::cli {
namespace {
std::size_t width(std::string_view chars) {
  return static_cast<std::size_t>(std::count_if(chars.begin(), chars.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}
std::string padded(const std::string& chars, std::size_t to) { return chars + std::string(to - std::min(to, width(chars)), ' '); }

Tone tone_of(const std::string& cell) {
  if (cell == "delivered" || cell == "ok" || cell == "yes" || cell == "connected") return Tone::good;
  if (cell == "refused" || cell == "stopped" || cell == "BROKEN" || cell == "NO") return Tone::bad;
  if (cell == "urgent" || cell == "away" || cell == "expired" || cell == "recalled") return Tone::warning;
  return Tone::plain;
}
}  // namespace

std::string toned(const Context& context, Tone tone, const std::string& text) {
  if (!context.streams.out_is_terminal || tone == Tone::plain) return text;
  const char* start = tone == Tone::good ? "\x1b[32m" : tone == Tone::warning ? "\x1b[33m" : tone == Tone::bad ? "\x1b[31m" : "\x1b[2m";
  return start + text + "\x1b[0m";
}

void print_table(const Context& context, const Table& table, const std::string& nothing) {
  if (table.rows.empty()) {
    context.out() << nothing << "\n";
    return;
  }
  std::vector<std::vector<std::string>> rows = table.rows;
  std::vector<std::size_t> widths;
  for (const auto& head : table.head) widths.push_back(width(head));
  for (auto& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i) {
      row[i] = form::visible(row[i]);
      widths[i] = std::max(widths[i], width(row[i]));
    }
  std::string line;
  for (std::size_t i = 0; i < table.head.size(); ++i) line += i + 1 < table.head.size() ? padded(table.head[i], widths[i] + 2) : table.head[i];
  context.out() << toned(context, Tone::faint, line) << "\n";
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i)
      context.out() << toned(context, tone_of(row[i]), i + 1 < row.size() ? padded(row[i], widths[i] + 2) : row[i]);
    context.out() << "\n";
  }
}

void print_pairs(const Context& context, const Pairs& pairs) {
  std::size_t widest = 0;
  for (const auto& [name, value] : pairs) widest = std::max(widest, width(name));
  for (const auto& [name, value] : pairs) context.out() << toned(context, Tone::faint, padded(name, widest + 2)) << form::visible(value) << "\n";
}

void print_json(const Context& context, const form::Value& value) { context.out() << form::write_json(value); }
form::Value json_text(std::string chars) { return form::Value::string(std::move(chars)); }
form::Value json_number(std::uint64_t number) { return form::Value::number(std::to_string(number)); }

form::Value json_truth(bool truth) {
  form::Value value;
  value.kind = form::Value::Kind::boolean;
  value.truth = truth;
  return value;
}

form::Value json_time(std::int64_t millis) {
  if (millis <= 0) return {};
  return json_text(to_string(time_from_millis(millis)));
}

form::Value json_list(const std::vector<std::string>& items) {
  form::Value list = form::Value::array();
  for (const auto& item : items) list.elements.push_back(json_text(item));
  return list;
}

form::Value json_lines(const std::vector<form::ViewLine>& lines) {
  form::Value out = form::Value::array();
  for (const auto& line : lines) {
    form::Value one = form::Value::object();
    one.add("item", json_text(line.item));
    one.add("number", json_number(line.number));
    one.add("key", json_text(line.key));
    one.add("label", json_text(line.label));
    one.add("state", json_text(std::string(form::name(line.state))));
    one.add("text", json_text(line.text));
    one.add("by", json_text(line.by));
    one.add("basis", json_text(line.basis));
    out.elements.push_back(std::move(one));
  }
  return out;
}

}  // namespace liaison::cli
