// `liaison ping`: one question per request; its asker waits for what relays and addressee say, at most as long as asked for. Forgotten with the process.
#include "core/base/limits.h"
#include "core/exchange/answers.h"
#include "core/exchange/requests.h"

namespace liaison::exchange {
namespace {
constexpr std::size_t pings_max = 16;
constexpr auto wait_max = std::chrono::minutes{2};

std::uint32_t after(Time asked, Time at) { return static_cast<std::uint32_t>(std::max<std::int64_t>(0, (at - asked).count())); }
}  // namespace

void Requests::on_ping(const Caller& caller, const api::Ping& ask) {
  const auto context = node_.context_;
  const std::string agency = string_of(ask.agency());
  const std::string channel = ask.channel() == nullptr || ask.channel()->size() == 0 ? context->defaults.channel : ask.channel()->str();
  if (agency == context->agency) return refuse(caller, Errc::invalid_argument, "that is this agency; name another one");
  if (pings_.size() >= pings_max) return refuse(caller, Errc::busy, "too many pings are under way; ask again in a moment");
  auto path = echo_path(*context, channel, agency);
  if (!path) return refuse(caller, path.error());
  const Time now = node_.engine_.now();
  Ping ping;
  ping.caller = caller;
  ping.path = *path;
  ping.asked = now;
  ping.until = now + std::min<Milliseconds>(Milliseconds(std::max<std::uint32_t>(ask.wait_ms(), 100)), wait_max);
  const Uuid id = context->new_uuid(now);
  const Echo question{context->realm, id, context->agency, context->seal_key, agency, std::nullopt, channel, "ask", "-", now};
  std::string body = make_text(question);
  ping.question = crypto::text_hash(view(body));
  const std::string next = first_hop(*context->directory, *path).recipient;
  pings_.emplace(id, std::move(ping));
  ++node_.tasks_;
  node_.engine_.run(true, [this, id, next, context, body = std::move(body)]() -> Finish {
    Reports reports;
    reports.add(next, body);
    auto made = std::make_shared<Result<std::vector<Report>>>(std::move(reports).finish(*context));
    return [this, id, made] {
      --node_.tasks_;
      if (const auto found = pings_.find(id); found != pings_.end()) send_ping(id, found->second, *made);
    };
  });
}

void Requests::send_ping(const Uuid& id, const Ping& ping, Result<std::vector<Report>>& made) {
  const Caller caller = ping.caller;
  if (!made) {
    pings_.erase(id);
    return refuse(caller, made.error());
  }
  WriteSet set;
  audit::Entry entry = node_.context_->entry(audit::Event::accepted);
  entry.person = node_.context_->commit_to_person(caller.person);
  entry.peer = ping.path.back();
  entry.reason = "echo_ask";
  set.ops.push_back(append_audit(entry));
  auto queued = std::make_shared<std::vector<Queued>>();
  const NextOutboxSeq seqs = [this](const std::string& peer, Lane lane) { return node_.next_outbox_seq(peer, lane); };
  for (auto& report : *made) queue_report(std::move(report), seqs, set.ops, *queued);
  node_.engine_.commit(std::move(set), [this, id, caller, queued](Outcome outcome) {
    node_.on_queued(std::move(*queued), outcome);
    if (outcome == Outcome::committed) return;
    pings_.erase(id);
    refuse(caller, Errc::outcome_unknown, "the store did not confirm; ask again");
  });
}

void Requests::on_echoes(const std::vector<Echo>& echoes) {
  for (const auto& echo : echoes) {
    const auto found = pings_.find(echo.id);
    if (found == pings_.end()) continue;
    Ping& ping = found->second;
    const bool on_the_way = std::find(ping.path.begin() + 1, ping.path.end(), echo.from) != ping.path.end();
    if (echo.question != ping.question || !on_the_way || (echo.event == "answered") != (echo.from == ping.path.back())) continue;
    ping.steps.push_back({echo, node_.engine_.now()});
    if (echo.event != "passed") answer_ping(found->first);
  }
}

void Requests::answer_ping(const Uuid& id) {
  const auto found = pings_.find(id);
  const Ping& ping = found->second;
  flatbuffers::FlatBufferBuilder builder(1024);
  std::vector<flatbuffers::Offset<api::PingStep>> steps;
  for (const auto& [echo, at] : ping.steps) {
    const auto agency = builder.CreateString(echo.from);
    const auto event = builder.CreateString(echo.event);
    steps.push_back(api::CreatePingStep(builder, agency, event, builder.CreateString(echo.next), after(ping.asked, at), millis(echo.at)));
  }
  const bool answered = !ping.steps.empty() && ping.steps.back().first.event == "answered";
  const auto first = node_.peers_.find(ping.path[1]);
  const bool linked = first != node_.peers_.end() && first->second->status().connected;
  const auto path = builder.CreateVectorOfStrings(ping.path);
  const auto list = builder.CreateVector(steps);
  Bytes bytes = finish_answer(builder, api::CreatePinged(builder, path, list, answered, after(ping.asked, node_.engine_.now()), linked));
  const Caller caller = ping.caller;
  pings_.erase(found);
  answer(caller, std::move(bytes));
}

void Requests::on_tick() {
  const Time now = node_.engine_.now();
  std::vector<Uuid> over;
  for (const auto& [id, ping] : pings_)
    if (now >= ping.until || now < ping.asked) over.push_back(id);
  for (const auto& id : over) answer_ping(id);
}

Time Requests::next_deadline() const {
  Time next = Time::max();
  for (const auto& [id, ping] : pings_) next = std::min(next, ping.until);
  return next;
}

}  // namespace liaison::exchange
