// The exit codes of `liaison`: one table for --help, README.md and scripts, and the code that belongs to each kind of error. Pure.
#pragma once
#include <span>
#include <string_view>

#include "core/base/result.h"

namespace liaison::cli {

enum class Exit : int { done = 0, refused = 1, usage_or_file = 2, not_permitted = 3, not_found = 4, try_again = 5, not_proved = 6, not_confirmed = 7, widens = 8 };

struct ExitLine {
  Exit code{};
  std::string_view meaning;
};
std::span<const ExitLine> exit_table();

Exit exit_of(Errc code);

}  // namespace liaison::cli
