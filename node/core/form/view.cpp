// Lines of a message for people (view.h): items first, then structure with its path of labels, then flags. The items are walked by the form's shape, so
// that one of which nothing came still has its line. Pure; prints nothing itself.
#include "core/form/view.h"

#include <algorithm>

#include "core/form/check.h"
#include "core/form/labels.h"
#include "core/form/lists.h"
#include "core/form/message.h"
#include "core/form/path_words.h"
#include "core/form/shape.h"
#include "core/form/text.h"
#include "core/record/path.h"

namespace liaison::form {
namespace {

using State = ViewLine::State;
using Kind = ViewLine::Kind;
using Withheld = Picture::Withheld;

Bytes below(ByteView above, const Field& field) {
  Bytes out = to_bytes(above);
  put_u8(out, static_cast<std::uint8_t>(record::Component::field));
  put_u16(out, field.id);
  return out;
}

Bytes below(ByteView above, std::size_t index) {
  Bytes out = to_bytes(above);
  put_u8(out, static_cast<std::uint8_t>(record::Component::element));
  put_u32(out, static_cast<std::uint32_t>(index));
  return out;
}

class Viewer {
 public:
  Viewer(std::string_view language, const Picture* picture) : language_(language), picture_(picture) {}

  // One table's items: the form's root, a person or a company.
  struct Position {
    std::string key;
    std::uint32_t number = 0;
    Bytes path;
  };
  void add_items(const Table& table, const Value& object, const Position& at) {
    std::vector<std::string_view> done;  // a list and its answer in one word share an item
    for (const Field& field : table.fields) {
      if (field.item.empty() || std::find(done.begin(), done.end(), field.item) != done.end()) continue;
      done.push_back(field.item);
      const Value* value = object.find(field.item);
      if (value != nullptr && value->is(Value::Kind::array)) add_list(field, *value, at);
      else if (value != nullptr) add_text(field, value->text, at);
      else if (picture_ != nullptr) add_missing(table, field, at);
    }
  }

  // What has no place in the message's tree: withheld facts, then less precise values.
  void add_paths() {
    for (const auto& withheld : picture_->withheld) {
      if (withheld.path.empty() || is_told(withheld.path)) continue;
      const PathWords words = words_of(withheld.path, language_);
      if (!words.is_item) add_withheld(Kind::fact, {words.item, words.number, words.key, words.label}, withheld);
    }
    for (const auto& leaf : picture_->derived) {
      const PathWords words = words_of(leaf.path, language_);
      add(Kind::fact, words.item, words.number, words.key, words.label, derived_text(leaf, language_) + " [" + std::string(phrase("less_precise", language_)) + "]");
    }
  }

  struct Context {
    std::string path;
    std::string label;
    std::string item;
    std::uint32_t number = 0;
  };
  void add_facts(const Table& table, const Value& object, const Context& context) {
    for (const Member& member : object.members) {
      const Field* field = table.find_fact(member.key);
      if (!field) continue;
      Context inner = context;
      inner.path += "." + member.key;
      inner.label += (inner.label.empty() ? "" : " · ") + std::string(fact_label(member.key, language_));
      if (!field->twin.empty() || !field->item.empty()) inner.item = field->twin.empty() ? field->item : field->twin;
      add_fact(*field, member.value, inner);
    }
  }

  void add_flags(const std::vector<Problem>& flags) {
    for (const Problem& flag : flags) {
      add(Kind::flag, flag.item, flag.number, flag.path, std::string(phrase("flag", language_)), problem_text(flag, language_));
    }
  }

  std::vector<ViewLine> take() { return std::move(lines_); }

 private:
  void add_list(const Field& field, const Value& value, const Position& at) {
    for (std::size_t i = 0; i < value.elements.size(); ++i) {
      add_items(*field.table, value.elements[i],
                {at.key + field.item + "[" + std::to_string(i) + "].", static_cast<std::uint32_t>(i + 1), below(below(at.path, field), i)});
    }
  }

  void add_text(const Field& field, const std::string& text, const Position& at) {
    add(Kind::item, field.item, at.number, at.key + field.item, std::string(item_label(field.item, language_)), text);
    if (picture_ != nullptr && is_unknown(text)) {
      lines_.back().state = State::unknown;
      lines_.back().text += " [" + std::string(phrase("state_unknown", language_)) + "]";
    }
  }

  void add_missing(const Table& table, const Field& field, const Position& at) {
    const Slot slot{field.item, at.number, at.key + field.item, std::string(item_label(field.item, language_))};
    for (const Field& twin : table.fields) {
      const Withheld* withheld = twin.item == field.item ? find_withheld(below(at.path, twin)) : nullptr;
      if (withheld != nullptr) return add_withheld(Kind::item, slot, *withheld);
    }
    const bool absent = picture_->nothing_hidden;
    add(Kind::item, slot.item, slot.number, slot.key, slot.label, "[" + std::string(phrase(absent ? "state_absent" : "state_not_shown", language_)) + "]");
    lines_.back().state = absent ? State::absent : State::not_shown;
  }

