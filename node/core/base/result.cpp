// The names and dispositions of every error code, and what happens when our own rule breaks. Pure but for the abort.
#include "core/base/result.h"

#include <cstdio>
#include <cstdlib>
#include <stdexcept>

namespace liaison {

Disposition disposition(Errc code) {
  const auto number = static_cast<std::uint16_t>(code);
  if (number >= 300) return Disposition::stop_node;
  if (number >= 200) return Disposition::close_link;
  if (number >= 100) return Disposition::refuse_message;
  return Disposition::retry_later;
}

std::string_view name(Errc code) {
  switch (code) {
#define LIAISON_NAME(n) \
  case Errc::n: return #n
    LIAISON_NAME(busy); LIAISON_NAME(disk_full); LIAISON_NAME(peer_away); LIAISON_NAME(conflict);
    LIAISON_NAME(directory_stale); LIAISON_NAME(outcome_unknown);
    LIAISON_NAME(bad_format); LIAISON_NAME(bad_text); LIAISON_NAME(bad_signature); LIAISON_NAME(unknown_key);
    LIAISON_NAME(key_not_valid); LIAISON_NAME(wrong_realm); LIAISON_NAME(wrong_recipient); LIAISON_NAME(wrong_sender);
    LIAISON_NAME(limit_exceeded); LIAISON_NAME(unknown_schema); LIAISON_NAME(commitment_mismatch);
    LIAISON_NAME(chain_broken); LIAISON_NAME(route_not_allowed); LIAISON_NAME(audience_excludes);
    LIAISON_NAME(group_split); LIAISON_NAME(structure_broken); LIAISON_NAME(rebuild_mismatch);
    LIAISON_NAME(permit_missing); LIAISON_NAME(superseded); LIAISON_NAME(conflicting_version);
    LIAISON_NAME(cannot_open); LIAISON_NAME(expired); LIAISON_NAME(clock_out_of_range); LIAISON_NAME(incomplete);
    LIAISON_NAME(not_permitted); LIAISON_NAME(repeated_value); LIAISON_NAME(not_found); LIAISON_NAME(already_exists);
    LIAISON_NAME(invalid_argument); LIAISON_NAME(invalid_settings);
    LIAISON_NAME(bad_frame); LIAISON_NAME(protocol_violation); LIAISON_NAME(wrong_root); LIAISON_NAME(ledger_fork);
    LIAISON_NAME(peer_rolled_back); LIAISON_NAME(peer_lost_entries); LIAISON_NAME(not_admitted); LIAISON_NAME(tls_failed);
    LIAISON_NAME(store_failed); LIAISON_NAME(store_corrupt); LIAISON_NAME(store_read_only); LIAISON_NAME(rolled_back);
    LIAISON_NAME(key_missing); LIAISON_NAME(key_unprotected); LIAISON_NAME(crypto_failed); LIAISON_NAME(clock_wrong);
#undef LIAISON_NAME
  }
  return "unnamed_error";
}

void throw_exception_from_error(const Error& error, const boost::source_location&) { throw std::runtime_error(error.message()); }

void assertion_failed(const char* expression, const char* file, int line) {
  std::fprintf(stderr, "liaison: broken rule: %s (%s:%d)\n", expression, file, line);
  std::abort();
}

}  // namespace liaison
