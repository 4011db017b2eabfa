// The closed lists of purposes, channels, levels and handling codes, and the tests for membership. Pure.
#include "core/exchange/codes.h"

#include <algorithm>
#include <array>
#include <span>

namespace liaison::exchange {
namespace {
using namespace std::string_view_literals;
constexpr std::array purposes{"wanted"sv, "identify"sv, "investigation"sv, "alert"sv, "missing"sv, "deceased"sv, "forensic"sv, "border"sv, "security-check"sv, "threat-analysis"sv};
constexpr std::array channels{"interpol"sv, "customs"sv, "cites"sv, "judicial"sv};
constexpr std::array levels{"national"sv, "regional"sv, "international"sv};
constexpr std::array handling{"TLP:RED"sv, "TLP:AMBER+STRICT"sv, "TLP:AMBER"sv, "TLP:GREEN"sv, "TLP:CLEAR"sv, "H0"sv, "H1"sv, "H2"sv, "H3"sv};
constexpr std::array return_reasons{"question"sv, "authorisation"sv, "legal-basis"sv, "handling"sv, "recipient"sv, "incomplete"sv};

bool contains(std::span<const std::string_view> list, std::string_view code) { return std::find(list.begin(), list.end(), code) != list.end(); }
std::string join(std::span<const std::string_view> list) {
  std::string all;
  for (auto code : list) all += (all.empty() ? "" : ", ") + std::string(code);
  return all;
}
}  // namespace

bool is_purpose(std::string_view code) { return contains(purposes, code); }
bool is_channel(std::string_view code) { return contains(channels, code); }
bool is_level(std::string_view code) { return contains(levels, code); }
bool is_handling(std::string_view code) { return contains(handling, code); }
bool is_return_reason(std::string_view code) { return contains(return_reasons, code); }
std::string known_purposes() { return join(purposes); }
std::string known_channels() { return join(channels); }
std::string known_handling() { return join(handling); }
std::string known_return_reasons() { return join(return_reasons); }

}  // namespace liaison::exchange
