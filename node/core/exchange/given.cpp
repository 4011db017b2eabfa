// See given.h. A disclosure names by `prev` the package it was made of: the one held now, the one stored, or one that was superseded.
#include "core/exchange/given.h"

#include <algorithm>

#include "core/exchange/stored_record.h"

namespace liaison::exchange {
namespace {
std::optional<Hash> last_of(const record::Package& package) {
  if (package.disclosures.empty()) return std::nullopt;
  return crypto::text_hash(view(package.disclosures.back().text));
}

// What the package opened whose last disclosure has this hash.
Result<std::vector<Bytes>> paths_before(const Context& context, const RecordKey& key, const Hash& package) {
  LIAISON_TRY(const auto stored, load_record(context, key));
  if (stored.row.last_disclosure == package) return paths_of(stored.package.openings);
  const auto& superseded = stored.row.superseded;
  const auto found = std::find_if(superseded.begin(), superseded.end(), [&](const auto& one) { return one.disclosure == package; });
  if (found == superseded.end()) return fail(Errc::superseded, "the recipient got a newer package");
  return found->opened;
}
}  // namespace

std::vector<Bytes> paths_of(const record::Openings& openings) {
  std::vector<Bytes> paths;
  for (std::size_t i = 0; i < openings.size(); ++i) paths.push_back(to_bytes(openings.path(i)));
  return paths;
}

Given make_given(const Earlier& earlier, const record::Openings& openings) {
  Given given{earlier.disclosure, {}};
  given.effects.resize(openings.size());
  for (std::size_t i = 0; i < earlier.paths.size(); ++i)
    if (const auto leaf = openings.find(earlier.paths[i])) given.effects[*leaf] = earlier.effects[i];
  return given;
}

Result<std::optional<Given>> load_given(const Context& context, const RecordKey& key, const record::Package& held, std::string_view recipient) {
  LIAISON_TRY(const auto bytes, context.ports.store.get(Table::disclosure, key_of(key, recipient)));
  if (!bytes) return std::optional<Given>{};
  LIAISON_TRY(const auto row, decode_disclosure_row(*bytes));
  if (row.state != DisclosureState::dispatched || row.disclosure.text.empty()) return std::optional<Given>{};
  LIAISON_TRY(const auto disclosure, record::parse_disclosure(view(row.disclosure.text)));
  Given given{crypto::text_hash(view(row.disclosure.text)), {}};
  if (disclosure.prev == last_of(held)) {
    if (row.effects.size() != held.openings.size()) return fail(Errc::store_corrupt, "row of table disclosure");
    given.effects.assign(row.effects.begin(), row.effects.end());
    return std::optional(std::move(given));
  }
  liaison_assert(disclosure.prev.has_value());  // own records have one package only
  LIAISON_TRY(auto paths, paths_before(context, key, *disclosure.prev));
  if (paths.size() != row.effects.size()) return fail(Errc::superseded, "it is not known what the recipient has");
  return std::optional(make_given({given.disclosure, std::move(paths), row.effects}, held.openings));
}

}  // namespace liaison::exchange
