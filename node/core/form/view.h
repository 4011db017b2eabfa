// A message for a person to read: one line per stated value, in the form's sequence, structure after it, species flags where they belong.
// Every text is made safe to print (visible()); nothing is shortened. Pure.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/result.h"

namespace liaison::form {

struct ViewLine {
  enum class Kind : std::uint8_t { item, fact, flag };
  Kind kind = Kind::item;
  std::string item;          // "5.b"; of facts and flags the item they stand beside
  std::uint32_t number = 0;  // which person, company or line; 0 where there is one
  std::string key;           // "5[0].5.b", "structured.persons[0].birth"
  std::string label;         // in the reader's language
  std::string text;          // may hold line feeds; no other control or bidi character
};
// Errors as read_message.
Result<std::vector<ViewLine>> view_lines(ByteView message, std::string_view language);

// Plain text for a terminal: "5.b  (1) Family name: ...", later lines of a text indented so that no text can pass for another item.
std::string view_text(const std::vector<ViewLine>& lines);

}  // namespace liaison::form
