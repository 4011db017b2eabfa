// See path_words.h. Walks the components of a path through the form's tables.
#include "core/form/path_words.h"

#include <algorithm>
#include <cstdlib>

#include "core/form/labels.h"
#include "core/form/shape.h"
#include "core/form/text.h"
#include "core/record/path.h"
#include "core/record/plan.h"

namespace liaison::form {
namespace {

std::string_view derived_key(std::uint8_t code) {
  switch (static_cast<record::Derived>(code)) {
    case record::Derived::year: return "derived_year";
    case record::Derived::month: return "derived_month";
    case record::Derived::adult: return "derived_adult";
    case record::Derived::country: return "derived_country";
    case record::Derived::initials: return "derived_initials";
    case record::Derived::presence: return "derived_presence";
    case record::Derived::coordinates: return "derived_coordinates";
    case record::Derived::last4: return "derived_last4";
  }
  return "less_precise";
}

void add_label(PathWords& out, std::string_view label) { out.label += (out.label.empty() ? "" : " · ") + std::string(label); }

void add_field(PathWords& out, const Field& field, std::string_view language) {
  out.is_item = !field.item.empty();
  if (out.is_item || !field.twin.empty()) out.item = out.is_item ? field.item : field.twin;
  if (out.is_item && field.table == nullptr) {
    out.key += "." + field.item;
    out.label = item_label(field.item, language);
  } else {
    out.key += "." + field.name;
    add_label(out, fact_label(field.name, language));
  }
}

// Millionths of a degree that were rounded down to tenths.
std::string degrees(std::int64_t millionths) {
  const std::int64_t tenths = std::abs(millionths / 100000);
  return (millionths < 0 ? "-" : "") + std::to_string(tenths / 10) + "." + std::to_string(tenths % 10);
}

}  // namespace

PathWords words_of(ByteView path, std::string_view language) {
  PathWords out;
  const Table* table = &ecomessage();
  while (!path.empty()) {
    const std::size_t size = record::component_bytes(path[0]);
    if (size == 0 || size > path.size()) break;
    ByteReader part(path.first(size));
    const auto component = static_cast<record::Component>(part.u8());
    if (component == record::Component::field) {
      const std::uint16_t id = part.u16();
      if (table == nullptr || id >= table->fields.size()) break;
      add_field(out, table->fields[id], language);
      table = table->fields[id].table;
    } else if (component == record::Component::element) {
      const std::uint32_t index = part.u32();
      if (out.number == 0) out.number = index + 1;
      out.key += "[" + std::to_string(index) + "]";
    } else if (component == record::Component::derived) {
      const std::string_view word = derived_key(part.u8());
      add_label(out, phrase(word, language));
      out.key += "#" + std::string(word.substr(word.find('_') + 1));
      out.is_item = false;
    } else {
      break;
    }
    path = path.subspan(size);
  }
  return out;
}

std::string derived_text(const Picture::Derived& leaf, std::string_view language) {
  ByteReader reader(leaf.value);
  const auto code = static_cast<record::Derived>(leaf.path.empty() ? 0 : leaf.path.back());
  if (leaf.type == record::LeafType::string && code == record::Derived::adult) {
    const std::string_view word = phrase(text(leaf.value), language);
    return word.empty() ? visible(text(leaf.value)) : std::string(word);
  }
  if (leaf.type == record::LeafType::string) return visible(text(leaf.value), true);
  if (leaf.type == record::LeafType::signed_number && leaf.value.size() == 8) return std::to_string(static_cast<std::int64_t>(reader.u64()));
  if (leaf.type == record::LeafType::boolean) return std::string(phrase("yes", language));
  if (leaf.type == record::LeafType::structure && leaf.value.size() == 16) {
    const auto latitude = static_cast<std::int64_t>(reader.u64());
    return degrees(latitude) + ", " + degrees(static_cast<std::int64_t>(reader.u64()));
  }
  return to_hex(leaf.value);
}

}  // namespace liaison::form
