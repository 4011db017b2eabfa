// Edits of authored JSON that touch only the bytes they are about: comments, order and spacing of everything else stay as a person wrote them. Pure.
// For files that the parser of this folder accepts (json_parser.h); what comes out must go through it again. Errors: not_found (no such place), bad_format (not JSON).
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace liaison::directory {

// One value and where it stands. Strings keep their escapes: ids and codes have none.
struct JsonNode {
  char kind = 0;                       // '{' '[' '"', or '0' for numbers, true and false
  std::size_t outer = 0;               // where it begins: a member with its key
  std::size_t begin = 0, end = 0;      // the value itself
  std::string_view key, text;          // of a member; of a string
  std::vector<JsonNode> children;
  const JsonNode* member(std::string_view name) const;
};
Result<JsonNode> read_json_tree(std::string_view json);

// Steps from the outermost object: a member's name; in a list "id=ke.customs" (the object with that member), "=text" (that string) or "#2" (by position, from 0).
using JsonPath = std::vector<std::string>;
const JsonNode* find_node(const JsonNode& root, const JsonPath& path);

// Replaces the member of an object, or adds it at the end.
Result<std::string> set_member(std::string_view json, const JsonPath& object, std::string_view key, std::string_view value);
// Does nothing when there is no such member.
Result<std::string> remove_member(std::string_view json, const JsonPath& object, std::string_view key);
// At the end of a list, on a line of its own where the last item has one, after that one's comment.
Result<std::string> append_item(std::string_view json, const JsonPath& list, std::string_view value);
Result<std::string> remove_item(std::string_view json, const JsonPath& item);

std::string json_quoted(std::string_view chars);
std::string json_list(const std::vector<std::string>& items);  // of strings

}  // namespace liaison::directory
