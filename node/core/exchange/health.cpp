// See health.h. Thresholds stand here and nowhere else.
#include "core/exchange/health.h"

#include <array>

namespace liaison::exchange {
namespace {
using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;

constexpr auto ends_bad = days{7};
constexpr auto ends_watch = days{30};
constexpr std::uint64_t room_bad = 256ULL << 20, room_watch = 2ULL << 30;
constexpr auto away_bad = minutes{10};            // with records waiting
constexpr auto unreceipted_watch = minutes{5};
constexpr auto clocks_watch = Seconds{30};        // frames of a peer further off than limits::clock_ahead_max are refused

std::string call(const directory::Agency& agency) {
  for (const auto& one : agency.competences)
    if (!one.telephone.empty()) return "call its duty desk, " + one.telephone;
  return "call its duty desk";
}

std::string waiting_text(const Peer::Status& status) {
  const auto waiting = status.waiting[0] + status.waiting[1];
  return waiting == 0 ? "nothing waits" : std::to_string(waiting) + " wait to be sent (" + std::to_string(status.waiting[0]) + " urgent)";
}

Finding link_health(const directory::Agency& agency, const Peer::Status& status, Time now) {
  Finding link{Health::good, "link", agency.id, "", ""};
  if (status.connected) {
    link.found = "reachable, TLS 1.3, admitted, in session since " + to_string(status.since) + "; " + waiting_text(status);
    return link;
  }
  link.found = (status.since == Time{} ? "no session since this node started" : "no session, the last one began " + distance(now, status.since)) + "; " + waiting_text(status);
  if (!status.detail.empty()) link.found += "; last reason: " + status.detail;
  const bool due = status.waiting[0] + status.waiting[1] > 0 && (status.since == Time{} || now - status.since > away_bad);
  link.health = due ? Health::bad : Health::watch;
  if (agency.endpoints.empty()) link.cure = "it has no endpoint in the directory and dials us: " + call(agency);
  else if (status.detail.find("not_admitted") != std::string::npos) link.cure = "one side refuses the other's certificate: run liaison doctor --config at both; " + call(agency);
  else link.cure = "liaison reconnect " + agency.id + "; check network and firewall to " + agency.endpoints.front() + "; " + call(agency);
  return link;
}

Finding ledger_health(const directory::Agency& agency, const Peer::Status& status, Time now) {
  Finding ledger{Health::good, "ledger", agency.id, "", ""};
  const std::string last = status.last_receipt ? "last receipt " + distance(now, *status.last_receipt) : "no receipt yet";
  if (status.state == "stopped") {
    ledger.health = Health::bad;
    ledger.found = status.detail;
    ledger.cure = "liaison ledger show " + agency.id + ", and " + call(agency);
    return ledger;
  }
  ledger.found = status.unreceipted == 0 ? "everything sent is receipted, " + last : std::to_string(status.unreceipted) + " sent without receipt, " + last;
  if (status.connected && status.unreceipted > 0 && now - status.since > unreceipted_watch && (!status.last_receipt || now - *status.last_receipt > unreceipted_watch)) {
    ledger.health = Health::watch;
    ledger.cure = "the peer stores slowly or not at all: " + call(agency) + "; they run liaison doctor";
  }
  return ledger;
}

std::string seconds(std::chrono::nanoseconds span) {
  const auto tenths = std::chrono::duration_cast<std::chrono::duration<std::int64_t, std::deci>>(span).count();
  return std::to_string(tenths / 10) + "." + std::to_string(std::abs(tenths % 10)) + " s";
}
}  // namespace

std::string distance(Time from, Time to) {
  const auto span = to < from ? from - to : to - from;
  std::string text;
  if (span >= days{2}) text = std::to_string(span / days{1}) + " days";
  else if (span >= hours{2}) text = std::to_string(span / hours{1}) + " hours";
  else if (span >= minutes{2}) text = std::to_string(span / minutes{1}) + " minutes";
  else text = std::to_string(span / Seconds{1}) + " seconds";
  return to < from ? text + " ago" : "in " + text;
}

Finding ending(const directory::Expiry& one, Time now) {
  Finding found{Health::good, one.area, one.subject, directory::ends_text(one, now), ""};
  if (one.ends - now < ends_bad) found.health = Health::bad;
  else if (one.ends - now < ends_watch) found.health = Health::watch;
  if (found.health != Health::good) found.cure = one.cure;
  return found;
}

Finding free_room(std::string subject, std::uint64_t free_bytes) {
  Finding found{Health::good, "disk", std::move(subject), std::to_string(free_bytes >> 20) + " MiB free", ""};
  if (free_bytes < room_bad) found.health = Health::bad;
  else if (free_bytes < room_watch) found.health = Health::watch;
  if (found.health != Health::good) found.cure = "free space or enlarge the disk; a full disk refuses new messages and loses none that was accepted";
  return found;
}

Finding directory_health(const directory::Directory& directory, Time now, const std::optional<Time>& override_until) {
  const std::string version = "version " + std::to_string(directory.version()) + ", issued " + distance(now, directory.issued());
  if (now > directory.grace() && override_until && now < *override_until)
    return {Health::watch, "directory", directory.realm(), version + ", past its grace, used by an administrator's word; everything stops " + distance(now, *override_until),
            "get a new version from the authority before that and publish it (liaison directory publish)"};
  if (now > directory.grace())
    return {Health::bad, "directory", directory.realm(), version + ", past its grace since " + to_string(directory.grace()) + ": nothing is sealed or accepted, queues hold",
            "get a new version from the authority and publish it (liaison directory publish)"};
  if (now > directory.expires())
    return {Health::bad, "directory", directory.realm(), version + ", expired; everything stops " + distance(now, directory.grace()), "get a new version from the authority before that"};
  Finding found = ending({"directory", directory.realm(), directory.expires(), "ask the authority for a new version; after the end there is grace until " + to_string(directory.grace())}, now);
  found.found = version + ", " + found.found;
  return found;
}

std::vector<Finding> key_health(const Context& context) {
  std::vector<Finding> found;
  const Time now = context.ports.clock.now();
  for (const auto role : {crypto::KeyRole::seal, crypto::KeyRole::link, crypto::KeyRole::box, crypto::KeyRole::log}) {
    const std::string subject(crypto::name(role));
    const auto key = context.ports.keys.public_key(role);
    if (!key) {
      found.push_back({Health::bad, "key", subject, "not to be had: " + key.error().message(), "put the key back, or make a new one and have it registered"});
      continue;
    }
    if (const auto valid = context.directory->key(context.agency, role, key->hash(), now); !valid)
      found.push_back({Health::bad, "key", subject, "key " + to_base64(key->hash()) + " is not valid by the directory: " + valid.error().message(), "have the authority register it or a new one (liaison keys show)"});
  }
  for (const auto& one : directory::expiries(*context.directory, context.agency, {}))
    if (one.area != "directory") found.push_back(ending(one, now));
  return found;
}

std::vector<Finding> peer_health(const directory::Agency& agency, const Peer::Status& status, Time now) {
  std::vector<Finding> found{link_health(agency, status, now), ledger_health(agency, status, now)};
  if (!status.clock) return found;
  // Positive: the peer's clock is ahead of ours.
  const auto [least, most] = *status.clock;
  const bool ahead = least > clocks_watch, behind = most < -clocks_watch;
  Finding clock{ahead || behind ? Health::watch : Health::good, "clock", agency.id, "", ""};
  if (ahead) clock.found = "the peer's clock is at least " + seconds(least) + " ahead of ours";
  else if (behind) clock.found = "the peer's clock is at least " + seconds(-most) + " behind ours";
  else clock.found = "the clocks agree as far as signed times tell (between " + seconds(least) + " and " + seconds(most) + ")";
  if (ahead || behind) clock.cure = "compare both clocks with a time server (chronyc tracking, timedatectl)";
  found.push_back(std::move(clock));
  return found;
}

}  // namespace liaison::exchange
