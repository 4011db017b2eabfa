// `liaison form blank|check|convert`: fill in, check and convert Ecomessages offline. No node, no network, no keys.
// Exit codes: 0 good, 1 the message has problems or gaps, 2 usage or a file that cannot be read or written. Results go to `out`, errors to `err`.
#pragma once
#include <iosfwd>
#include <string>
#include <vector>

namespace liaison::cli {

enum class FormExit : int { good = 0, message_has_problems = 1, usage_or_file = 2 };

// What every form command takes. `language` is the --lang flag as given; empty: LC_ALL, LC_MESSAGES, LANG decide.
struct FormContext {
  std::ostream& out;
  std::ostream& err;
  std::string language;
};
// A full species list instead of the shipped extract, and its date where the file has no "# date:" line.
struct SpeciesSource {
  std::string file;
  std::string date;
};

// Prints an empty form; with `explain` a table of every item with label, help and whether it must be stated.
struct FormBlank {
  std::size_t persons = 1;
  std::size_t companies = 1;
  bool structured = false;
  bool explain = false;
};
int form_blank(const FormBlank& command, const FormContext& context);

// Prints every problem, gap and flag of a .json or .bin file at once; `json`: for machines.
struct FormCheck {
  std::string file;
  SpeciesSource species;
  std::vector<std::string> must_state;  // instead of the form's own required items
  bool json = false;
};
int form_check(const FormCheck& command, const FormContext& context);

// .json to .bin, .bin to .json, or .json to .json (normalised). A form with gaps is not written unless they are filled.
struct FormConvert {
  std::string in;
  std::string out_file;
  bool fill_unknown = false;
  SpeciesSource species;
};
int form_convert(const FormConvert& command, const FormContext& context);

}  // namespace liaison::cli
