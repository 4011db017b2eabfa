// See json_edit.h. A recursive reader that remembers places; the depth is bounded, and nothing is copied but what changes.
#include "core/directory/json_edit.h"

#include <algorithm>
#include <cstdio>
#include <optional>

namespace liaison::directory {
namespace {
constexpr std::size_t depth_max = 16;

class TreeReader {
 public:
  explicit TreeReader(std::string_view json) : json_(json) {}
  Result<JsonNode> run() {
    LIAISON_TRY(auto root, value(0));
    if (root.kind != '{') return wrong();
    return root;
  }

 private:
  Error wrong() const {
    const auto line = 1 + std::count(json_.begin(), json_.begin() + static_cast<std::ptrdiff_t>(std::min(at_, json_.size())), '\n');
    return fail(Errc::bad_format, "line " + std::to_string(line) + ": not JSON");
  }
  char peek() const { return at_ < json_.size() ? json_[at_] : '\0'; }
  void skip();
  Result<std::string_view> string();
  Result<JsonNode> value(std::size_t depth);
  Result<void> children(JsonNode& node, std::size_t depth);

  std::string_view json_;
  std::size_t at_ = 0;
};

void TreeReader::skip() {
  while (at_ < json_.size()) {
    if (json_[at_] == ' ' || json_[at_] == '\n' || json_[at_] == '\t' || json_[at_] == '\r') {
      ++at_;
    } else if (json_.substr(at_, 2) == "//") {
      at_ = std::min(json_.find('\n', at_), json_.size());
    } else if (json_.substr(at_, 2) == "/*") {
      const auto end = json_.find("*/", at_ + 2);
      at_ = end == std::string_view::npos ? json_.size() : end + 2;
    } else {
      return;
    }
  }
}

Result<std::string_view> TreeReader::string() {
  const std::size_t begin = ++at_;
  while (at_ < json_.size() && json_[at_] != '"') at_ += json_[at_] == '\\' ? 2 : 1;
  if (at_ >= json_.size()) return wrong();
  return json_.substr(begin, at_++ - begin);
}

Result<JsonNode> TreeReader::value(std::size_t depth) {
  skip();
  JsonNode node;
  node.outer = node.begin = at_;
  const char c = peek();
  if (c == '"') {
    node.kind = c;
    LIAISON_TRY(node.text, string());
  } else if (c == '{' || c == '[') {
    node.kind = c;
    if (depth == depth_max) return wrong();
    LIAISON_CHECK(children(node, depth));
  } else {
    node.kind = '0';
    while (at_ < json_.size() && std::string_view(" \n\t\r,]}/").find(json_[at_]) == std::string_view::npos) ++at_;
    if (at_ == node.begin) return wrong();
  }
  node.end = at_;
  return node;
}

Result<void> TreeReader::children(JsonNode& node, std::size_t depth) {
  const char close = node.kind == '{' ? '}' : ']';
  ++at_;
  for (skip(); peek() != close; skip()) {
    const std::size_t outer = at_;
    std::string_view key;
    if (node.kind == '{') {
      if (peek() != '"') return wrong();
      LIAISON_TRY(key, string());
      skip();
      if (peek() != ':') return wrong();
      ++at_;
    }
    LIAISON_TRY(auto child, value(depth + 1));
    child.outer = outer;
    child.key = key;
    node.children.push_back(std::move(child));
    skip();
    if (peek() == ',') ++at_;
    else if (peek() != close) return wrong();
  }
  ++at_;
  return {};
}

const JsonNode* step(const JsonNode& from, const std::string& name) {
  if (from.kind == '{') return from.member(name);
  if (from.kind != '[') return nullptr;
  if (name.starts_with('#')) {
    const std::size_t index = name.size() > 1 && name.size() < 8 && std::all_of(name.begin() + 1, name.end(), [](char c) { return c >= '0' && c <= '9'; }) ? std::stoul(name.substr(1)) : from.children.size();
    return index < from.children.size() ? &from.children[index] : nullptr;
  }
  const auto equals = name.find('=');
  if (equals == std::string::npos) return nullptr;
  const auto key = std::string_view(name).substr(0, equals), text = std::string_view(name).substr(equals + 1);
  const auto found = std::find_if(from.children.begin(), from.children.end(), [&](const JsonNode& item) {
    const JsonNode* value = key.empty() ? &item : item.member(key);
    return value != nullptr && value->kind == '"' && value->text == text;
  });
  return found == from.children.end() ? nullptr : &*found;
}

Error missing(const JsonPath& path) {
  std::string place;
  for (const auto& name : path) place += (place.empty() ? "" : " > ") + name;
  return fail(Errc::not_found, "the authored file has no " + place);
}

// The end of the comment that follows a value on its line; `end` itself when there is none.
std::size_t after_comment(std::string_view json, std::size_t end) {
  auto at = json.find_first_not_of(" \t", end);
  if (at == std::string_view::npos) return end;
  if (json.substr(at, 2) == "//") return std::min(json.find('\n', at), json.size());
  if (json.substr(at, 2) != "/*") return end;
  const auto close = json.find("*/", at + 2);
  return close == std::string_view::npos || json.substr(at, close - at).find('\n') != std::string_view::npos ? end : close + 2;
}

// Blanks before the value when it is the first of its line; nothing otherwise.
std::optional<std::string> indentation(std::string_view json, std::size_t begin) {
  const auto newline = begin == 0 ? std::string_view::npos : json.rfind('\n', begin - 1);
  if (newline == std::string_view::npos) return std::nullopt;
  const auto blanks = json.substr(newline + 1, begin - newline - 1);
  if (blanks.find_first_not_of(" \t") != std::string_view::npos) return std::nullopt;
  return std::string(blanks);
}

std::string append_child(std::string_view json, const JsonNode& parent, std::string_view value) {
  std::string out(json);
  if (parent.children.empty()) {
    const bool spread = json.substr(parent.begin, parent.end - parent.begin).find('\n') != std::string_view::npos;
    out.insert(parent.end - 1, (spread ? "  " : "") + std::string(value) + (spread ? "\n" + indentation(json, parent.end - 1).value_or("  ") : ""));
    return out;
  }
  const JsonNode& last = parent.children.back();
  const auto indent = indentation(json, last.outer);
  const std::size_t at = indent ? after_comment(json, last.end) : last.end;
  out.insert(at, (indent ? "\n" + *indent : std::string(" ")) + std::string(value));
  out.insert(last.end, ",");
  return out;
}

std::size_t next_comma(std::string_view json, std::size_t at) {
  while (at < json.size() && json[at] != ',') {
    const bool line = json.substr(at, 2) == "//", block = json.substr(at, 2) == "/*";
    if (line || block) at = std::min(json.find(line ? "\n" : "*/", at + 2), json.size() - 1);
    ++at;
  }
  return at;
}

// Without the child and one comma; a line that holds nothing else but a comment about it goes with it.
std::string remove_child(std::string_view json, const JsonNode& parent, const JsonNode& child) {
  std::string out(json);
  const auto index = static_cast<std::size_t>(&child - parent.children.data());
  const bool is_last = index + 1 == parent.children.size();
  if (is_last && index > 0) {  // nothing but a comma and blanks before it: what append_child put there goes as it came
    const std::size_t before = parent.children[index - 1].end;
    const auto between = json.substr(before, child.outer - before);
    const bool alone = json.substr(child.end, 1).find_first_of("]}") != std::string_view::npos;
    if (alone && between.find_first_not_of(", \t\r\n") == std::string_view::npos) return out.erase(before, child.end - before);
  }
  const auto blanks = indentation(json, child.outer);
  std::size_t begin = child.outer, end = is_last ? child.end : next_comma(json, child.end) + 1;
  if (blanks) end = after_comment(json, end);
  const auto rest = json.find_first_not_of(" \t", end);
  if (!is_last && rest != std::string_view::npos && json[rest] != '\n') end = rest;
  if (blanks && rest != std::string_view::npos && json[rest] == '\n') begin -= blanks->size(), end = rest + 1;
  out.erase(begin, end - begin);
  if (is_last && index > 0) {
    const std::size_t comma = next_comma(json, parent.children[index - 1].end);
    out.erase(comma, 1);
    while (!blanks && comma < out.size() && out[comma] == ' ') out.erase(comma, 1);
  }
  return out;
}

}  // namespace

const JsonNode* JsonNode::member(std::string_view name) const {
  const auto found = std::find_if(children.begin(), children.end(), [&](const JsonNode& child) { return kind == '{' && child.key == name; });
  return found == children.end() ? nullptr : &*found;
}

Result<JsonNode> read_json_tree(std::string_view json) { return TreeReader(json).run(); }

const JsonNode* find_node(const JsonNode& root, const JsonPath& path) {
  const JsonNode* at = &root;
  for (const auto& name : path)
    if (at != nullptr) at = step(*at, name);
  return at;
}

Result<std::string> set_member(std::string_view json, const JsonPath& object, std::string_view key, std::string_view value) {
  LIAISON_TRY(const auto root, read_json_tree(json));
  const auto* found = find_node(root, object);
  if (found == nullptr || found->kind != '{') return missing(object);
  const auto* member = found->member(key);
  if (member == nullptr) return append_child(json, *found, json_quoted(key) + ": " + std::string(value));
  return std::string(json.substr(0, member->begin)) + std::string(value) + std::string(json.substr(member->end));
}

Result<std::string> remove_member(std::string_view json, const JsonPath& object, std::string_view key) {
  LIAISON_TRY(const auto root, read_json_tree(json));
  const auto* found = find_node(root, object);
  if (found == nullptr || found->kind != '{') return missing(object);
  const auto* member = found->member(key);
  return member == nullptr ? std::string(json) : remove_child(json, *found, *member);
}

Result<std::string> append_item(std::string_view json, const JsonPath& list, std::string_view value) {
  LIAISON_TRY(const auto root, read_json_tree(json));
  const auto* found = find_node(root, list);
  if (found == nullptr || found->kind != '[') return missing(list);
  return append_child(json, *found, value);
}

Result<std::string> remove_item(std::string_view json, const JsonPath& item) {
  LIAISON_TRY(const auto root, read_json_tree(json));
  const auto* found = find_node(root, item);
  const auto* list = find_node(root, JsonPath(item.begin(), item.end() - 1));
  if (found == nullptr || list == nullptr || list->kind != '[') return missing(item);
  return remove_child(json, *list, *found);
}

std::string json_quoted(std::string_view chars) {
  std::string out = "\"";
  for (const char c : chars) {
    if (c == '"' || c == '\\') out.push_back('\\');
    if (static_cast<unsigned char>(c) >= ' ') {
      out.push_back(c);
      continue;
    }
    char escape[8];
    std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(c));
    out += escape;
  }
  return out + "\"";
}

std::string json_list(const std::vector<std::string>& items) {
  std::string out = "[";
  for (const auto& item : items) out += (out.size() > 1 ? ", " : "") + json_quoted(item);
  return out + "]";
}

}  // namespace liaison::directory
