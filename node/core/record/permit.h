// The originator's permission to pass a record on (formats 3, `liaison permit v1`), as far as verification of a package needs it. Pure.
#pragma once
#include "core/record/manifest.h"

namespace liaison::record {

struct Permit {
  std::string realm;
  Uuid id;
  std::string from;                    // the record's originator
  Hash key{};                          // its seal key
  std::string to;
  std::vector<std::string> recipients; // the `for` lines
  std::string record_from;
  RecordId record;
  Hash manifest{};
  std::vector<Hash> disclosures;
  std::string event, reason;
  Time at{};
};
std::string make_text(const Permit& permit);
Result<Permit> parse_permit(ByteView text);

// Does a handling code that forbids passing on hold for something that is open?
bool is_sticky(const Manifest& manifest, const Openings& openings);
// Handling codes under which nobody passes a record on without a permit (disclosure.md, Sticky).
bool needs_permit(std::string_view handling_code);

}  // namespace liaison::record
