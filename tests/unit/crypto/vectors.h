// Reads `key = value` vector files: vectors are parted by empty lines, `#` begins a comment. Used by the tests of this folder only.
// A key may occur several times in one vector; values keep their order.
#pragma once
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "core/base/bytes.h"

namespace liaison::crypto {

using Vector = std::map<std::string, std::vector<std::string>>;

inline std::vector<Vector> read_vectors(const std::string& path) {
  std::ifstream file(path);
  std::vector<Vector> out;
  Vector current;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() && !current.empty()) out.push_back(std::exchange(current, {}));
    const auto equals = line.find('=');
    if (line.empty() || line[0] == '#' || equals == std::string::npos) continue;
    const auto value = line.find_first_not_of(' ', equals + 1);
    current[line.substr(0, line.find_last_not_of(' ', equals - 1) + 1)].push_back(value == std::string::npos ? "" : line.substr(value));
  }
  if (!current.empty()) out.push_back(current);
  return out;
}

inline Bytes hex(const std::string& digits) { return from_hex(digits).value(); }

}  // namespace liaison::crypto
