// See json_parser.h. The schema text is the one compiled into the program.
#include "core/directory/json_parser.h"

#include <flatbuffers/idl.h>

#include "core/base/limits.h"
#include "core/directory/json_check.h"
#include "schemas/embedded.h"

namespace liaison::directory {
namespace {

// "3: 14: error: unknown field: x" of the parser as "line 3: unknown field: x"
Error parser_error(std::string message) {
  const auto colon = message.find(':');
  const auto mark = message.find("error: ");
  if (colon == std::string::npos || mark == std::string::npos) return fail(Errc::bad_format, std::move(message));
  return fail(Errc::bad_format, "line " + message.substr(0, colon) + ": " + message.substr(mark + 7));
}

// Names that are numbers or booleans wherever they occur.
std::set<std::string, std::less<>> unquoted_fields(const flatbuffers::Parser& parser) {
  std::set<std::string, std::less<>> names, quoted;
  for (const auto* table : parser.structs_.vec)
    for (const auto* field : table->fields.vec) {
      const auto type = field->value.type.base_type == flatbuffers::BASE_TYPE_VECTOR ? field->value.type.element : field->value.type.base_type;
      (flatbuffers::IsScalar(type) ? names : quoted).insert(field->name);
    }
  for (const auto& name : quoted) names.erase(name);
  return names;
}

}  // namespace

Result<Bytes> parse_json(const std::string& json, const char* table) {
  flatbuffers::IDLOptions options;
  options.strict_json = true;
  flatbuffers::Parser parser(options);

  if (json.size() > limits::directory_bytes_max) return fail(Errc::limit_exceeded, "authored file of " + std::to_string(json.size()) + " bytes");
  if (json.find('\0') != std::string::npos) return fail(Errc::bad_format, "the file has a zero byte");
  liaison_assert(parser.Parse(std::string(schemas::embedded("directory.fbs")).c_str()));
  liaison_assert(parser.SetRootType(table));
  LIAISON_CHECK(check_json(json, unquoted_fields(parser)));
  if (!parser.Parse(json.c_str())) return parser_error(parser.error_);
  return Bytes(parser.builder_.GetBufferPointer(), parser.builder_.GetBufferPointer() + parser.builder_.GetSize());
}

}  // namespace liaison::directory
