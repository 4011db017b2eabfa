// The program `liaison`: hands standard streams and the command line to commands.h. Exit codes: see exits.h.
#include <unistd.h>

#include <csignal>
#include <iostream>

#include "admin-cli/command.h"

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // a closed pipe is a failed write, told like any other
  return liaison::cli::run(argc, argv, {std::cin, std::cout, std::cerr, ::isatty(STDIN_FILENO) == 1, ::isatty(STDOUT_FILENO) == 1});
}
