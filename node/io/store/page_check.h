// Checks the structure of an LMDB data file before LMDB maps it, because LMDB trusts its pages and a damaged one can make it write outside its memory.
// Reads with pread, breadth first (roots and branches of every table before leaves), at most `pages_max` pages; values are not looked into.
#pragma once
#include <filesystem>

#include "core/base/result.h"

namespace liaison::store {

inline constexpr std::uint64_t checked_pages_max = 65'536;  // 256 MiB: a second or two at start-up on a cold disk

// A missing or empty file is fine. Errc::store_corrupt names the page and the cure; store_failed when the file cannot be read.
Result<void> check_pages(const std::filesystem::path& file, std::uint64_t pages_max = checked_pages_max);

}  // namespace liaison::store
