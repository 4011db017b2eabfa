// Tables, colours and JSON on standard output. Every text that may come from a message goes through form::visible first; colours only on a terminal.
#pragma once
#include <string>
#include <vector>

#include "admin-cli/context.h"
#include "core/form/value.h"
#include "core/form/view.h"

namespace liaison::cli {

enum class Tone : std::uint8_t { plain, good, warning, bad, faint };
// `text` in that colour when a terminal shows it, else unchanged.
std::string toned(const Context& context, Tone tone, const std::string& text);

struct Table {
  std::vector<std::string> head;
  std::vector<std::vector<std::string>> rows;
};
// Columns as wide as their widest cell; control and bidi characters made visible. An empty table prints `nothing`.
void print_table(const Context& context, const Table& table, const std::string& nothing);
// "name   value" lines; the names are padded to one width.
using Pairs = std::vector<std::pair<std::string, std::string>>;
void print_pairs(const Context& context, const Pairs& pairs);

// JSON for machines: form::write_json escapes what could fool a reader.
void print_json(const Context& context, const form::Value& value);
form::Value json_text(std::string chars);
form::Value json_number(std::uint64_t number);
form::Value json_truth(bool truth);
form::Value json_time(std::int64_t millis);  // 2026-03-04T05:06:07.089Z, or null
form::Value json_list(const std::vector<std::string>& items);
form::Value json_lines(const std::vector<form::ViewLine>& lines);  // a form as its reader sees it

}  // namespace liaison::cli
