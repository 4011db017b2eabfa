// See value.h: lookup in the tree and its text as JSON.
#include "core/form/value.h"

#include <unicode/utf16.h>
#include <unicode/utf8.h>

#include <array>
#include <cstdio>

#include "core/form/text.h"

namespace liaison::form {
namespace {

void write_escape(std::string& out, std::uint32_t unit) {
  std::array<char, 8> escape{};
  std::snprintf(escape.data(), escape.size(), "\\u%04x", unit & 0xFFFFU);
  out += escape.data();
}

void write_character(std::string& out, UChar32 character, std::string_view bytes) {
  if (character == '"' || character == '\\') {
    out += '\\';
    out += static_cast<char>(character);
  } else if (character == '\n') {
    out += "\\n";
  } else if (character == '\t') {
    out += "\\t";
  } else if (!is_deceptive(static_cast<char32_t>(character))) {
    out += bytes;
  } else if (character <= 0xFFFF) {
    write_escape(out, static_cast<std::uint32_t>(character));
  } else {
    write_escape(out, U16_LEAD(character));
    write_escape(out, U16_TRAIL(character));
  }
}

void write_string(std::string& out, std::string_view text) {
  out += '"';
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  const auto length = static_cast<std::int64_t>(text.size());
  for (std::int64_t i = 0; i < length;) {
    const std::int64_t start = i;
    UChar32 character = 0;
    U8_NEXT(bytes, i, length, character);
    if (character < 0) character = 0xFFFD;  // callers check validity; never write bytes that are not UTF-8
    const auto first = static_cast<std::size_t>(start);
    write_character(out, character, character == 0xFFFD ? std::string_view("\xEF\xBF\xBD") : text.substr(first, static_cast<std::size_t>(i) - first));
  }
  out += '"';
}

void write_value(std::string& out, const Value& value, std::size_t level) {
  const std::string indent(2 * (level + 1), ' ');
  const std::string outdent(2 * level, ' ');
  bool first = true;
  switch (value.kind) {
    case Value::Kind::null: out += "null"; return;
    case Value::Kind::boolean: out += value.truth ? "true" : "false"; return;
    case Value::Kind::number: out += value.text; return;
    case Value::Kind::string: write_string(out, value.text); return;
    case Value::Kind::array:
      out += '[';
      for (const Value& element : value.elements) {
        out += first ? "\n" + indent : ",\n" + indent;
        first = false;
        write_value(out, element, level + 1);
      }
      out += first ? "]" : "\n" + outdent + "]";
      return;
    case Value::Kind::object:
      out += '{';
      for (const Member& member : value.members) {
        out += first ? "\n" + indent : ",\n" + indent;
        first = false;
        write_string(out, member.key);
        out += ": ";
        write_value(out, member.value, level + 1);
      }
      out += first ? "}" : "\n" + outdent + "}";
      return;
  }
}

}  // namespace

Value Value::string(std::string characters) {
  Value value;
  value.kind = Kind::string;
  value.text = std::move(characters);
  return value;
}

Value Value::number(std::string digits) {
  Value value;
  value.kind = Kind::number;
  value.text = std::move(digits);
  return value;
}

Value Value::array() {
  Value value;
  value.kind = Kind::array;
  return value;
}

Value Value::object() {
  Value value;
  value.kind = Kind::object;
  return value;
}

const Value* Value::find(std::string_view key) const {
  for (const Member& member : members) {
    if (member.key == key) return &member.value;
  }
  return nullptr;
}

Value* Value::find(std::string_view key) {
  for (Member& member : members) {
    if (member.key == key) return &member.value;
  }
  return nullptr;
}

Value& Value::add(std::string key, Value value) {
  members.push_back(Member{std::move(key), {}, std::move(value)});
  return members.back().value;
}

std::string_view name(Value::Kind kind) {
  switch (kind) {
    case Value::Kind::null: return "null";
    case Value::Kind::boolean: return "boolean";
    case Value::Kind::number: return "number";
    case Value::Kind::string: return "string";
    case Value::Kind::array: return "array";
    case Value::Kind::object: return "object";
  }
  return "null";
}

std::string write_json(const Value& value) {
  std::string out;
  write_value(out, value, 0);
  out += '\n';
  return out;
}

}  // namespace liaison::form
