// See json_reader.h. Boost.JSON's event parser does the grammar; it is fed token by token so that the place of every event is known.
#include "core/form/json_reader.h"

#include <boost/json/basic_parser_impl.hpp>

#include <algorithm>
#include <optional>

#include "core/base/limits.h"
#include "core/form/text.h"

namespace liaison::form {
namespace {

// Line and column of ascending offsets, without counting from the start each time.
class Places {
 public:
  explicit Places(std::string_view file) : file_(file) {}
  Place at(std::size_t offset) {
    for (; offset_ < offset && offset_ < file_.size(); ++offset_) {
      const auto byte = static_cast<std::uint8_t>(file_[offset_]);
      if (byte == '\n') {
        ++place_.line;
        place_.column = 1;
      } else if ((byte & 0xC0U) != 0x80U) {
        ++place_.column;
      }
    }
    return place_;
  }

 private:
  std::string_view file_;
  std::size_t offset_ = 0;
  Place place_{1, 1};
};

bool is_item_key(std::string_view key) { return !key.empty() && key.front() >= '0' && key.front() <= '9'; }

// The handler of basic_parser: builds the tree. Containers under construction live on a stack, so no pointer into a growing vector is kept.
struct Builder {
  static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
  using Code = boost::json::error_code;
  using View = boost::json::string_view;

  struct Open {
    Value value;
    std::string key;  // of the member being read
    Place key_place;
  };
  Place here;
  std::vector<Open> stack;
  Value root;
  std::string token;
  std::size_t values = 0;
  std::optional<ProblemCode> refused;
  std::vector<Problem> problems;

  std::string path() const {
    std::string out;
    for (const Open& open : stack) {
      if (open.value.is(Value::Kind::array)) {
        out += '[' + std::to_string(open.value.elements.size()) + ']';
      } else if (!open.key.empty()) {
        out += (out.empty() ? "" : ".") + visible(open.key.substr(0, 64));
      }
    }
    return out;
  }
  Problem problem(ProblemCode code, Place place) const {
    Problem out{code, {}, 0, path(), place, {}};
    for (const Open& open : stack) {
      if (open.value.is(Value::Kind::array)) out.number = static_cast<std::uint32_t>(open.value.elements.size() + 1);
      if (open.value.is(Value::Kind::object) && is_item_key(open.key)) out.item = visible(open.key.substr(0, 64));
    }
    return out;
  }
  bool refuse(ProblemCode code, Code& ec) {
    refused = code;
    ec = boost::json::make_error_code(boost::json::error::exception);
    return false;
  }
  bool take(Value value) {
    if (stack.empty()) {
      root = std::move(value);
    } else if (Open& open = stack.back(); open.value.is(Value::Kind::array)) {
      open.value.elements.push_back(std::move(value));
    } else {
      open.value.members.push_back(Member{std::exchange(open.key, {}), open.key_place, std::move(value)});
    }
    return true;
  }
  bool begin(Value value, Code& ec) {
    if (stack.size() >= json_depth_max) return refuse(ProblemCode::too_deep, ec);
    if (++values > json_values_max) return refuse(ProblemCode::too_many_values, ec);
    value.place = here;
    stack.push_back(Open{std::move(value), {}, {}});
    return true;
  }
  bool end() {
    Value value = std::move(stack.back().value);
    stack.pop_back();
    if (value.is(Value::Kind::object)) note_duplicates(value);
    return take(std::move(value));
  }
  bool scalar(Value value, Code& ec) {
    if (++values > json_values_max) return refuse(ProblemCode::too_many_values, ec);
    value.place = here;
    return take(std::move(value));
  }
  void note_duplicates(const Value& object) {
    std::vector<const Member*> sorted;
    for (const Member& member : object.members) sorted.push_back(&member);
    std::stable_sort(sorted.begin(), sorted.end(), [](const Member* a, const Member* b) { return a->key < b->key; });
    for (std::size_t i = 1; i < sorted.size(); ++i) {
      if (sorted[i]->key != sorted[i - 1]->key) continue;
      Problem found = problem(ProblemCode::duplicate_key, sorted[i]->place);
      const std::string key = visible(sorted[i]->key.substr(0, 64));
      found.path += (found.path.empty() ? "" : ".") + key;
      if (is_item_key(key)) found.item = key;
      found.args = {key};
      problems.push_back(std::move(found));
    }
  }

