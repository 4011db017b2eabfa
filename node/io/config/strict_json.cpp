// Recursive descent over JSON (RFC 8259) with // and /* */ comments; depth is that of the schema, so it is bounded.
// Knows tables, strings, whole numbers, booleans, and vectors of strings and tables: what settings are made of.
#include "io/config/strict_json.h"

#include <charconv>

namespace liaison::config {
namespace {
using flatbuffers::BaseType;
using flatbuffers::StructDef;
using flatbuffers::Type;

class Walker {
 public:
  Walker(std::string_view chars, std::string_view file) : chars_(chars), file_(file) {}

  Result<FieldLines> run(const StructDef& root) {
    LIAISON_CHECK(skip());
    LIAISON_CHECK(table(root, ""));
    LIAISON_CHECK(skip());
    if (at_ != chars_.size()) return wrong("text after the closing brace", "remove it");
    return std::move(lines_);
  }

 private:
  Error wrong(std::string_view what, std::string_view cure) const {
    return fail(Errc::invalid_settings, std::string(file_) + ":" + std::to_string(line_) + ": " + std::string(what) + "; " + std::string(cure));
  }
  char peek() const { return at_ < chars_.size() ? chars_[at_] : '\0'; }
  char take() {
    const char c = peek();
    if (c == '\n') ++line_;
    ++at_;
    return c;
  }

  // White space and comments.
  Result<void> skip() {
    for (;;) {
      const auto rest = chars_.substr(at_);
      if (!rest.empty() && std::string_view(" \t\r\n").find(rest[0]) != std::string_view::npos) {
        take();
      } else if (rest.starts_with("//")) {
        while (at_ < chars_.size() && peek() != '\n') take();
      } else if (rest.starts_with("/*")) {
        const auto end = rest.find("*/", 2);
        if (end == std::string_view::npos) return wrong("comment without end", "close it with */");
        for (std::size_t i = 0; i < end + 2; ++i) take();
      } else {
        return {};
      }
    }
  }

  Result<void> expect(char c, std::string_view where) {
    LIAISON_CHECK(skip());
    if (peek() != c || at_ >= chars_.size()) return wrong("expected '" + std::string(1, c) + "' " + std::string(where), "check commas, quotes and braces before this place");
    take();
    return {};
  }

  // A quoted string; the raw characters between the quotes.
  Result<std::string> string(std::string_view where) {
    LIAISON_CHECK(expect('"', where));
    std::string out;
    while (at_ < chars_.size() && peek() != '"') {
      if (static_cast<unsigned char>(peek()) < 0x20) return wrong("line end or control character inside a string", "close the quotes on the same line");
      if (peek() == '\\') out.push_back(take());
      if (at_ < chars_.size()) out.push_back(take());
    }
    LIAISON_CHECK(expect('"', "at the end of a string"));
    return out;
  }

  Result<void> table(const StructDef& def, const std::string& path) {
    LIAISON_CHECK(expect('{', path.empty() ? "at the beginning" : "for " + path));
    LIAISON_CHECK(skip());
    if (peek() == '}') {
      take();
      return {};
    }
    for (;;) {
      LIAISON_CHECK(skip());
      const std::size_t line = line_;
      LIAISON_TRY(const auto name, string("before a field name"));
      const auto* field = def.fields.Lookup(name);
      const std::string inner = path.empty() ? name : path + "." + name;
      if (field == nullptr) return wrong("unknown field '" + inner + "'", "known are: " + known(def));
      if (!lines_.emplace(inner, line).second) return wrong("field '" + inner + "' is there twice", "keep one");
      LIAISON_CHECK(expect(':', "after the field name"));
      LIAISON_CHECK(value(field->value.type, inner));
      LIAISON_CHECK(skip());
      if (peek() != ',') break;
      take();
    }
    return expect('}', "or ',' after a field");
  }

  Result<void> value(const Type& type, const std::string& path) {
    LIAISON_CHECK(skip());
    if (chars_.substr(at_).starts_with("null")) return wrong("field '" + path + "' is null", "leave the field out, or give it a value");
    switch (type.base_type) {
      case BaseType::BASE_TYPE_STRING: return string_value(path);
      case BaseType::BASE_TYPE_BOOL: return bool_value(path);
      case BaseType::BASE_TYPE_STRUCT:
        if (peek() != '{') return wrong("field '" + path + "' must be a group of fields", "write {...}");
        return table(*type.struct_def, path);
      case BaseType::BASE_TYPE_VECTOR: return vector(type, path);
      default: return number(type.base_type, path);
    }
  }

  Result<void> string_value(const std::string& path) {
    if (peek() != '"') return wrong("field '" + path + "' must be text", "write it in double quotes");
    LIAISON_TRY(const auto chars, string("for a value"));
    if (chars.empty()) return wrong("field '" + path + "' is empty", "leave the field out, or give it a value");
    return {};
  }

  Result<void> bool_value(const std::string& path) {
    for (const std::string_view word : {"true", "false"}) {
      if (!chars_.substr(at_).starts_with(word)) continue;
      at_ += word.size();
      return end_of_word(path);
    }
    return wrong("field '" + path + "' must be true or false", "write true or false without quotes");
  }

  Result<void> number(BaseType type, const std::string& path) {
    const std::size_t begin = at_;
    while (peek() >= '0' && peek() <= '9') take();
    const auto digits = chars_.substr(begin, at_ - begin);
    if (digits.empty() || (digits.size() > 1 && digits[0] == '0')) return wrong("field '" + path + "' must be a whole number", "write digits only, without quotes");
    std::uint64_t value = 0;
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    const unsigned bits = 8 * static_cast<unsigned>(flatbuffers::SizeOf(type));
    if (parsed.ec != std::errc{} || (bits < 64 && value >> bits != 0)) return wrong("field '" + path + "' is too large", "write a smaller number");
    return end_of_word(path);
  }

  Result<void> end_of_word(const std::string& path) {
    if (at_ < chars_.size() && std::string_view(" \t\r\n,]}/").find(peek()) == std::string_view::npos) return wrong("field '" + path + "' has a value of the wrong kind", "see the description in settings.fbs");
    return {};
  }

  Result<void> vector(const Type& type, const std::string& path) {
    if (peek() != '[') return wrong("field '" + path + "' must be a list", "write [...]");
    take();
    LIAISON_CHECK(skip());
    if (peek() == ']') {
      take();
      return {};
    }
    for (std::size_t i = 0;; ++i) {
      LIAISON_CHECK(value(type.VectorType(), path + "[" + std::to_string(i) + "]"));
      LIAISON_CHECK(skip());
      if (peek() != ',') break;
      take();
    }
    return expect(']', "or ',' in a list");
  }

  static std::string known(const StructDef& def) {
    std::string names;
    for (const auto* field : def.fields.vec) names += (names.empty() ? "" : ", ") + field->name;
    return names;
  }

  std::string_view chars_, file_;
  std::size_t at_ = 0, line_ = 1;
  FieldLines lines_;
};
}  // namespace

Result<FieldLines> check_json(std::string_view chars, const StructDef& root, std::string_view file) { return Walker(chars, file).run(root); }

}  // namespace liaison::config
