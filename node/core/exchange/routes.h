// Routes (disclosure, Routes): over which agencies a record goes to its final recipients on its channel, and which audience leaves each of them needs.
// Answers follow from the directory alone. Pure. Errc: route_not_allowed, with what to do, when there is no way or the sharing level forbids it.
#pragma once
#include <span>

#include "core/exchange/context.h"

namespace liaison::exchange {

struct Journey {
  std::string_view self;        // where the record is now
  std::string_view channel;
  std::string_view level;       // sharing level, empty: none stated
  std::string_view originator;
  Time now;
  std::optional<Time> created{};  // of the record; none: it is made now
  directory::AudienceTimes audience_times() const { return {now, created.value_or(now)}; }
};
Journey make_journey(const Context& context, const record::Manifest& manifest);

// "ke.customs" -> "agency:ke.customs"; "group:.." and "country:.." stay as they are.
std::string audience_of(std::string_view recipient);
bool is_audience_value(std::string_view audience);
// Agencies of the channel that an audience value covers now.
std::vector<std::string> expand_audience(const directory::Directory& directory, const Journey& journey, std::string_view audience);

// From `journey.self` to `recipient`, both included. INTERPOL: up through the own bureau, across, and down; judicial: the same through central
// authorities; customs and CITES: directly.
Result<std::vector<std::string>> make_path(const directory::Directory& directory, const Journey& journey, std::string_view recipient);

// Bureaus that the directory lets forward unopened for the agency before or behind them are passed over: at most two of them.
struct Hop {
  std::string link;                  // whose ledger it goes into
  std::string recipient;             // for whom it is sealed
};
Hop first_hop(const directory::Directory& directory, std::span<const std::string> path);
// Whose ledger leads to this recipient: a bureau that forwards unopened, else the recipient itself.
std::string link_for(const Context& context, const std::string& recipient);
// Does `relay` forward unopened between the two? Never what is its own.
bool forwards_blind(const directory::Directory& directory, std::string_view relay, std::string_view from, std::string_view to);

struct Onward {
  std::string next;                  // whom to disclose to
  std::vector<std::string> finals;   // final recipients behind it, itself included
};
struct Unreachable {
  std::string agency;
  Error error;
};
struct Routes {
  bool for_self = false;             // the audience covers `journey.self`
  std::vector<Onward> onward;        // in the order in which they are first named
  std::vector<Unreachable> unreachable;
};
Routes make_routes(const directory::Directory& directory, const Journey& journey, std::span<const std::string> audiences);

// Values of the open audience leaves.
std::vector<std::string> audiences_of(const record::Openings& openings);
// Audience values that stay open for `recipient`: those that cover it and those that it must serve as a relay.
std::vector<std::string> audience_for(const Context& context, const record::Manifest& manifest, const record::Openings& openings, std::string_view recipient);

// Is `relay` the bureau, or a bureau above it, of an agency that the audience value covers?
bool reaches(const directory::Directory& directory, const Journey& journey, std::string_view relay, std::string_view audience);

// May an agency hold a record of this level at all? National ones stay in the originator's country, regional ones never reach the General Secretariat.
Result<void> check_level(const Journey& journey, std::string_view agency);

}  // namespace liaison::exchange
