// What one command takes, declared once: names, targets, help. The only file that knows the parser of the command line is options.cpp.
// Targets must outlive the parsing; a value that does not fit is refused with the option's name before the command runs.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace liaison::cli {

enum class Need : std::uint8_t { optional, required };

class Options {
 public:
  explicit Options(CLI::App& app) : app_(app) {}
  // `name`: "FILE" for a position, "--to" for an option.
  void text(const std::string& name, std::string& target, const std::string& help, Need need = Need::optional);
  void list(const std::string& name, std::vector<std::string>& target, const std::string& help, Need need = Need::optional);
  void files(const std::string& name, std::vector<std::string>& target, const std::string& help);  // one or more positions, the last of the command
  void number(const std::string& name, std::uint64_t& target, const std::string& help, Need need = Need::optional);
  void flag(const std::string& name, bool& target, const std::string& help);

 private:
  CLI::App& app_;
};

}  // namespace liaison::cli
