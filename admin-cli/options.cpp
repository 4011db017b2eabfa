// See options.h. CLI11 checks types and required options; its messages name the option.
#include "admin-cli/options.h"

#include <CLI/CLI.hpp>

namespace liaison::cli {

void Options::text(const std::string& name, std::string& target, const std::string& help, Need need) {
  app_.add_option(name, target, help)->required(need == Need::required)->option_text(need == Need::required ? "REQUIRED" : " ");
}

void Options::list(const std::string& name, std::vector<std::string>& target, const std::string& help, Need need) {
  app_.add_option(name, target, help)->required(need == Need::required)->allow_extra_args(false)->option_text(need == Need::required ? "REQUIRED, repeat" : "repeat");
}

void Options::files(const std::string& name, std::vector<std::string>& target, const std::string& help) {
  app_.add_option(name, target, help)->required()->option_text("REQUIRED ...");
}

void Options::number(const std::string& name, std::uint64_t& target, const std::string& help, Need need) {
  app_.add_option(name, target, help)->required(need == Need::required)->option_text(need == Need::required ? "REQUIRED" : "[" + std::to_string(target) + "]");
}

void Options::flag(const std::string& name, bool& target, const std::string& help) { app_.add_flag(name, target, help); }

}  // namespace liaison::cli
