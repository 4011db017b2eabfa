// The words of the form in English, French, Spanish and Arabic: item labels and help, names of structured facts, sentences for problems.
// From the shipped lists/labels.json, parsed once, immutable. An unknown language reads English; nothing here ever fails.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/form/problem.h"

namespace liaison::form {

// "en", "fr", "es" or "ar": the flag if it names one (also "fr_FR.UTF-8", "ES"), else the first of `environment` that does (callers hand in
// LC_ALL, LC_MESSAGES, LANG), else "en".
std::string choose_language(std::string_view flag, std::span<const std::string> environment = {});
// False for a flag that names none of the four.
bool is_language(std::string_view name);

std::string_view item_label(std::string_view item, std::string_view language);  // "5.b": "Family name (and maiden name)"
std::string_view item_help(std::string_view item, std::string_view language);   // may be empty
std::string_view fact_label(std::string_view field, std::string_view language); // structured field name; the name itself if there is no label
std::string_view phrase(std::string_view key, std::string_view language);       // other words of views and commands

// {0} to {9} of a sentence replaced by the arguments; a missing one becomes nothing.
std::string filled(std::string_view sentence, const std::vector<std::string>& args);

// What an error code of the node (base/result.h) means to a person; empty where there are no words for it.
std::string_view error_text(std::string_view code, std::string_view language);

// One sentence: what is wrong and what to do, without item or place.
std::string problem_text(const Problem& problem, std::string_view language);
// The whole line: item with label, number of the person, company or line, place in the file, sentence.
std::string problem_line(const Problem& problem, std::string_view language);

}  // namespace liaison::form
