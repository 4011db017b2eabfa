// Closed lists of codes a sender may state (domain 7): purposes, channels, sharing levels, handling codes. Kept as sent, never lowered. Pure.
#pragma once
#include <string>
#include <string_view>

namespace liaison::exchange {
bool is_purpose(std::string_view code);
bool is_channel(std::string_view code);
bool is_level(std::string_view code);
bool is_handling(std::string_view code);
bool is_return_reason(std::string_view code);  // why a bureau sends a record back instead of on
std::string known_purposes();
std::string known_channels();
std::string known_handling();
std::string known_return_reasons();
}  // namespace liaison::exchange
