// The on-disk format of LMDB 0.9 (data version 1) on 64-bit little-endian machines: two meta pages, B+ trees of branch and leaf pages, overflow pages
// for large values. Trees: the list of free pages, the table of tables, and one per table. Every size and page number is checked before it is used.
#include "io/store/page_check.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <deque>
#include <set>

#include "io/store/files.h"

namespace liaison::store {
namespace {
static_assert(sizeof(std::size_t) == 8 && std::endian::native == std::endian::little);

constexpr std::size_t page_header_bytes = 16, node_header_bytes = 8, table_bytes = 48;
constexpr std::size_t meta_tables_at = 16 + 24, meta_last_page_at = meta_tables_at + 2 * table_bytes, meta_txn_at = meta_last_page_at + 8;
constexpr std::uint32_t magic = 0xBEEFC0DE, data_version = 1;
constexpr std::uint16_t branch = 0x01, leaf = 0x02, overflow = 0x04, meta = 0x08, volatile_flags = 0xC010;  // dirty, loose, keep: no meaning on disk
constexpr std::uint16_t big_value = 0x01, sub_table = 0x02;
constexpr std::uint64_t no_page = ~std::uint64_t{0};
constexpr std::uint16_t depth_max = 32;

enum class Tree : std::uint8_t { free_pages, tables, rows };

struct Visit {
  std::uint64_t page;
  std::uint16_t levels_below;  // 0: must be a leaf
  Tree tree;
};

template <class Number>
Number number_at(ByteView bytes, std::size_t at) {
  Number value{};
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

class Checker {
 public:
  Checker(const std::filesystem::path& path, int file, std::uint64_t file_bytes) : path_(path), file_(file), file_bytes_(file_bytes) {}
  Result<void> run(std::uint64_t pages_max);

 private:
  Error damaged(std::uint64_t page, std::string_view what) const {
    return fail(Errc::store_corrupt, path_.string() + ": page " + std::to_string(page) + ": " + std::string(what) + "; stop, check the disk, restore the last backup");
  }
  Result<void> read(std::uint64_t at, std::span<std::uint8_t> out, std::uint64_t page) const;
  Result<void> read_meta();
  Result<void> enter(ByteView table, Tree tree, std::uint64_t page);
  Result<void> check_page(const Visit& visit);
  Result<void> check_nodes(const Visit& visit, ByteView page);
  Result<void> check_leaf_node(const Visit& visit, ByteView node, std::size_t room);
  Result<Bytes> read_big_value(std::uint64_t first, std::size_t bytes, bool wanted);
  Result<void> check_free_list(ByteView list, std::uint64_t page) const;

  const std::filesystem::path& path_;
  int file_;
  std::uint64_t file_bytes_;
  std::size_t page_bytes_ = 4096;
  std::uint64_t last_page_ = 0;
  Bytes newest_meta_;
  std::deque<Visit> waiting_;
  std::set<std::uint64_t> seen_;  // a page reached twice would be a cycle or shared by two tables
};

Result<void> Checker::read(std::uint64_t at, std::span<std::uint8_t> out, std::uint64_t page) const {
  while (!out.empty()) {
    const ssize_t got = ::pread(file_, out.data(), out.size(), static_cast<off_t>(at));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return damaged(page, "the disk cannot read it: " + std::error_code(errno, std::generic_category()).message());
    if (got == 0) return damaged(page, "the file is cut off before it");
    at += static_cast<std::uint64_t>(got);
    out = out.subspan(static_cast<std::size_t>(got));
  }
  return {};
}

// The newer of the two meta pages is the state of the store; each commit overwrites the older one.
Result<void> Checker::read_meta() {
  Bytes head(meta_txn_at + 8);
  LIAISON_CHECK(read(0, head, 0));
  page_bytes_ = number_at<std::uint32_t>(head, meta_tables_at);
  if (page_bytes_ < 512 || page_bytes_ > 65536 || !std::has_single_bit(page_bytes_)) return damaged(0, "not a meta page");
  for (std::uint64_t page = 0; page < 2; ++page) {
    LIAISON_CHECK(read(page * page_bytes_, head, page));
    if ((number_at<std::uint16_t>(head, 10) & meta) == 0 || number_at<std::uint32_t>(head, 16) != magic || number_at<std::uint32_t>(head, 20) != data_version ||
        number_at<std::uint32_t>(head, meta_tables_at) != page_bytes_)
      return damaged(page, "not a meta page");
    if (newest_meta_.empty() || number_at<std::uint64_t>(head, meta_txn_at) > number_at<std::uint64_t>(newest_meta_, meta_txn_at)) newest_meta_ = head;
  }
  last_page_ = number_at<std::uint64_t>(newest_meta_, meta_last_page_at);
  // Free pages at the end may never have been written, hence not a comparison with the length of the file; see Environment::check_length.
  if (last_page_ > (std::uint64_t{1} << 47) / page_bytes_) return damaged(0, "impossible number of pages");
  return {};
}

Result<void> Checker::run(std::uint64_t pages_max) {
  LIAISON_CHECK(read_meta());
  LIAISON_CHECK(enter(ByteView(newest_meta_).subspan(meta_tables_at, table_bytes), Tree::free_pages, 0));
  LIAISON_CHECK(enter(ByteView(newest_meta_).subspan(meta_tables_at + table_bytes, table_bytes), Tree::tables, 0));
  for (std::uint64_t checked = 0; checked < pages_max && !waiting_.empty(); ++checked) {
    const Visit visit = waiting_.front();
    waiting_.pop_front();
    LIAISON_CHECK(check_page(visit));
  }
  return {};
}

// A table's record: pad u32, flags u16, depth u16, counts of branch, leaf and overflow pages and entries, root.
Result<void> Checker::enter(ByteView table, Tree tree, std::uint64_t page) {
  const auto depth = number_at<std::uint16_t>(table, 6);
  const auto root = number_at<std::uint64_t>(table, 40);
  if (root == no_page && depth == 0) return {};
  if (root == no_page || depth == 0 || depth > depth_max) return damaged(page, "a table without a proper root");
  waiting_.push_back({root, static_cast<std::uint16_t>(depth - 1), tree});
  return {};
}

Result<void> Checker::check_page(const Visit& visit) {
  if (visit.page < 2 || visit.page > last_page_) return damaged(visit.page, "is named but is not a page of the store");
  if (!seen_.insert(visit.page).second) return damaged(visit.page, "is used twice");
  Bytes page(page_bytes_);
  LIAISON_CHECK(read(visit.page * page_bytes_, page, visit.page));
  const auto flags = static_cast<std::uint16_t>(number_at<std::uint16_t>(page, 10) & ~volatile_flags);
  if (number_at<std::uint64_t>(page, 0) != visit.page || flags != (visit.levels_below == 0 ? leaf : branch)) return damaged(visit.page, "holds something else");
  return check_nodes(visit, page);
}

Result<void> Checker::check_nodes(const Visit& visit, ByteView page) {
  const std::size_t lower = number_at<std::uint16_t>(page, 12), upper = number_at<std::uint16_t>(page, 14);
  if (lower < page_header_bytes + 2 || lower % 2 != 0 || lower > upper || upper > page_bytes_) return damaged(visit.page, "broken directory");
  ByteView key_before;
  for (std::size_t at = page_header_bytes; at < lower; at += 2) {
    const std::size_t begin = number_at<std::uint16_t>(page, at);
    if (begin < upper || begin + node_header_bytes > page_bytes_) return damaged(visit.page, "a row outside the page");
    const ByteView node = page.subspan(begin);
    const std::size_t key_bytes = number_at<std::uint16_t>(node, 6);
    if (node_header_bytes + key_bytes > node.size()) return damaged(visit.page, "a key outside the page");
    const ByteView key = node.subspan(node_header_bytes, key_bytes);
    const bool implicit = visit.levels_below != 0 && at == page_header_bytes;  // the first key of a branch is not stored
    if (visit.tree != Tree::free_pages && !implicit && !key_before.empty() && !std::lexicographical_compare(key_before.begin(), key_before.end(), key.begin(), key.end()))
      return damaged(visit.page, "keys out of order");
    if (!implicit) key_before = key;
    if (visit.levels_below == 0) {
      LIAISON_CHECK(check_leaf_node(visit, node, node.size() - node_header_bytes - key_bytes));
    } else {
      const std::uint64_t child = number_at<std::uint16_t>(node, 0) | std::uint64_t{number_at<std::uint16_t>(node, 2)} << 16 | std::uint64_t{number_at<std::uint16_t>(node, 4)} << 32;
      waiting_.push_back({child, static_cast<std::uint16_t>(visit.levels_below - 1), visit.tree});
    }
  }
  return {};
}

Result<void> Checker::check_leaf_node(const Visit& visit, ByteView node, std::size_t room) {
  const std::size_t value_bytes = number_at<std::uint16_t>(node, 0) | std::size_t{number_at<std::uint16_t>(node, 2)} << 16;
  const auto flags = number_at<std::uint16_t>(node, 4);
  const std::size_t value_at = node_header_bytes + number_at<std::uint16_t>(node, 6);
  const std::uint16_t allowed = visit.tree == Tree::tables ? sub_table : big_value;
  if ((flags & ~allowed) != 0) return damaged(visit.page, "a row of an unknown kind");
  const bool big = (flags & big_value) != 0;
  if ((big ? sizeof(std::uint64_t) : value_bytes) > room) return damaged(visit.page, "a value outside the page");
  Bytes value;
  if (big) {
    LIAISON_TRY(value, read_big_value(number_at<std::uint64_t>(node, value_at), value_bytes, visit.tree == Tree::free_pages));
  } else if (visit.tree != Tree::rows) {
    value = to_bytes(node.subspan(value_at, value_bytes));
  }
  if (visit.tree == Tree::free_pages) return check_free_list(value, visit.page);
  if (visit.tree != Tree::tables) return {};
  if (flags != sub_table || value.size() != table_bytes) return damaged(visit.page, "a table without a proper record");
  return enter(value, Tree::rows, visit.page);
}

// Large values lie in a run of pages with one header.
Result<Bytes> Checker::read_big_value(std::uint64_t first, std::size_t bytes, bool wanted) {
  const std::uint64_t pages = (page_header_bytes + bytes + page_bytes_ - 1) / page_bytes_;
  if (first < 2 || first > last_page_ || pages > last_page_ - first + 1) return damaged(first, "is named as a value but is not a page of the store");
  if (!seen_.insert(first).second) return damaged(first, "is used twice");
  Bytes head(page_header_bytes);
  LIAISON_CHECK(read(first * page_bytes_, head, first));
  if (number_at<std::uint64_t>(head, 0) != first || (number_at<std::uint16_t>(head, 10) & ~volatile_flags) != overflow || number_at<std::uint32_t>(head, 12) != pages)
    return damaged(first, "holds something else");
  if ((first * page_bytes_ + page_header_bytes + bytes) > file_bytes_) return damaged(first, "the file is cut off inside the value");
  Bytes value(wanted ? bytes : 0);
  LIAISON_CHECK(read(first * page_bytes_ + page_header_bytes, value, first));
  return value;
}

// Wrong free pages would let the next commit overwrite live ones: a count, then page numbers in falling order.
Result<void> Checker::check_free_list(ByteView list, std::uint64_t page) const {
  if (list.size() < 8 || list.size() % 8 != 0 || number_at<std::uint64_t>(list, 0) > list.size() / 8 - 1) return damaged(page, "broken list of free pages");
  std::uint64_t before = last_page_ + 1;
  for (std::uint64_t i = 1; i <= number_at<std::uint64_t>(list, 0); ++i) {
    const auto free_page = number_at<std::uint64_t>(list, 8 * i);
    if (free_page < 2 || free_page >= before) return damaged(page, "broken list of free pages");
    before = free_page;
  }
  return {};
}
}  // namespace

Result<void> check_pages(const std::filesystem::path& file, std::uint64_t pages_max) {
  const Descriptor data(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!data && errno == ENOENT) return {};
  struct stat info {};
  if (!data || ::fstat(data.get(), &info) != 0) return fail(Errc::store_failed, file.string() + ": cannot read: " + std::error_code(errno, std::generic_category()).message());
  if (info.st_size == 0) return {};
  return Checker(file, data.get(), static_cast<std::uint64_t>(info.st_size)).run(pages_max);
}

}  // namespace liaison::store
