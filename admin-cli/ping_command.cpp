// See ping_command.h. The node waits a little less than the client, so that the client hears how far the question got.
#include "admin-cli/ping_command.h"

#include <memory>
#include <ostream>

#include "admin-cli/node_client.h"
#include "admin-cli/print.h"

namespace liaison::cli {
namespace {
constexpr std::uint64_t spare_ms = 500;

struct PingOptions {
  std::string agency, channel;
};

std::string arrows(const std::vector<std::string>& path) {
  std::string out;
  for (const auto& one : path) out += (out.empty() ? "" : " > ") + one;
  return out;
}

std::string said(const api::PingStep& step) {
  const std::string event = string_of(step.event());
  if (event == "passed") return "passed it on to " + string_of(step.next());
  if (event == "not_passed") return "could not pass it on: " + string_of(step.next());
  return "answered";
}

// Where it is, when there is no answer.
std::string stuck(const api::Pinged& pinged, const std::vector<std::string>& path) {
  if (pinged.steps() == nullptr || pinged.steps()->size() == 0) {
    if (!pinged.linked()) return "it waits here: there is no session with " + path[1] + "; see liaison doctor, liaison reconnect " + path[1];
    return "it went to " + path[1] + ", which says nothing: its node stores slowly, or holds no answer for us; call its duty desk";
  }
  const auto* last = pinged.steps()->Get(pinged.steps()->size() - 1);
  if (string_of(last->event()) == "passed") return "stuck between " + string_of(last->agency()) + " and " + string_of(last->next()) + ": call the duty desk of " + string_of(last->agency());
  return "no way from " + string_of(last->agency()) + ": " + string_of(last->next()) + "; its directory or its channels differ from ours";
}

void print(const Context& context, const api::Pinged& pinged) {
  const auto path = strings_of(pinged.path());
  context.out() << arrows(path) << "\n";
  Table table{{"AGENCY", "SAYS", "AFTER", "BY ITS CLOCK"}, {}};
  if (pinged.steps() != nullptr)
    for (const auto* step : *pinged.steps()) table.rows.push_back({string_of(step->agency()), said(*step), std::to_string(step->after_ms()) + " ms", utc_of_millis(step->said_ms())});
  print_table(context, table, "nobody said anything");
  if (!pinged.answered()) context.out() << toned(context, Tone::bad, "no answer") << " within " << pinged.after_ms() << " ms: " << stuck(pinged, path) << "\n";
}

form::Value as_json(const api::Pinged& pinged) {
  form::Value steps = form::Value::array();
  if (pinged.steps() != nullptr)
    for (const auto* step : *pinged.steps()) {
      form::Value one = form::Value::object();
      one.add("agency", json_text(string_of(step->agency())));
      one.add("event", json_text(string_of(step->event())));
      one.add("next", json_text(string_of(step->next())));
      one.add("after_ms", json_number(step->after_ms()));
      one.add("said", json_time(step->said_ms()));
      steps.elements.push_back(std::move(one));
    }
  form::Value root = form::Value::object();
  root.add("path", json_list(strings_of(pinged.path())));
  root.add("answered", json_truth(pinged.answered()));
  root.add("after_ms", json_number(pinged.after_ms()));
  root.add("steps", std::move(steps));
  return root;
}

Result<bool> ping(const PingOptions& command, const Context& context) {
  LIAISON_TRY(auto client, NodeClient::open(context));
  flatbuffers::FlatBufferBuilder builder;
  const auto agency = builder.CreateString(command.agency);
  const auto channel = builder.CreateString(command.channel);
  const std::uint64_t wait_ms = std::max<std::uint64_t>(context.wait_seconds * 1000, 2 * spare_ms) - spare_ms;
  LIAISON_TRY(const auto pinged, client.ask<api::Pinged>(builder, api::CreatePing(builder, agency, channel, static_cast<std::uint32_t>(std::min<std::uint64_t>(wait_ms, 120'000)))));
  if (context.json) print_json(context, as_json(*pinged));
  else print(context, *pinged);
  return pinged->answered();
}
}  // namespace

Action bind_ping(Options& options) {
  auto command = std::make_shared<PingOptions>();
  options.text("AGENCY", command->agency, "whom to ask", Need::required);
  options.text("--channel", command->channel, "channel whose relays it takes; default: the agency's");
  return [command](Context& context) {
    const auto answered = ping(*command, context);
    if (!answered) return tell(context, answered.error());
    return code(*answered ? Exit::done : Exit::try_again);
  };
}

}  // namespace liaison::cli
