// What happens when a mapped LMDB file turns out damaged while it is read (SIGBUS, SIGSEGV inside the map): one clear line and exit code 3,
// instead of a core dump that names nothing. Faults elsewhere keep their handler. The handler only writes a prepared line and exits.
#pragma once
#include <cstddef>
#include <string_view>

namespace liaison::store {

class MapGuard {
 public:
  MapGuard() = default;
  MapGuard(const void* address, std::size_t bytes, std::string_view place);
  MapGuard(MapGuard&& other) noexcept;
  MapGuard& operator=(MapGuard&& other) noexcept;
  ~MapGuard();

 private:
  int slot_ = -1;
};

}  // namespace liaison::store