  bool on_document_begin(Code&) { return true; }
  bool on_document_end(Code&) { return true; }
  bool on_array_begin(Code& ec) { return begin(Value::array(), ec); }
  bool on_array_end(std::size_t, Code&) { return end(); }
  bool on_object_begin(Code& ec) { return begin(Value::object(), ec); }
  bool on_object_end(std::size_t, Code&) { return end(); }
  bool on_string_part(View part, std::size_t, Code&) { return append(part); }
  bool on_string(View part, std::size_t, Code& ec) { return append(part), scalar(Value::string(std::exchange(token, {})), ec); }
  bool on_key_part(View part, std::size_t, Code&) { return append(part); }
  bool on_key(View part, std::size_t, Code&) {
    append(part);
    stack.back().key = std::exchange(token, {});
    stack.back().key_place = here;
    return true;
  }
  bool on_number_part(View part, Code&) { return append(part); }
  bool on_int64(std::int64_t, View part, Code& ec) { return number(part, ec); }
  bool on_uint64(std::uint64_t, View part, Code& ec) { return number(part, ec); }
  bool on_double(double, View part, Code& ec) { return number(part, ec); }
  bool on_bool(bool truth, Code& ec) {
    Value value;
    value.kind = Value::Kind::boolean;
    value.truth = truth;
    return scalar(std::move(value), ec);
  }
  bool on_null(Code& ec) { return scalar(Value{}, ec); }
  bool on_comment_part(View, Code&) { return true; }
  bool on_comment(View, Code&) { return true; }

  bool append(View part) { return token.append(part.data(), part.size()), true; }
  bool number(View part, Code& ec) { return append(part), scalar(Value::number(std::exchange(token, {})), ec); }
};

// Cuts the file at quotes and structural characters and feeds the pieces, telling the builder where each begins.
class Feeder {
 public:
  explicit Feeder(std::string_view file) : file_(file), places_(file), parser_(options()) {}

  JsonFile run() {
    const std::size_t valid = find_invalid_utf8(file_).value_or(file_.size());
    const bool fed = feed_all(valid);
    if (fed && valid < file_.size()) {
      note(ProblemCode::invalid_utf8, places_.at(valid), {});
    } else if (fed && !parser_.done()) {
      note(ProblemCode::not_json, places_.at(file_.size()), "incomplete JSON");
    }
    Builder& builder = parser_.handler();
    return JsonFile{std::move(builder.root), std::move(builder.problems)};
  }

 private:
  static boost::json::parse_options options() {
    boost::json::parse_options out;
    out.max_depth = json_depth_max + 1;
    return out;
  }

  bool feed_all(std::size_t end) {
    bool in_string = false;
    std::size_t start = 0;
    for (std::size_t i = 0; i < end; ++i) {
      const char c = file_[i];
      if (in_string && c == '\\') {
        ++i;
      } else if (in_string && c == '"') {
        in_string = false;
        if (!feed(start, i + 1)) return false;
        start = i + 1;
      } else if (!in_string && c == '"') {
        in_string = true;
        if (!feed(start, i)) return false;
        start = i;
        parser_.handler().here = places_.at(i);
      } else if (!in_string && std::string_view("{}[]:,").find(c) != std::string_view::npos) {
        if (!feed_structural(start, i)) return false;
        start = i + 1;
      }
    }
    return feed(start, end) && (end < file_.size() || finish());
  }

  // A number is only reported when the character after it is read: its own place stays current while that one is fed.
  bool feed_structural(std::size_t start, std::size_t at) {
    const std::size_t token = file_.find_first_not_of(" \t\r\n", start);
    if (token < at) parser_.handler().here = places_.at(token);
    if (!feed(start, at)) return false;
    if (file_[at] == '{' || file_[at] == '[') parser_.handler().here = places_.at(at);
    return feed(at, at + 1);
  }

  bool finish() { return feed_bytes({}, file_.size(), false); }
  bool feed(std::size_t from, std::size_t to) { return from >= to || feed_bytes(file_.substr(from, to - from), from, true); }

  bool feed_bytes(std::string_view bytes, std::size_t from, bool more) {
    boost::json::error_code ec;
    const std::size_t used = parser_.write_some(more, bytes.data(), bytes.size(), ec);
    if (!ec && used < bytes.size()) {
      note(ProblemCode::not_json, places_.at(from + used), "more after the end");
      return false;
    }
    if (!ec) return true;
    const auto refused = parser_.handler().refused;
    const Place place = places_.at(from + used);
    if (refused) {
      note(*refused, parser_.handler().here, std::to_string(json_values_max));
    } else if (ec == boost::json::error::too_deep) {
      note(ProblemCode::too_deep, place, {});
    } else {
      note(ProblemCode::not_json, place, ec.message());
    }
    return false;
  }

  void note(ProblemCode code, Place place, std::string arg) {
    Problem found = parser_.handler().problem(code, place);
    if (!arg.empty()) found.args = {std::move(arg)};
    parser_.handler().problems.push_back(std::move(found));
  }

  std::string_view file_;
  Places places_;
  boost::json::basic_parser<Builder> parser_;
};

}  // namespace

JsonFile read_json(std::string_view file) {
  if (file.size() > limits::form_file_bytes_max) {
    Problem found{ProblemCode::file_too_large, {}, 0, {}, {}, {std::to_string(file.size()), std::to_string(limits::form_file_bytes_max)}};
    return JsonFile{{}, {std::move(found)}};
  }
  if (file.starts_with("\xEF\xBB\xBF")) file.remove_prefix(3);
  return Feeder(file).run();
}

}  // namespace liaison::form
