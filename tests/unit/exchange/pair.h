// Two whole nodes of the simulator's federation and at most one connection between them, without chance: every commit and task is done at once.
#pragma once
#include <algorithm>
#include <deque>

#include "core/exchange/ledger_rows.h"
#include "core/exchange/node.h"
#include "tests/unit/exchange/party.h"

namespace liaison::exchange::test {

// Two nodes and at most one connection between them; every commit and task is done at once.
struct Pair {
  Party gs{"int.gs"}, ke{"ke.customs"};
  std::map<std::pair<Party*, RequestToken>, Bytes> answers;
  std::deque<std::pair<Party*, Bytes>> wire;
  bool linked = false;
  SessionId session = 0;
  RequestToken token = 0;

  Pair() {
    for (Party* one : {&gs, &ke}) {
      liaison_assert(one->site.start().has_value());
      drain(*one);
    }
  }
  Party& other(Party& one) { return &one == &gs ? ke : gs; }
  Node& node(Party& one) { return *one.site.machine->node; }

  void act(Party& at, Action& action) {
    if (auto* job = std::get_if<CommitSet>(&action)) node(at).on_committed(job->job, at.site.disk.commit(std::span(&job->set, 1)).front());
    else if (auto* task = std::get_if<RunTask>(&action)) task->work()();
    else if (auto* reply = std::get_if<SendReply>(&action)) answers[{&at, reply->token}] = std::move(reply->answer);
    else if (auto* send = std::get_if<SendBytes>(&action)) wire.emplace_back(&at, std::move(send->bytes));
    else if (std::holds_alternative<CloseSession>(action)) unlink();
  }
  void drain(Party& at) {
    for (auto actions = node(at).take_actions(); !actions.empty(); actions = node(at).take_actions())
      for (auto& action : actions) act(at, action);
  }
  void unlink() {
    if (!std::exchange(linked, false)) return;
    wire.clear();
    for (Party* one : {&gs, &ke}) node(*one).on_session_closed(session);
  }
  void link() {
    linked = true;
    ++session;
    for (Party* one : {&gs, &ke}) node(*one).on_session_open(session, other(*one).site.agency);
  }
  // One chunk from one side to the other; false: nothing was under way.
  bool step() {
    for (Party* one : {&gs, &ke}) drain(*one);
    if (wire.empty()) return false;
    auto [from, bytes] = std::move(wire.front());
    wire.pop_front();
    node(other(*from)).on_session_bytes(session, bytes);
    if (linked) node(*from).on_session_writable(session);
    return true;
  }
  void settle_hello() {
    while (step()) {
    }
  }
  // Until nothing happens any more; a link that was closed is opened again, a few times.
  void settle() {
    int links = 5;
    for (int quiet = 0; quiet < 3;) {
      if (!linked && links-- > 0) link();
      if (step()) {
        quiet = 0;
        continue;
      }
      gs.now += Milliseconds{200};
      ke.now = gs.now;
      for (Party* one : {&gs, &ke}) node(*one).on_tick();
      ++quiet;
    }
    unlink();
  }
  const api::Answer& ask(Party& at, const std::string& person, Bytes call, bool while_linked = false) {
    node(at).on_request(++token, person, std::move(call));
    drain(at);
    if (while_linked) settle();
    return *flatbuffers::GetRoot<api::Answer>(answers.at({&at, token}).data());
  }
  Uuid submit(Party& at, std::uint8_t number) {
    const auto& answer = ask(at, "officer", sim::submit_call({make_uuid(start, std::array<std::uint8_t, 10>{number}), {other(at).site.agency}, false, {}}));
    const auto* accepted = answer.reply_as_Accepted();
    liaison_assert(accepted != nullptr);
    Uuid id;
    std::memcpy(id.bytes.data(), accepted->record()->data(), 16);
    return id;
  }
  void restart(Party& at) {
    unlink();
    at.site.machine.reset();
    at.site.disk.memory.reopen();
    liaison_assert(at.site.start().has_value());
    drain(at);
  }
  void put_back(Party& at, const support::MemoryStore::State& state) {
    unlink();
    at.site.machine.reset();
    at.site.disk.memory.restore(state);
    at.site.disk.memory.reopen();
    liaison_assert(at.site.start().has_value());
    drain(at);
  }
  std::size_t times_in_inbox(Party& at, const Uuid& id) const {
    const auto rows = at.site.disk.memory.scan(Table::inbox, {}, 1000).value();
    return static_cast<std::size_t>(std::count_if(rows.begin(), rows.end(), [&](const Row& row) { return decode_inbox_row(row.second)->record.id == id; }));
  }
  bool has_alarm(Party& at, std::string_view code) const {
    const auto rows = at.site.disk.memory.scan(Table::alarm, {}, 1000).value();
    return std::any_of(rows.begin(), rows.end(), [&](const Row& row) { return decode_alarm_row(row.second)->code == code; });
  }
  static LogKey log(Party& peer, Direction direction, std::uint32_t epoch = 0) { return {peer.site.agency, direction, 0, Lane::routine, epoch}; }
  HeadRow head(Party& at, const LogKey& key) const { return load_head(at.site.disk.memory, key).value(); }
};

}  // namespace liaison::exchange::test
