// A message for a person to read: one line per stated value, in the form's sequence, structure after it, species flags where they belong.
// Of a record also what is not there: "unknown" that the sender stated, withheld, not stated (only where provable) and not shown are told apart.
// Every text is made safe to print (visible()); nothing is shortened. Pure.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/record/leaf.h"

namespace liaison::form {

struct ViewLine {
  enum class Kind : std::uint8_t { item, fact, flag };
  enum class State : std::uint8_t { stated, unknown, withheld, absent, not_shown };
  Kind kind = Kind::item;
  State state = State::stated;
  std::string item;          // "5.b"; of facts and flags the item they stand beside
  std::uint32_t number = 0;  // which person, company or line; 0 where there is one
  std::string key;           // "5[0].5.b", "structured.persons[0].birth"
  std::string label;         // in the reader's language
  std::string text;          // may hold line feeds; no other control or bidi character. Not stated: the state in words
  std::string by, basis;     // withheld: agency and public category of law
};
std::string_view name(ViewLine::State state);  // stable, for machines

// What the holder of a record knows beside the message rebuilt from its openings.
struct Picture {
  struct Withheld { Bytes path; std::string by, basis; };
  struct Derived { Bytes path; record::LeafType type; Bytes value; };
  std::vector<Withheld> withheld;  // by every hop
  std::vector<Derived> derived;    // less precise values that are open while their base is not
  bool nothing_hidden = false;     // no leaf is opaque: what is not there was not stated
};

// The stated values only. Errors as read_message.
Result<std::vector<ViewLine>> view_lines(ByteView message, std::string_view language);
// Every item of the form with its state, withheld facts and less precise values after the stated ones. Errors as read_message.
Result<std::vector<ViewLine>> view_lines(ByteView message, const Picture& picture, std::string_view language);

// Plain text for a terminal: "5.b (1) Family name: ...". Later lines of a text are indented, and what stands there instead of a value has a mark before
// its number (x withheld, - not stated, ? not shown, + structure and less precise values, ! flag), so that no text can pass for another item or a mark.
std::string view_text(const std::vector<ViewLine>& lines);

}  // namespace liaison::form
