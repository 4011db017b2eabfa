// What can be said of a node from its machine alone, whether it runs or not: settings, key files, certificate, directory file, disk. Reads files, changes nothing.
#pragma once
#include <filesystem>

#include "core/exchange/health.h"

namespace liaison::cli {

// Starts with the settings; where they cannot be read there is nothing more to find.
std::vector<exchange::Finding> examine_machine(const std::filesystem::path& settings_file, Time now);

}  // namespace liaison::cli
