// Any bytes as a distributed directory, a request to join or an anchor: form, tree and entries (signatures pass no mutation, so they are not asked for); as a delta; any text as its source, edited.
#include "core/base/limits.h"
#include "core/directory/delta.h"
#include "core/directory/distributed.h"
#include "core/directory/succession.h"
#include "core/directory/edits.h"
#include "core/directory/joining.h"
#include "core/directory/json_edit.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace liaison;
  const ByteView bytes{data, size};
  static_cast<void>(directory::summarise(bytes));
  static_cast<void>(directory::parse_join_file(bytes));
  static_cast<void>(directory::parse_anchor_file(bytes));
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
  const std::string json(text(bytes));
  const auto made = directory::make_unsigned({json, 1, std::nullopt, time_from_millis(1'780'000'000'000)});
  if (made) liaison_assert(directory::summarise(*made));
  // Whatever is JSON stays JSON when a member is set, and is as before when that one is taken out again.
  const auto tree = directory::read_json_tree(json);
  if (!tree || tree->member("x") != nullptr) return 0;
  const auto set = directory::set_member(json, {}, "x", "1");
  liaison_assert(set && directory::read_json_tree(*set));
  const auto again = directory::remove_member(*set, {}, "x");
  liaison_assert(again && directory::read_json_tree(*again));
  return 0;
}
