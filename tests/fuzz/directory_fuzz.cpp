// Any bytes as a distributed directory: form, tree and entries (signatures pass no mutation, so they are not asked for); as a delta; any text as its source.
#include "core/base/limits.h"
#include "core/directory/delta.h"
#include "core/directory/distributed.h"
#include "core/directory/succession.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace liaison;
  const ByteView bytes{data, size};
  static_cast<void>(directory::summarise(bytes));
  static_cast<void>(directory::parse_label(bytes));
  static_cast<void>(directory::parse_text_of(bytes));
  static_cast<void>(directory::open_delta(bytes));
  if (const auto made = directory::apply_delta(bytes, std::nullopt)) {
    liaison_assert(made->size() <= 2 * limits::directory_bytes_max);
    static_cast<void>(directory::summarise(*made));
  }
  directory::AuthorityPins pins{1, {Hash{}}};
  liaison_assert(!directory::Directory::load(bytes, pins));
  const Bytes file = to_bytes(bytes);
  liaison_assert(!directory::load_chain(std::span(&file, 1), pins));
  const auto made = directory::make_unsigned({std::string(text(bytes)), 1, std::nullopt, time_from_millis(1'780'000'000'000)});
  if (made) liaison_assert(directory::summarise(*made));
  return 0;
}
