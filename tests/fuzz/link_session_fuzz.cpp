// A session fed by anybody: the first byte says whether Hello is already exchanged, whether a directory was asked for, and whether the rest is a frame
// (wrapped here) or raw segments.
// Nothing may crash, and what the session holds for the peer stays within the limits.
#include "core/link/segments.h"
#include "tests/support/link_party.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace liaison;
  if (size < 2) return 0;
  static support::LinkParty ke("ke.customs", "int.gs", 1), gs("int.gs", "ke.customs", 2);
  support::LinkPair pair(ke, gs);
  if ((data[0] & 1) != 0) liaison_assert(pair.settle().has_value());
  if ((data[0] & 17) == 17) liaison_assert(pair.at_b.ask_directory({}).has_value());
  const ByteView input(data + 1, size - 1);
  Bytes bytes(input.begin(), input.end());
  if ((data[0] & 2) != 0) {
    bytes.clear();
    for (std::size_t at = 0; at < input.size(); at += limits::segment_bytes_max) {
      const ByteView part = input.subspan(at, std::min(limits::segment_bytes_max, input.size() - at));
      put_u8(bytes, (data[0] >> 2) & 3);
      put_u8(bytes, at + part.size() == input.size() ? 1 : 0);
      put_u16(bytes, static_cast<std::uint16_t>(part.size()));
      put(bytes, part);
    }
  }
  (void)pair.at_b.on_bytes(bytes, pair.now).has_value();
  liaison_assert(pair.at_b.output_bytes() <= limits::output_queue_bytes_max);
  (void)pair.at_b.take_events();
  ke.seen.clear();
  gs.seen.clear();
  return 0;
}
