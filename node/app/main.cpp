// liaison-node: reads the settings, starts the shell, runs it. Exit codes: 0 stopped as asked, 2 could not start, 3 the store could not go on.
#include <CLI/CLI.hpp>
#include <iostream>

#include "app/shell.h"
#include "io/keys/harden.h"
#include "io/runtime/log.h"

namespace {
int refuse(const liaison::Error& error) {
  std::cerr << "liaison-node: " << error.message() << "\n";
  return 2;
}
}  // namespace

int main(int argc, char** argv) {
  CLI::App program{"The Liaison node of one agency."};
  std::string file;
  std::string log_file;
  bool check_only = false;
  program.add_option("--config", file, "settings file (see: liaison node init)")->required();
  program.add_option("--log", log_file, "log file; default: standard error");
  program.add_flag("--check", check_only, "read the settings, say what is wrong, and stop");
  program.footer("Example: liaison-node --config /etc/liaison/node.json");
  CLI11_PARSE(program, argc, argv);
  if (auto hardened = liaison::keys::harden_process(); !hardened) return refuse(hardened.error());
  auto settings = liaison::config::load_settings(file);
  if (!settings) return refuse(settings.error());
  if (check_only) {
    std::cout << "settings of " << settings->agency << " are in order\n";
    return 0;
  }
  constexpr liaison::runtime::Level levels[] = {liaison::runtime::Level::debug, liaison::runtime::Level::info, liaison::runtime::Level::warning, liaison::runtime::Level::error};
  if (auto logging = liaison::runtime::start_logging({log_file, levels[static_cast<std::size_t>(settings->log_level)]}); !logging) return refuse(logging.error());
  auto shell = liaison::app::Shell::start(*settings);
  if (!shell) return refuse(shell.error());
  const int code = (*shell)->run();
  liaison::runtime::log_line(liaison::runtime::Level::info, "stopped");
  liaison::runtime::stop_logging();
  return code;
}
