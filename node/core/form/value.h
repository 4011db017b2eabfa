// A form file as a tree of values with their places in the file: what json_reader makes, what import checks, what export writes.
// Owns everything; members keep the order of the file.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace liaison::form {

// 1-based; 0 where there is no file.
struct Place {
  std::uint32_t line = 0;
  std::uint32_t column = 0;  // in characters, not bytes
};

struct Member;

struct Value {
  enum class Kind : std::uint8_t { null, boolean, number, string, array, object };
  Kind kind = Kind::null;
  bool truth = false;
  std::string text;             // string: its characters; number: its digits as written
  std::vector<Value> elements;  // array
  std::vector<Member> members;  // object
  Place place;

  static Value string(std::string characters);
  static Value number(std::string digits);
  static Value array();
  static Value object();
  bool is(Kind wanted) const { return kind == wanted; }
  const Value* find(std::string_view key) const;  // null: not an object, or no such key
  Value* find(std::string_view key);
  Value& add(std::string key, Value value);
};

struct Member {
  std::string key;
  Place place;  // of the key
  Value value;
};

// "string", "number", ...: stable names used in problems.
std::string_view name(Value::Kind kind);
// UTF-8 JSON, two spaces per level, line feed at the end. Characters that could fool a reader are written as \u escapes, so that every
// character survives and none is obeyed by a terminal.
std::string write_json(const Value& value);

}  // namespace liaison::form
