// The cryptographic operations one record needs at both ends, timed alone: what the rest of the node is compared with.
#pragma once
#include <filesystem>

namespace liaison::bench {
double crypto_microseconds_per_record();
double flush_milliseconds(const std::filesystem::path& folder);  // median fdatasync of 16 KiB
}  // namespace liaison::bench
