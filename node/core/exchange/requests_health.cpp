// What the node says to `liaison doctor`: findings about the directory, its keys, every peer and what waits for people.
#include "core/exchange/answers.h"
#include "core/exchange/health.h"
#include "core/exchange/requests.h"

namespace liaison::exchange {
namespace {
constexpr std::size_t alarms_looked_at = 20;
constexpr auto lately = std::chrono::hours{24};

Finding alarm_health(const std::vector<std::pair<Time, AlarmRow>>& alarms, Time now) {
  std::size_t recent = 0;
  for (const auto& [at, alarm] : alarms) recent += now - at < lately ? 1 : 0;
  if (recent == 0) return {Health::good, "alarm", "", "none in the last day", ""};
  const auto& [at, newest] = alarms.back();
  return {Health::watch, "alarm", newest.code, (recent == alarms_looked_at ? "at least " : "") + std::to_string(recent) + " in the last day, the newest " + distance(now, at) + ": " + newest.text,
          "liaison status shows them all"};
}

Finding held_health(const HeldBook& held, Time now) {
  Finding found{Health::good, "held", "", held.waiting() == 0 ? "nothing waits for a person" : std::to_string(held.waiting()) + " wait for a person", ""};
  if (const auto overdue = held.reviews_overdue(now); overdue > 0) {
    found.health = Health::watch;
    found.found += ", " + std::to_string(overdue) + " reviews of emergency releases are overdue";
    found.cure = "liaison held list, then liaison held review";
  }
  return found;
}
}  // namespace

void Requests::on_health(const Caller& caller) {
  const auto& context = *node_.context_;
  const Time now = node_.engine_.now();
  std::vector<Finding> findings{directory_health(*context.directory, now, context.directory_override)};
  const auto add = [&findings](std::vector<Finding> more) { findings.insert(findings.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end())); };
  add(key_health(context));
  for (const auto& [id, agency] : context.directory->agencies()) {
    if (id == context.agency) continue;
    const auto peer = node_.peers_.find(id);
    add(peer_health(agency, peer == node_.peers_.end() ? Peer::Status{} : peer->second->status(), now));
  }
  findings.push_back({Health::good, "audit", "", std::to_string(context.ports.audit.frontier().size()) + " entries", ""});
  findings.push_back(held_health(node_.held_, now));
  const auto& refused = node_.refused_;
  if (refused.count > 0 && now - refused.last < lately)
    findings.push_back({Health::watch, "refused", "", std::to_string(refused.count) + " connections since the start, the last one " + distance(now, refused.last) + ": " + refused.reason,
                        "the log names each address; a peer among them has a certificate that does not fit the directory"});
  const auto alarms = newest_alarms(alarms_looked_at);
  if (!alarms) return refuse(caller, alarms.error());
  findings.push_back(alarm_health(*alarms, now));

  flatbuffers::FlatBufferBuilder builder(4096);
  std::vector<flatbuffers::Offset<api::Finding>> out;
  for (const auto& one : findings) {
    const auto area = builder.CreateString(one.area);
    const auto subject = builder.CreateString(one.subject);
    const auto found = builder.CreateString(one.found);
    out.push_back(api::CreateFinding(builder, static_cast<api::HealthLevel>(one.health), area, subject, found, builder.CreateString(one.cure)));
  }
  const auto agency = builder.CreateString(context.agency);
  const auto version = builder.CreateString(node_.options_.version);
  answer(caller, finish_answer(builder, api::CreateHealthReport(builder, agency, version, millis(now), millis(node_.started_), builder.CreateVector(out))));
}

}  // namespace liaison::exchange
