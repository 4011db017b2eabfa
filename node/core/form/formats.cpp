// The accepted spellings of dates, numbers, codes and degrees (formats.h). Pure; country codes come from lists.h.
#include "core/form/formats.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>

#include "core/form/lists.h"

namespace liaison::form {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_capital(char c) { return c >= 'A' && c <= 'Z'; }
bool all_digits(std::string_view text) { return !text.empty() && std::all_of(text.begin(), text.end(), is_digit); }

// Two digits at `at` as a number, or -1.
int two_digits(std::string_view text, std::size_t at) {
  if (text.size() < at + 2 || !is_digit(text[at]) || !is_digit(text[at + 1])) return -1;
  return (text[at] - '0') * 10 + (text[at + 1] - '0');
}

bool is_day_time(std::string_view text) {  // 05:06[:07]
  const int hour = two_digits(text, 0);
  const int minute = two_digits(text, 3);
  if (text.size() != 5 && text.size() != 8) return false;
  if (text[2] != ':' || hour < 0 || hour > 23 || minute < 0 || minute > 59) return false;
  if (text.size() == 5) return true;
  const int second = two_digits(text, 6);
  return text[5] == ':' && second >= 0 && second <= 60;
}

bool is_offset(std::string_view text) {  // Z or +03:00
  if (text == "Z") return true;
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') return false;
  const int hour = two_digits(text, 1);
  const int minute = two_digits(text, 4);
  return hour >= 0 && hour <= 14 && minute >= 0 && minute <= 59;
}

struct CodeSet {
  std::string_view letters, shown;
};
constexpr CodeSet cites_sources{"WRDACFUIOXY", "W R D A C F U I O X Y"};
constexpr CodeSet cites_purposes{"TZGQSHPMENBL", "T Z G Q S H P M E N B L"};

std::optional<FormatProblem> one_of(const CodeSet& set, std::string_view text) {
  if (text.size() == 1 && set.letters.find(text) != std::string_view::npos) return std::nullopt;
  return FormatProblem{ProblemCode::not_a_code, std::string(set.shown)};
}

}  // namespace

bool is_date(std::string_view text) {
  if (text.size() != 4 && text.size() != 7 && text.size() != 10) return false;
  if (!all_digits(text.substr(0, 4)) || text.substr(0, 4) == "0000") return false;
  if (text.size() == 4) return true;
  const int month = two_digits(text, 5);
  if (text[4] != '-' || month < 1 || month > 12) return false;
  if (text.size() == 7) return true;
  const int day = two_digits(text, 8);
  const int year = two_digits(text, 0) * 100 + two_digits(text, 2);
  const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)}, std::chrono::day{static_cast<unsigned>(std::max(day, 0))}};
  return text[7] == '-' && day > 0 && date.ok();
}

bool is_time(std::string_view text) {
  if (text.size() <= 10) return is_date(text);
  if (!is_date(text.substr(0, 10)) || text[10] != 'T') return false;
  std::string_view rest = text.substr(11);
  const std::size_t zone = rest.find_first_of("Z+-");
  if (zone == std::string_view::npos) return is_day_time(rest);
  return is_day_time(rest.substr(0, zone)) && is_offset(rest.substr(zone));
}

bool is_decimal(std::string_view text) {
  if (text.empty() || text.size() > 30) return false;
  const std::size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  if (!all_digits(whole) || (whole.size() > 1 && whole[0] == '0')) return false;
  return point == std::string_view::npos || all_digits(text.substr(point + 1));
}

bool is_area(std::string_view text) {
  if (text.size() == 2) return is_country(text);
  if (text.size() < 4 || text.size() > 6 || text[2] != '-' || !is_country(text.substr(0, 2))) return false;
  return std::all_of(text.begin() + 3, text.end(), [](char c) { return is_digit(c) || is_capital(c); });
}

bool is_currency(std::string_view text) { return text.size() == 3 && std::all_of(text.begin(), text.end(), is_capital); }

bool is_appendix(std::string_view text) {
  static constexpr std::array<std::string_view, 4> names = {"I", "II", "III", "NC"};
  std::size_t next = 0;
  while (!text.empty()) {
    const std::size_t slash = text.find('/');
    const std::string_view part = text.substr(0, slash);
    const auto found = std::find(names.begin() + static_cast<std::ptrdiff_t>(next), names.end(), part);
    if (found == names.end()) return false;
    next = static_cast<std::size_t>(found - names.begin()) + 1;
    if (slash == std::string_view::npos) return true;
    text.remove_prefix(slash + 1);
  }
  return false;
}

std::optional<FormatProblem> find_format_problem(Format format, std::string_view text) {
  const auto unless = [](bool good, ProblemCode code) { return good ? std::nullopt : std::optional(FormatProblem{code, {}}); };
  switch (format) {
    case Format::any: return std::nullopt;
    case Format::date: return unless(is_date(text), ProblemCode::not_a_date);
    case Format::time: return unless(is_time(text), ProblemCode::not_a_time);
    case Format::decimal: return unless(is_decimal(text), ProblemCode::not_a_decimal);
    case Format::country: return unless(is_country(text), ProblemCode::not_a_country);
    case Format::area: return unless(is_area(text), ProblemCode::not_an_area);
    case Format::currency: return unless(is_currency(text), ProblemCode::not_a_currency);
    case Format::appendix: return unless(is_appendix(text), ProblemCode::not_an_appendix);
    case Format::cites_source: return one_of(cites_sources, text);
    case Format::cites_purpose: return one_of(cites_purposes, text);
  }
  return std::nullopt;
}

std::optional<std::int32_t> parse_degrees(std::string_view digits, std::int32_t most) {
  const bool negative = digits.starts_with('-');
  if (negative) digits.remove_prefix(1);
  if (!is_decimal(digits) || digits.size() > 10) return std::nullopt;
  const std::size_t point = digits.find('.');
  std::string decimals = point == std::string_view::npos ? std::string() : std::string(digits.substr(point + 1));
  if (decimals.size() > 6) return std::nullopt;
  decimals.resize(6, '0');
  std::int64_t value = 0;
  for (const char c : std::string(digits.substr(0, point)) + decimals) value = value * 10 + (c - '0');
  if (value > std::int64_t{most} * 1'000'000) return std::nullopt;
  return static_cast<std::int32_t>(negative ? -value : value);
}

std::string degrees_text(std::int32_t millionths) {
  const std::int64_t size = millionths < 0 ? -std::int64_t{millionths} : millionths;
  std::string decimals = std::to_string(1'000'000 + size % 1'000'000).substr(1);
  decimals.erase(decimals.find_last_not_of('0') + 1);
  return (millionths < 0 ? "-" : "") + std::to_string(size / 1'000'000) + (decimals.empty() ? "" : "." + decimals);
}

}  // namespace liaison::form
