// Lines of a message for people (view.h): items first, then structure with its path of labels, then flags. Pure; prints nothing itself.
#include "core/form/view.h"

#include "core/form/check.h"
#include "core/form/labels.h"
#include "core/form/lists.h"
#include "core/form/message.h"
#include "core/form/shape.h"
#include "core/form/text.h"

namespace liaison::form {
namespace {

class Viewer {
 public:
  explicit Viewer(std::string_view language) : language_(language) {}

  void add_items(const Value& object, const std::string& path, std::uint32_t number) {
    for (const Member& member : object.members) {
      if (member.key == "structured") continue;
      if (!member.value.is(Value::Kind::array)) {
        add(ViewLine::Kind::item, member.key, number, path + member.key, std::string(item_label(member.key, language_)), member.value.text);
        continue;
      }
      for (std::size_t i = 0; i < member.value.elements.size(); ++i) {
        add_items(member.value.elements[i], path + member.key + "[" + std::to_string(i) + "].", static_cast<std::uint32_t>(i + 1));
      }
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
      add(ViewLine::Kind::flag, flag.item, flag.number, flag.path, std::string(phrase("flag", language_)), problem_text(flag, language_));
    }
  }

  std::vector<ViewLine> take() { return std::move(lines_); }

 private:
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
        add(ViewLine::Kind::fact, context.item, context.number, context.path, context.label,
            value.find("latitude")->text + ", " + value.find("longitude")->text);
        return;
      case FieldKind::text_list:
      case FieldKind::code_list: {
        std::string joined;
        for (const Value& element : value.elements) joined += (joined.empty() ? "" : ", ") + with_country(field, element.text);
        add(ViewLine::Kind::fact, context.item, context.number, context.path, context.label, joined);
        return;
      }
      case FieldKind::text:
      case FieldKind::code:
      case FieldKind::small_number: break;
    }
    add(ViewLine::Kind::fact, context.item, context.number, context.path, context.label, with_country(field, value.text));
  }

  static std::string with_country(const Field& field, const std::string& text) {
    if (field.format != Format::country && field.format != Format::area) return text;
    const std::string_view country = country_name(std::string_view(text).substr(0, 2));
    return country.empty() ? text : text + " (" + std::string(country) + ")";
  }

  void add(ViewLine::Kind kind, std::string item, std::uint32_t number, std::string key, std::string label, std::string_view text) {
    lines_.push_back(ViewLine{kind, std::move(item), number, std::move(key), std::move(label), visible(text, true)});
  }

  std::string_view language_;
  std::vector<ViewLine> lines_;
};

}  // namespace

Result<std::vector<ViewLine>> view_lines(ByteView message, std::string_view language) {
  LIAISON_TRY(const Value root, read_message(message));
  Viewer viewer(language);
  viewer.add_items(root, {}, 0);
  if (const Value* facts = root.find("structured")) viewer.add_facts(ecomessage(), *facts, {"structured", {}, {}, 0});
  viewer.add_flags(find_flags(root));
  return viewer.take();
}

std::string view_text(const std::vector<ViewLine>& lines) {
  std::string out;
  for (const ViewLine& line : lines) {
    out += line.kind == ViewLine::Kind::flag ? "! " : line.kind == ViewLine::Kind::fact ? "  + " : "";
    out += line.item + (line.number > 0 ? " (" + std::to_string(line.number) + ")" : "") + " " + line.label + ": ";
    for (const char c : line.text) {
      out += c;
      if (c == '\n') out += "      | ";
    }
    out += '\n';
  }
  return out;
}

}  // namespace liaison::form
