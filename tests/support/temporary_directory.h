// A private directory under the system's temporary one that is removed with everything in it when the test ends.
// Fails the process when it cannot be made: a test without its directory would prove nothing.
#pragma once
#include <stdlib.h>

#include <filesystem>
#include <string>

#include "core/base/result.h"

namespace liaison::support {

class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "liaison-test-XXXXXX").string();
    liaison_assert(::mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(std::string_view name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

}  // namespace liaison::support