  struct Slot {
    std::string item;
    std::uint32_t number = 0;
    std::string key, label;
  };
  void add_withheld(Kind kind, const Slot& slot, const Withheld& withheld) {
    add(kind, slot.item, slot.number, slot.key, slot.label, "[" + filled(phrase("state_withheld", language_), {withheld.by, withheld.basis}) + "]");
    lines_.back().state = State::withheld;
    lines_.back().by = withheld.by;
    lines_.back().basis = withheld.basis;
  }

  const Withheld* find_withheld(ByteView path) const {
    for (const auto& withheld : picture_->withheld)
      if (equal(withheld.path, path)) return &withheld;
    return nullptr;
  }
  // A derived value whose base is withheld too says nothing new.
  bool is_told(ByteView path) const { return record::is_path(path) && record::is_derived(path) && find_withheld(record::base_of(path)) != nullptr; }

  void add_fact(const Field& field, const Value& value, const Context& context) {
    switch (field.kind) {
      case FieldKind::table: add_facts(*field.table, value, context); return;
      case FieldKind::table_list:
        for (std::size_t i = 0; i < value.elements.size(); ++i) {
          Context inner = context;
          inner.path += "[" + std::to_string(i) + "]";
          if (inner.number == 0) inner.number = static_cast<std::uint32_t>(i + 1);
          add_facts(*field.table, value.elements[i], inner);
        }
        return;
      case FieldKind::coordinates:
        add(Kind::fact, context.item, context.number, context.path, context.label,
            value.find("latitude")->text + ", " + value.find("longitude")->text);
        return;
      case FieldKind::text_list:
      case FieldKind::code_list: {
        std::string joined;
        for (const Value& element : value.elements) joined += (joined.empty() ? "" : ", ") + with_country(field, element.text);
        add(Kind::fact, context.item, context.number, context.path, context.label, joined);
        return;
      }
      case FieldKind::text:
      case FieldKind::code:
      case FieldKind::small_number: break;
    }
    add(Kind::fact, context.item, context.number, context.path, context.label, with_country(field, value.text));
  }

  static std::string with_country(const Field& field, const std::string& text) {
    if (field.format != Format::country && field.format != Format::area) return text;
    const std::string_view country = country_name(std::string_view(text).substr(0, 2));
    return country.empty() ? text : text + " (" + std::string(country) + ")";
  }

  void add(Kind kind, std::string item, std::uint32_t number, std::string key, std::string label, std::string_view text) {
    lines_.push_back(ViewLine{kind, State::stated, std::move(item), number, std::move(key), std::move(label), visible(text, true), {}, {}});
  }

  std::string_view language_;
  const Picture* picture_;
  std::vector<ViewLine> lines_;
};

Result<std::vector<ViewLine>> lines_of(ByteView message, const Picture* picture, std::string_view language) {
  LIAISON_TRY(const Value root, read_message(message));
  Viewer viewer(language, picture);
  viewer.add_items(ecomessage(), root, {});
  if (const Value* facts = root.find("structured")) viewer.add_facts(ecomessage(), *facts, {"structured", {}, {}, 0});
  if (picture != nullptr) viewer.add_paths();
  viewer.add_flags(find_flags(root));
  return viewer.take();
}

std::string_view mark_of(const ViewLine& line) {
  switch (line.state) {
    case State::withheld: return "x ";
    case State::absent: return "- ";
    case State::not_shown: return "? ";
    case State::stated:
    case State::unknown: break;
  }
  return line.kind == Kind::flag ? "! " : line.kind == Kind::fact ? "  + " : "";
}

}  // namespace

std::string_view name(ViewLine::State state) {
  switch (state) {
    case State::stated: return "stated";
    case State::unknown: return "unknown";
    case State::withheld: return "withheld";
    case State::absent: return "absent";
    case State::not_shown: return "not_shown";
  }
  return "not_shown";
}

Result<std::vector<ViewLine>> view_lines(ByteView message, std::string_view language) { return lines_of(message, nullptr, language); }

Result<std::vector<ViewLine>> view_lines(ByteView message, const Picture& picture, std::string_view language) { return lines_of(message, &picture, language); }

std::string view_text(const std::vector<ViewLine>& lines) {
  std::string out;
  for (const ViewLine& line : lines) {
    out += std::string(mark_of(line)) + line.item + (line.number > 0 ? " (" + std::to_string(line.number) + ")" : "") + " " + line.label + ": ";
    for (const char c : line.text) {
      out += c;
      if (c == '\n') out += "      | ";
    }
    out += '\n';
  }
  return out;
}

}  // namespace liaison::form
