// See node_commands.h. Both only show what the node answers; nothing is decided here.
#include "admin-cli/node_commands.h"

#include <algorithm>
#include <memory>
#include <ostream>

#include "admin-cli/node_client.h"
#include "admin-cli/print.h"

namespace liaison::cli {
namespace {
using Flat = flatbuffers::FlatBufferBuilder;

form::Value json_peer(const api::PeerStatus& peer) {
  form::Value one = form::Value::object();
  one.add("agency", json_text(string_of(peer.agency())));
  one.add("connected", json_truth(peer.connected()));
  one.add("since", json_time(peer.since_ms()));
  one.add("waiting_urgent", json_number(peer.waiting_urgent()));
  one.add("waiting_routine", json_number(peer.waiting_routine()));
  one.add("unreceipted", json_number(peer.unreceipted()));
  one.add("state", json_text(string_of(peer.state())));
  one.add("detail", json_text(string_of(peer.detail())));
  return one;
}

std::int64_t usable_until(const api::Status& status) { return std::max(status.directory_grace_ms(), status.directory_override_ms()); }

std::string directory_state(const api::Status& status) {
  if (status.now_ms() <= status.directory_expires_ms()) return "fresh";
  if (status.now_ms() > usable_until(status)) return "stale";
  return status.now_ms() <= status.directory_grace_ms() ? "expired" : "overridden";
}

std::string directory_words(const api::Status& status) {
  constexpr std::int64_t day_ms = 86'400'000;
  const std::string state = directory_state(status);
  std::string out = std::to_string(std::max<std::int64_t>(0, status.now_ms() - status.directory_issued_ms()) / day_ms) + " days old, ";
  if (state == "fresh") return out + "expires " + utc_of_millis(status.directory_expires_ms()) + ", grace until " + utc_of_millis(status.directory_grace_ms());
  if (state == "expired") return out + "EXPIRED " + utc_of_millis(status.directory_expires_ms()) + ", usable until " + utc_of_millis(usable_until(status));
  if (state == "overridden") return out + "PAST ITS GRACE, used until " + utc_of_millis(usable_until(status)) + " by an administrator's word";
  return out + "PAST ITS GRACE since " + utc_of_millis(usable_until(status)) + ": nothing is sent or taken";
}

void print_json_status(const Context& context, const api::Status& status) {
  form::Value root = form::Value::object();
  root.add("agency", json_text(string_of(status.agency())));
  root.add("realm", json_text(string_of(status.realm())));
  root.add("version", json_text(string_of(status.version())));
  root.add("started", json_time(status.started_ms()));
  root.add("now", json_time(status.now_ms()));
  root.add("directory_version", json_number(status.directory_version()));
  root.add("directory_expires", json_time(status.directory_expires_ms()));
  root.add("directory_grace", json_time(status.directory_grace_ms()));
  root.add("directory_issued", json_time(status.directory_issued_ms()));
  if (status.directory_hash() != nullptr) root.add("directory_hash", json_text(to_base64(bytes_of(status.directory_hash()))));
  root.add("directory_state", json_text(directory_state(status)));
  if (status.directory_override_ms() != 0) root.add("directory_override", json_time(status.directory_override_ms()));
  root.add("link_port", json_number(status.link_port()));
  root.add("audit_size", json_number(status.audit_size()));
  root.add("inbox_last", json_number(status.inbox_last()));
  form::Value peers = form::Value::array();
  if (status.peers() != nullptr)
    for (const auto* peer : *status.peers()) peers.elements.push_back(json_peer(*peer));
  root.add("peers", std::move(peers));
  form::Value alarms = form::Value::array();
  if (status.alarms() != nullptr)
    for (const auto* alarm : *status.alarms()) {
      form::Value one = form::Value::object();
      one.add("at", json_time(alarm->at_ms()));
      one.add("code", json_text(string_of(alarm->code())));
      one.add("text", json_text(string_of(alarm->text())));
      alarms.elements.push_back(std::move(one));
    }
  root.add("alarms", std::move(alarms));
  print_json(context, root);
}

void print_status(const Context& context, const api::Status& status) {
  print_pairs(context, {{"node", string_of(status.agency()) + " in realm " + string_of(status.realm()) + ", Liaison " + string_of(status.version())},
                        {"running since", utc_of_millis(status.started_ms())},
                        {"link port", std::to_string(status.link_port())},
                        {"directory", "version " + std::to_string(status.directory_version()) + ", " + directory_words(status)},
                        {"audit log", std::to_string(status.audit_size()) + " entries"},
                        {"inbox", std::to_string(status.inbox_last()) + " records"}});
  context.out() << "\n";
  Table peers{{"PEER", "LINK", "SINCE", "WAITING URGENT", "ROUTINE", "WITHOUT RECEIPT", "STATE", "DETAIL"}, {}};
  if (status.peers() != nullptr)
    for (const auto* peer : *status.peers())
      peers.rows.push_back({string_of(peer->agency()), peer->connected() ? "connected" : "away", utc_of_millis(peer->since_ms()), std::to_string(peer->waiting_urgent()),
                            std::to_string(peer->waiting_routine()), std::to_string(peer->unreceipted()), string_of(peer->state()), string_of(peer->detail())});
  print_table(context, peers, "no peers in the directory");
  if (status.alarms() == nullptr || status.alarms()->size() == 0) return;
  context.out() << "\n";
  Table alarms{{"ALARM AT", "CODE", "WHAT"}, {}};
  for (const auto* alarm : *status.alarms()) alarms.rows.push_back({utc_of_millis(alarm->at_ms()), string_of(alarm->code()), string_of(alarm->text())});
  print_table(context, alarms, "");
}

Result<void> status(Context& context) {
  LIAISON_TRY(auto client, NodeClient::open(context));
  Flat builder;
  LIAISON_TRY(const auto answer, client.ask<api::Status>(builder, api::CreateAskStatus(builder)));
  if (context.json) print_json_status(context, *answer);
  else print_status(context, *answer);
  return {};
}

Result<void> reconnect(const std::string& peer, Context& context) {
  LIAISON_TRY(auto client, NodeClient::open(context));
  Flat builder;
  const auto agency = builder.CreateString(peer);
  LIAISON_TRY(const auto done, client.ask<api::Done>(builder, api::CreateReconnect(builder, agency)));
  if (context.json) {
    form::Value root = form::Value::object();
    root.add("text", json_text(string_of(done->text())));
    print_json(context, root);
  } else {
    context.out() << string_of(done->text()) << "\n";
  }
  return {};
}
}  // namespace

Action bind_status(Options&) {
  return [](Context& context) { return finish(context, status(context)); };
}

Action bind_reconnect(Options& options) {
  auto peer = std::make_shared<std::string>();
  options.text("PEER", *peer, "agency to dial", Need::required);
  return [peer](Context& context) { return finish(context, reconnect(*peer, context)); };
}

}  // namespace liaison::cli
