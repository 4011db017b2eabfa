// What structured values may look like (attribute `format` of the schema). Text items of the form are never judged here: they are kept as entered.
// Pure. Every format also accepts the word for unknown where import asks; that is decided there, not here.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "core/form/shape.h"
#include "core/form/problem.h"

namespace liaison::form {

bool is_date(std::string_view text);      // 2026, 2026-03, 2026-03-04: a day that exists, years 0001 to 9999
bool is_time(std::string_view text);      // a full date alone or with T05:06[:07] and optional Z or +03:00; also 2026 and 2026-03
bool is_decimal(std::string_view text);   // digits as in JSON, not negative, no exponent, at most 30 characters
bool is_area(std::string_view text);      // a country code of lists.h, alone or followed by - and 1 to 3 letters or digits
bool is_currency(std::string_view text);  // three capital letters
bool is_appendix(std::string_view text);  // I, II, III, NC or several joined by / in that order

// The problem a value has under a format, with the arguments its message needs; nullopt: none.
struct FormatProblem {
  ProblemCode code{};
  std::string arg;
};
std::optional<FormatProblem> find_format_problem(Format format, std::string_view text);

// Decimal degrees as written, at most six decimals, to millionths; nullopt: not a number or beyond `most` degrees.
std::optional<std::int32_t> parse_degrees(std::string_view digits, std::int32_t most);
std::string degrees_text(std::int32_t millionths);

}  // namespace liaison::form
