// One agency for unit tests of the stages: the simulator's keys, directory and ports without its node, and an envelope sealed as a peer would.
#pragma once
#include "core/exchange/accept.h"
#include "core/exchange/dispatch.h"
#include "core/exchange/receive.h"
#include "tests/sim/site.h"

namespace liaison::exchange::test {

inline const Time start = sim::scenario_start;

struct Party {
  explicit Party(const std::string& agency) : site(agency, 7, now, chance, [](std::uint64_t, const std::string&, Bytes) {}, [](const std::string&) {}), context(site.context()) {}
  Time now = start;
  sim::Chance chance{1};
  sim::Site site;
  ContextPtr context;
};

inline std::shared_ptr<const SealingContext> sealing(Party& from, const std::string& to) {
  return make_sealing_context(sim::realm, from.site.agency, sim::federation().key(to, crypto::KeyRole::box).public_key(), from.now, from.site.random).value();
}
inline EnvelopeHeader header(Party& from, const std::string& to, Content content = Content::package) {
  return {sim::realm, from.site.agency, to, make_uuid(from.now, std::array<std::uint8_t, 10>{1, 2, 3}), Lane::routine, content, from.now, from.now + std::chrono::hours{24}};
}
inline Submission submission(const std::string& to) {
  Submission made;
  made.id = make_uuid(start, std::array<std::uint8_t, 10>{9});
  made.kind = "ecomessage";
  made.message = sim::federation().message;
  made.to = {to};
  made.person = "officer";
  return made;
}
// A record accepted and dispatched to `to`: the element as it travels.
inline DispatchItem dispatched(Party& from, const std::string& to, Submission what) {
  std::vector<ValidMessage> valid;
  valid.push_back(validate(*from.context, std::move(what)).value());
  auto sealed = seal_records(*from.context, std::move(valid));
  auto accepted = make_accept(*from.context, *sealed.front()).value();
  std::vector<OutboxRef> refs;
  refs.push_back({0, accepted.outbox.front().second, sealed.front()->hot()});
  auto prepared = prepare_dispatch(*from.context, to, *sealing(from, to), std::move(refs)).value();
  return std::move(prepared.items.front());
}
inline ReceiveResult received_elements(Party& at, const std::string& from, std::vector<link::Element> elements, Lane lane = Lane::routine) {
  ReceiveInput input;
  input.log = {from, Direction::inbound, 0, lane, 0};
  input.elements = std::move(elements);
  auto result = receive_elements(*at.context, at.site.notes, input);
  liaison_assert(result.has_value());
  return std::move(*result);
}
inline ReceiveResult received_all(Party& at, const std::string& from, std::vector<Bytes> envelopes, Lane lane = Lane::routine) {
  std::vector<link::Element> elements;
  for (auto& envelope : envelopes) elements.push_back({link::EntryBytes{}, std::move(envelope)});
  return received_elements(at, from, std::move(elements), lane);
}
inline ReceivedItem received(Party& at, const std::string& from, Bytes envelope, Lane lane = Lane::routine) {
  return std::move(received_all(at, from, {std::move(envelope)}, lane).items.front());
}

}  // namespace liaison::exchange::test
