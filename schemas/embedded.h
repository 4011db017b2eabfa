// Files of schemas/ that are compiled into the programs (reflection schemas, shipped lists, parser schemas).
// Never reads the file system. An unknown name gives an empty view.
#pragma once
#include <string_view>

namespace liaison::schemas {
std::string_view embedded(std::string_view file_name);
}
