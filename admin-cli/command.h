// One command: its words, what it is for, an example, and how it declares its options. The table of all commands is in commands.cpp;
// every topic has its own file, which offers one bind function per command.
#pragma once
#include <functional>
#include <span>

#include "admin-cli/context.h"
#include "admin-cli/options.h"

namespace liaison::cli {

using Action = std::function<int(Context&)>;
// Declares the options and returns what to run once they are parsed; what the options fill is kept alive by the action.
using Bind = Action (*)(Options& options);

struct Command {
  std::string_view words;    // "audit verify"
  std::string_view group;    // heading in --help
  std::string_view summary;  // one line
  std::string_view example;
  bool needs_node = false;
  Bind bind = nullptr;
};
std::span<const Command> commands();

// The program: parses, runs one command, answers its exit code. Never throws for what a person typed.
int run(int argc, const char* const* argv, const Streams& streams);

}  // namespace liaison::cli
