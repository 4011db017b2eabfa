// SecretBytes: key material that is cleansed when it goes, cannot be copied, printed or compared byte by byte.
#pragma once
#include <utility>

#include "core/base/bytes.h"

namespace liaison {

class SecretBytes {
 public:
  SecretBytes() = default;
  explicit SecretBytes(std::size_t size) : bytes_(size) {}
  explicit SecretBytes(ByteView bytes) : bytes_(bytes.begin(), bytes.end()) {}
  SecretBytes(const SecretBytes&) = delete;
  SecretBytes& operator=(const SecretBytes&) = delete;
  SecretBytes(SecretBytes&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}
  SecretBytes& operator=(SecretBytes&& other) noexcept {
    if (this != &other) {
      cleanse();
      bytes_ = std::exchange(other.bytes_, {});
    }
    return *this;
  }
  ~SecretBytes() { cleanse(); }

  ByteView reveal() const { return bytes_; }
  std::span<std::uint8_t> writable() { return bytes_; }
  bool empty() const { return bytes_.empty(); }
  SecretBytes clone() const { return SecretBytes(ByteView(bytes_)); }

 private:
  void cleanse();
  Bytes bytes_;
};

}  // namespace liaison
