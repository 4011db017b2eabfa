// What a recipient already has of a record, by the last disclosure to it: a package that takes its place must open all of that (formats 2.4).
// In terms of the package held now, also where the disclosure was made of one that this agency got before. Reads the store; no effects.
#pragma once
#include "core/exchange/context.h"
#include "core/exchange/rows.h"

namespace liaison::exchange {

// A disclosure as it was made: paths and effects of the leaves held then.
struct Earlier {
  Hash disclosure{};
  std::vector<Bytes> paths;
  std::vector<record::LeafEffect> effects;
};
struct Given {
  Hash disclosure{};
  std::vector<std::optional<record::LeafEffect>> effects;  // by opening of the package held now; none: it was not there
  bool has(std::size_t leaf) const { return effects[leaf] == record::LeafEffect::open; }
};
std::vector<Bytes> paths_of(const record::Openings& openings);
Given make_given(const Earlier& earlier, const record::Openings& openings);
// None: nothing was dispatched to this agency, or it was refused. Errors: superseded (`held` is older than what was disclosed).
Result<std::optional<Given>> load_given(const Context& context, const RecordKey& key, const record::Package& held, std::string_view recipient);

}  // namespace liaison::exchange
