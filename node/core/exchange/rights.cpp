// The table of rights. What is not listed is not allowed. Pure.
#include "core/exchange/rights.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace liaison::exchange {
namespace {
using api::Request;
using enum api::Request;

constexpr std::uint64_t bit(Request request) { return std::uint64_t{1} << static_cast<unsigned>(request); }
constexpr std::uint64_t see = bit(AskStatus) | bit(AskHealth) | bit(AskDefaults) | bit(AskPolicy);
constexpr std::uint64_t read = see | bit(AskInbox) | bit(AskRecord) | bit(AskTrack);
constexpr std::uint64_t send = bit(Submit) | bit(Preview) | bit(AskTrack) | bit(AskOutgoing) | bit(Release) | bit(GivePermit) | bit(Ping);
constexpr std::uint64_t decide = bit(AskHeld) | bit(AskHeldItem) | bit(DecideHeld);
constexpr std::uint64_t prove = bit(AskAudit) | bit(AskAuditProof) | bit(CheckLog) | bit(AskLedgers);

struct Role {
  std::string_view name;
  std::uint64_t requests;
};
constexpr std::array roles{
    Role{"reporter", see | bit(Submit) | bit(Preview) | bit(AskTrack)},
    Role{"officer", read | send | bit(Fetch) | bit(AskHeld)},
    Role{"releasing-officer", read | send | bit(Fetch) | decide},
    Role{"analyst", read | bit(Fetch)},
    Role{"records-officer", read | bit(AskOutgoing) | prove},
    Role{"data-protection-officer", see | bit(AskTrack) | bit(AskOutgoing) | bit(AskHeld) | prove},
    Role{"administrator", see | bit(CheckLog) | bit(Reconnect) | bit(Ping) | bit(AskLedgers) | bit(RepairLedger) | bit(PersonAdd) | bit(PersonDisable) | bit(AskPersons) | bit(PublishDirectory) | bit(OverrideDirectory)},
    Role{"security-officer", see | prove | bit(AskPersons) | bit(LoadPolicy)},
    Role{"auditor", see | bit(AskTrack) | prove | bit(AskPersons)},
};
const Role* find(std::string_view name) {
  const auto found = std::find_if(roles.begin(), roles.end(), [name](const Role& role) { return role.name == name; });
  return found == roles.end() ? nullptr : &*found;
}
}  // namespace

bool is_role(std::string_view role) { return find(role) != nullptr; }

std::string known_roles() {
  std::string all;
  for (const auto& role : roles) all += (all.empty() ? "" : ", ") + std::string(role.name);
  return all;
}

bool may(std::string_view role, Request request) {
  const Role* found = find(role);
  // A request newer than this node has a number beyond the list; FlatBuffers lets it through.
  return found != nullptr && request > Request::NONE && request <= Request::MAX && (found->requests & bit(request)) != 0;
}

}  // namespace liaison::exchange
