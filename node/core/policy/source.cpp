// Reader and checker of authored files. FlatBuffers' own JSON parser is not used: it takes "7" for a number and null for a string, and forgets lines.
#include "core/policy/source.h"

#include <flatbuffers/idl.h>

#include <algorithm>
#include <charconv>

#include "core/base/bytes.h"
#include "core/base/limits.h"
#include "schemas/embedded.h"

namespace liaison::policy {
namespace {

using Type = SourceNode::Type;

class Reader {
 public:
  explicit Reader(std::string_view json) : json_(json) {}

  Result<SourceNode> file() {
    skip();
    if (peek() != '{') return error("the file is not an object", "put everything between { and }");
    LIAISON_TRY(auto root, value(0));
    skip();
    if (at_ < json_.size()) return error("something stands after the closing brace", "remove it");
    return root;
  }

 private:
  char peek(std::size_t ahead = 0) const { return at_ + ahead < json_.size() ? json_[at_ + ahead] : '\0'; }
  Error error(std::string_view what, std::string_view cure) const { return source_error(line_, what, cure); }
  void step() {
    if (peek() == '\n') ++line_;
    ++at_;
  }
  bool comment() {
    if (peek() == '/' && peek(1) == '/') {
      while (at_ < json_.size() && peek() != '\n') ++at_;
      return true;
    }
    if (peek() != '/' || peek(1) != '*') return false;
    const auto end = json_.find("*/", at_ + 2);
    while (at_ < (end == std::string_view::npos ? json_.size() : end + 2)) step();
    return true;
  }
  void skip() {
    while (comment() || peek() == ' ' || peek() == '\n' || peek() == '\t' || peek() == '\r') {
      if (peek() == ' ' || peek() == '\n' || peek() == '\t' || peek() == '\r') step();
    }
  }

