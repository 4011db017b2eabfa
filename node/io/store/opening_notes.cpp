// A mapped file of 64 slots and 256 suspects; positions are 64 bits of a hash, which is enough to recognise one and tells nothing.
#include "io/store/opening_notes.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/merkle/sha256.h"

namespace liaison::store {
namespace {
constexpr std::uint64_t ends_until_suspect = 2;
}

Result<std::unique_ptr<MappedOpeningNotes>> MappedOpeningNotes::open(const std::filesystem::path& file) {
  const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return fail(Errc::store_failed, "cannot open " + file.string() + ": " + std::strerror(errno));
  struct stat status {};
  const bool sized = ::fstat(fd, &status) == 0 && (status.st_size == 0 || status.st_size == sizeof(File));
  if (!sized) {
    ::close(fd);
    return fail(Errc::store_corrupt, file.string() + " has a wrong size; the node may start without it: move it away");
  }
  if (status.st_size == 0 && ::posix_fallocate(fd, 0, sizeof(File)) != 0) {
    ::close(fd);
    return fail(Errc::disk_full, "cannot make " + file.string() + "; free disk space");
  }
  void* map = ::mmap(nullptr, sizeof(File), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  ::close(fd);
  if (map == MAP_FAILED) return fail(Errc::store_failed, "cannot map " + file.string() + ": " + std::strerror(errno));
  auto notes = std::unique_ptr<MappedOpeningNotes>(new MappedOpeningNotes(static_cast<File*>(map)));
  notes->count_ends();
  return notes;
}

MappedOpeningNotes::~MappedOpeningNotes() {
  for (auto& slot : file_->slots) slot.position = 0;
  ::munmap(file_, sizeof(File));
}

// Slots still taken belong to a process that ended without a clean stop.
void MappedOpeningNotes::count_ends() {
  for (auto& slot : file_->slots) {
    if (slot.position == 0) continue;
    Suspect* entry = nullptr;
    for (auto& suspect : file_->suspects)
      if (suspect.position == slot.position || (entry == nullptr && suspect.position == 0)) entry = &suspect;
    if (entry == nullptr) entry = &file_->suspects[slot.position % std::size(file_->suspects)];
    *entry = {slot.position, entry->position == slot.position ? entry->ends + 1 : 1};
    slot.position = 0;
  }
}

std::uint64_t MappedOpeningNotes::position_of(const exchange::LogKey& log, std::uint64_t index) {
  const Hash hash = merkle::sha256(exchange::key_of(log, index));
  return ByteReader(hash).u64() | 1;
}

std::size_t MappedOpeningNotes::slot_of_thread() {
  thread_local std::size_t slot = std::size(file_->slots);
  if (slot == std::size(file_->slots)) {
    const std::scoped_lock lock(mutex_);
    slot = slots_used_++ % std::size(file_->slots);
  }
  return slot;
}

void MappedOpeningNotes::begin(const exchange::LogKey& log, std::uint64_t index) { file_->slots[slot_of_thread()].position = position_of(log, index); }
void MappedOpeningNotes::end() { file_->slots[slot_of_thread()].position = 0; }

bool MappedOpeningNotes::suspect(const exchange::LogKey& log, std::uint64_t index) const {
  const std::uint64_t position = position_of(log, index);
  for (const auto& suspect : file_->suspects)
    if (suspect.position == position) return suspect.ends >= ends_until_suspect;
  return false;
}

}  // namespace liaison::store
