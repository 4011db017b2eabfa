// What this node signed last, in a small file outside the environment, so that a restored backup or a copied disk is noticed before anything is
// signed that contradicts it (formats 7, start-up guard). Written and synced before each signature. Thread safe. Names: "audit/<origin>", "<ledger>".
#pragma once
#include <functional>
#include <map>
#include <mutex>

#include "core/base/result.h"
#include "io/store/files.h"

namespace liaison::store {

struct Mark {
  std::uint64_t size = 0;
  Hash root{};
  bool operator==(const Mark&) const = default;
};
struct NamedMark {
  std::string name;  // no spaces or control characters, at most 256 bytes
  Mark mark;
};

class LastSigned {
 public:
  // A missing file is a first start. Errors: store_corrupt (damaged; names the cure), store_failed.
  static Result<std::unique_ptr<LastSigned>> open(const std::filesystem::path& file);

  std::optional<Mark> find(std::string_view name) const;
  // Durable when it returns; one sync for all. Errc::rolled_back when a mark is smaller than the known one, or has another root at the same size.
  Result<void> advance(std::span<const NamedMark> marks);

  // Start-up: the log of that name must still contain what was signed. `root_at(size)` is the store's root at an earlier size.
  // Errc::rolled_back with what was found; an unknown name is fine.
  using RootAt = std::function<Result<Hash>(std::uint64_t size)>;
  Result<void> check_not_rolled_back(std::string_view name, std::uint64_t size, const RootAt& root_at) const;

 private:
  explicit LastSigned(std::filesystem::path file) : file_(std::move(file)) {}
  using Marks = std::map<std::string, Mark, std::less<>>;
  static std::string format(const Marks& marks);
  static Result<Marks> parse(std::string_view chars);

  std::filesystem::path file_;
  mutable std::mutex mutex_;
  Marks marks_;
};

}  // namespace liaison::store