  Result<SourceNode> value(std::size_t depth) {
    if (depth > limits::policy_depth_max) return error("nested too deeply", "a policy needs four levels");
    if (peek() == '{' || peek() == '[') return collection(depth);
    SourceNode node;
    node.line = line_;
    if (peek() == '"') {
      node.type = Type::string;
      LIAISON_TRY(node.text, string());
      return node;
    }
    while ((peek() >= '0' && peek() <= '9') || (peek() >= 'a' && peek() <= 'z') || (peek() >= 'A' && peek() <= 'Z') || peek() == '-' || peek() == '+' || peek() == '.' || peek() == '_') {
      node.text += peek();
      ++at_;
    }
    const bool digits = !node.text.empty() && std::all_of(node.text.begin(), node.text.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (digits && (node.text.size() == 1 || node.text[0] != '0') && node.text.size() <= 18) node.type = Type::number;
    else if (node.text == "true" || node.text == "false") node.type = Type::boolean;
    else if (node.text == "null") return error("null is not a value", "leave the key out");
    else if (node.text.empty()) return error(at_ < json_.size() ? "a value is missing or begins with a strange character" : "the file ends too early", "write a string in double quotes, a number, true, false, [ or {");
    else return error("\"" + node.text + "\" stands without quotes and is no whole number", "put strings in double quotes");
    return node;
  }

  Result<SourceNode> collection(std::size_t depth) {
    SourceNode node;
    const bool object = peek() == '{';
    const char close = object ? '}' : ']';
    node.type = object ? Type::object : Type::array;
    node.line = line_;
    step();
    for (skip(); peek() != close; skip()) {
      if (object) LIAISON_CHECK(key(node));
      LIAISON_TRY(auto item, value(depth + 1));
      node.items.push_back(std::move(item));
      skip();
      if (peek() == close) break;
      if (peek() != ',') return error(at_ < json_.size() ? "a comma is missing" : "the file ends too early", std::string("separate entries by commas and close with ") + close);
      step();
      skip();
      if (peek() == close) return error("a comma before the closing bracket", "remove it");
    }
    step();
    return node;
  }

  Result<void> key(SourceNode& node) {
    if (peek() != '"') return error(at_ < json_.size() ? "a key is missing" : "the file ends too early", "write \"key\": value");
    const int line = line_;
    LIAISON_TRY(auto name, string());
    if (std::find(node.keys.begin(), node.keys.end(), name) != node.keys.end()) return source_error(line, "\"" + name + "\" stands twice in one object", "keep one");
    node.keys.push_back(std::move(name));
    skip();
    if (peek() != ':') return error("no colon after \"" + node.keys.back() + "\"", "write \"key\": value");
    step();
    skip();
    return {};
  }

  Result<std::string> string() {
    std::string out;
    const int line = line_;
    for (++at_; peek() != '"'; ++at_) {
      if (at_ >= json_.size() || peek() == '\n') return source_error(line, "a string does not end", "close it with a double quote on the same line");
      if (static_cast<unsigned char>(peek()) < 0x20 || peek() == 0x7F) return error("a control character in a string", "remove it");
      if (peek() != '\\') {
        out += peek();
        continue;
      }
      ++at_;
      if (peek() != '"' && peek() != '\\' && peek() != '/') return error("an escape other than \\\" \\\\ \\/", "write the character itself, in UTF-8");
      out += peek();
    }
    ++at_;
    return out;
  }

  std::string_view json_;
  std::size_t at_ = 0;
  int line_ = 1;
};

const flatbuffers::Parser& grammar() {
  static const auto parser = [] {
    auto made = std::make_unique<flatbuffers::Parser>();
    liaison_assert(made->Parse(std::string(schemas::embedded("policy.fbs")).c_str()));
    return made;
  }();
  return *parser;
}

std::string known_keys(const flatbuffers::StructDef& table) {
  std::string out;
  for (const auto* field : table.fields.vec) out += (out.empty() ? "" : ", ") + field->name;
  return out;
}

Result<void> check_table(const flatbuffers::StructDef& table, const SourceNode& node);

Result<void> check_value(std::string_view key, flatbuffers::BaseType type, const flatbuffers::StructDef* table, const SourceNode& node) {
  const auto wrong = [&](std::string_view needed) { return source_error(node.line, "\"" + std::string(key) + "\" has a value of another type", "write " + std::string(needed)); };
  if (type == flatbuffers::BASE_TYPE_STRING) return node.type == Type::string ? Result<void>() : wrong("text in double quotes");
  if (type == flatbuffers::BASE_TYPE_BOOL) return node.type == Type::boolean ? Result<void>() : wrong("true or false without quotes");
  if (type == flatbuffers::BASE_TYPE_STRUCT) return node.type == Type::object ? check_table(*table, node) : wrong("an object in braces");
  return node.type == Type::number ? Result<void>() : wrong("a whole number without quotes");
}

Result<void> check_table(const flatbuffers::StructDef& table, const SourceNode& node) {
  for (std::size_t i = 0; i < node.keys.size(); ++i) {
    const auto* field = table.fields.Lookup(node.keys[i]);
    const SourceNode& item = node.items[i];
    if (field == nullptr) return source_error(item.line, "unknown key \"" + node.keys[i] + "\"", "there are: " + known_keys(table));
    const auto& type = field->value.type;
    if (type.base_type != flatbuffers::BASE_TYPE_VECTOR) {
      LIAISON_CHECK(check_value(node.keys[i], type.base_type, type.struct_def, item));
      continue;
    }
    if (item.type != Type::array) return source_error(item.line, "\"" + node.keys[i] + "\" is not a list", "put it between [ and ]");
    for (const auto& element : item.items) LIAISON_CHECK(check_value(node.keys[i], type.element, type.struct_def, element));
  }
  return {};
}

}  // namespace

const SourceNode& SourceNode::operator[](std::string_view key) const {
  static const SourceNode none;
  const auto found = std::find(keys.begin(), keys.end(), key);
  return found == keys.end() ? none : items[static_cast<std::size_t>(found - keys.begin())];
}

std::uint64_t SourceNode::number() const {
  std::uint64_t out = 0;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

Error source_error(int line, std::string_view what, std::string_view cure) {
  return fail(Errc::invalid_settings, "line " + std::to_string(std::max(line, 1)) + ": " + std::string(what) + "; " + std::string(cure));
}

Result<SourceNode> parse_source(std::string_view json, std::string_view table) {
  if (json.size() > limits::policy_bytes_max) return source_error(1, "the file has " + std::to_string(json.size()) + " bytes", "at most " + std::to_string(limits::policy_bytes_max));
  if (json.starts_with("\xEF\xBB\xBF")) json.remove_prefix(3);
  LIAISON_TRY(auto root, Reader(json).file());
  const auto* definition = grammar().LookupStruct("liaison.policy.fb." + std::string(table));
  liaison_assert(definition != nullptr);
  LIAISON_CHECK(check_table(*definition, root));
  return root;
}

}  // namespace liaison::policy
