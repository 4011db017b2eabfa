// Scanner over authored JSON with comments; knows strings, comments, names and punctuation, leaves everything else to the parser. Pure.
#include "core/directory/json_check.h"

#include <cctype>

namespace liaison::directory {
namespace {

class Scanner {
 public:
  Scanner(std::string_view json, const std::set<std::string, std::less<>>& unquoted_fields) : json_(json), unquoted_fields_(unquoted_fields) {}
  Result<void> run();

 private:
  Error at_line(std::string_view what) const { return fail(Errc::bad_format, "line " + std::to_string(line_) + ": " + std::string(what)); }
  char peek(std::size_t ahead = 0) const { return at_ + ahead < json_.size() ? json_[at_ + ahead] : '\0'; }
  void step() {
    if (peek() == '\n') ++line_;
    ++at_;
  }
  bool skip_blank_or_comment();
  std::string_view take_string();
  std::string_view take_word();
  Result<void> on_string(std::string_view chars);

  std::string_view json_;
  const std::set<std::string, std::less<>>& unquoted_fields_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
  std::string field_;        // whose value is being read
  bool is_value_ = false;    // after a colon, or inside the array that is a field's value
};

bool Scanner::skip_blank_or_comment() {
  if (std::isspace(static_cast<unsigned char>(peek())) != 0) {
    step();
    return true;
  }
  if (peek() == '/' && peek(1) == '/') {
    while (at_ < json_.size() && peek() != '\n') step();
    return true;
  }
  if (peek() == '/' && peek(1) == '*') {
    const auto end = json_.find("*/", at_ + 2);
    const auto stop = end == std::string_view::npos ? json_.size() : end + 2;
    while (at_ < stop) step();
    return true;
  }
  return false;
}

// The characters between the quotes, escapes left as they are.
std::string_view Scanner::take_string() {
  const char quote = peek();
  const std::size_t begin = at_ + 1;
  step();
  while (at_ < json_.size() && peek() != quote) {
    if (peek() == '\\') step();
    if (at_ < json_.size()) step();
  }
  const auto chars = json_.substr(begin, at_ < json_.size() ? at_ - begin : 0);
  if (at_ < json_.size()) step();
  return chars;
}

std::string_view Scanner::take_word() {
  const std::size_t begin = at_;
  while (std::isalnum(static_cast<unsigned char>(peek())) != 0 || peek() == '_') step();
  return json_.substr(begin, at_ - begin);
}

Result<void> Scanner::on_string(std::string_view chars) {
  while (skip_blank_or_comment()) continue;
  if (peek() == ':') {
    field_ = chars;
    return {};
  }
  if (is_value_ && unquoted_fields_.contains(field_)) return at_line(field_ + " must be written without quotes");
  return {};
}

Result<void> Scanner::run() {
  while (skip_blank_or_comment()) continue;
  if (peek() != '{') return at_line("the file must be one object in braces");
  while (at_ < json_.size()) {
    if (skip_blank_or_comment()) continue;
    if (peek() == '"' || peek() == '\'') {
      if (peek() == '\'') return at_line("strings stand in double quotes");
      LIAISON_CHECK(on_string(take_string()));
      continue;
    }
    if (std::isalpha(static_cast<unsigned char>(peek())) != 0) {
      if (take_word() == "null") return at_line("null is not a value; leave " + (field_.empty() ? std::string("the field") : field_) + " out");
      continue;
    }
    if (peek() == ':') is_value_ = true;
    if (peek() == '{' || peek() == '}') is_value_ = false;
    step();
  }
  return {};
}

}  // namespace

Result<void> check_json(std::string_view json, const std::set<std::string, std::less<>>& unquoted_fields) { return Scanner(json, unquoted_fields).run(); }

}  // namespace liaison::directory
