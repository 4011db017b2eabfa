// A leaf's path and a less precise value in a reader's words, for views: what is withheld has no place in the message's tree, only a path. Pure; a path
// outside the form's schema gets as many words as fit.
#pragma once
#include <string>
#include <string_view>

#include "core/form/view.h"

namespace liaison::form {

struct PathWords {
  std::string item;          // the form item it is, or stands beside
  std::string key = "structured";
  std::string label;         // "Person · Date of birth · year"
  std::uint32_t number = 0;  // which person, company or line
  bool is_item = false;      // the text of a form item itself
};
PathWords words_of(ByteView path, std::string_view language);

// The value of an open derived leaf (formats 2.1).
std::string derived_text(const Picture::Derived& leaf, std::string_view language);

}  // namespace liaison::form
