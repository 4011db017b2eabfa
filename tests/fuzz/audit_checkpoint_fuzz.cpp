// Any bytes as a signed note: refused, or a checkpoint whose body is exactly the beginning of the note.
#include "core/audit/checkpoint.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace liaison;
  const std::string_view note = text({data, size});
  const auto checkpoint = audit::parse_checkpoint(note);
  if (checkpoint) liaison_assert(note.starts_with(audit::checkpoint_body(*checkpoint)));
  return 0;
}
