// The poison guard's memory (formats 4): which envelope each thread is opening, in a small mapped file that survives the process without a flush.
// A position under which the process ended twice without a clean stop is suspect; one end is too little, since a node may be killed while it opens
// a good envelope. Thread safe.
#pragma once
#include <filesystem>
#include <memory>
#include <mutex>

#include "core/exchange/receive.h"

namespace liaison::store {

class MappedOpeningNotes final : public exchange::OpeningNotes {
 public:
  // A missing file is made; a file of another size is refused (store_corrupt, with the cure).
  static Result<std::unique_ptr<MappedOpeningNotes>> open(const std::filesystem::path& file);
  ~MappedOpeningNotes() override;  // a clean stop: nothing is being opened any more
  MappedOpeningNotes(const MappedOpeningNotes&) = delete;
  MappedOpeningNotes& operator=(const MappedOpeningNotes&) = delete;

  void begin(const exchange::LogKey& log, std::uint64_t index) override;
  void end() override;
  bool suspect(const exchange::LogKey& log, std::uint64_t index) const override;

 private:
  struct Slot { std::uint64_t position; };               // 0: free
  struct Suspect { std::uint64_t position; std::uint64_t ends; };
  struct File { Slot slots[64]; Suspect suspects[256]; };
  explicit MappedOpeningNotes(File* file) : file_(file) {}
  void count_ends();
  static std::uint64_t position_of(const exchange::LogKey& log, std::uint64_t index);
  std::size_t slot_of_thread();

  File* file_;
  mutable std::mutex mutex_;
  std::size_t slots_used_ = 0;
};

}  // namespace liaison::store
