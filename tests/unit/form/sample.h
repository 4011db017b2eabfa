// Shared by the tests of core/form: the examples of integration/examples and small forms made of them.
#pragma once
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "core/form/import.h"

namespace liaison::form::test {

inline std::string read_text_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream out;
  out << file.rdbuf();
  return out.str();
}

inline std::filesystem::path example(const std::string& name) { return std::filesystem::path(LIAISON_SOURCE_DIR) / "integration/examples" / name; }

inline std::vector<std::filesystem::path> examples() {
  std::vector<std::filesystem::path> out;
  for (const auto& entry : std::filesystem::directory_iterator(example(""))) {
    if (entry.path().extension() == ".json") out.push_back(entry.path());
  }
  return out;
}

// The required items of the form itself, plus `more` ("\"5\": [...]").
inline std::string form_with(const std::string& more) {
  std::string out = R"({"1.1":"a","2.1":"b","2.3":"c","3":"d","4.1":"e","4.2":"f","10":"g")";
  if (!more.empty()) out += "," + more;
  return out + "}";
}

inline std::vector<ProblemCode> codes(const std::vector<Problem>& problems) {
  std::vector<ProblemCode> out;
  for (const Problem& problem : problems) out.push_back(problem.code);
  return out;
}

}  // namespace liaison::form::test
