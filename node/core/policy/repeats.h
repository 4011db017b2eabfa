// Repeated values (disclosure policy): a withheld or opaque name, number or telephone that stands again in what stays open, in whatever script, case,
// order or spelling. Run on every send and at every relay before anything leaves. Answers places, never values. Pure; shared tables are built once.
#pragma once
#include "core/record/package.h"

namespace liaison::policy {

struct Repeat {
  std::size_t held_back = 0;   // index of the opening that is withheld or opaque
  std::size_t found_in = 0;    // index of the open one
  std::string held_item;       // their form items ("5.b"); the path's name where there is none
  std::string found_item;
  std::size_t offset = 0;      // byte of the open text where it stands again
  bool operator==(const Repeat&) const = default;
};

// `leaves`: one decision per opening. In the order of the openings found in; each held-back leaf once per place; at most `repeats_max`.
// Not searched for: values of fewer than four characters, common words, country names and words of forms, unless a second part of the same name or
// address stands beside them; derived values; audience and decoys. A derived value that is open is no repetition of its base.
inline constexpr std::size_t repeats_max = 1'000;
std::vector<Repeat> find_repeats(const record::Schema& schema, const record::Openings& openings, const std::vector<record::LeafDecision>& leaves);

}  // namespace liaison::policy
