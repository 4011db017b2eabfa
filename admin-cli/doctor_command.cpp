// See doctor_command.h. The order: this machine first, then what the node says.
#include "admin-cli/doctor_command.h"

#include <memory>
#include <ostream>

#include "admin-cli/machine_health.h"
#include "admin-cli/node_client.h"
#include "admin-cli/print.h"
#include "core/form/text.h"
#include "io/store/files.h"

namespace liaison::cli {
namespace {
using exchange::Finding;
using exchange::Health;

constexpr auto clock_gap_watch = Seconds{5};

struct Doctor {
  std::string config, report;
};

// What is found at one place.
struct Part {
  std::string place;
  std::vector<Finding> findings;
};

Health level_of(api::HealthLevel level) {
  switch (level) {
    case api::HealthLevel::good: return Health::good;
    case api::HealthLevel::watch: return Health::watch;
    case api::HealthLevel::bad: break;
  }
  return Health::bad;
}

Part ask_node(const Context& context) {
  Part part{"node", {}};
  const auto failed = [&part](const Error& error) {
    part.findings.push_back({Health::bad, "node", "", error.message(), "start it (liaison-node --config FILE, or systemctl start liaison-node) and read its log; then ask again"});
    return part;
  };
  auto client = NodeClient::open(context);
  if (!client) return failed(client.error());
  flatbuffers::FlatBufferBuilder builder;
  const auto answer = client->ask<api::HealthReport>(builder, api::CreateAskHealth(builder));
  if (!answer) return failed(answer.error());
  part.place = "node of " + string_of((*answer)->agency()) + ", Liaison " + string_of((*answer)->version());
  const Time its_clock = time_from_millis((*answer)->now_ms());
  part.findings.push_back({Health::good, "node", "", "running since " + utc_of_millis((*answer)->started_ms()), ""});
  if (const auto gap = wall_now() - its_clock; gap > clock_gap_watch || gap < -clock_gap_watch)
    part.findings.push_back({Health::watch, "clock", "", "the node's clock says " + utc(its_clock) + ", this machine's " + utc(wall_now()), "compare both with a time server"});
  if ((*answer)->findings() != nullptr)
    for (const auto* one : *(*answer)->findings())
      part.findings.push_back({level_of(one->level()), string_of(one->area()), string_of(one->subject()), string_of(one->found()), string_of(one->cure())});
  return part;
}

std::string word_of(Health health) {
  switch (health) {
    case Health::good: return "green";
    case Health::watch: return "amber";
    case Health::bad: break;
  }
  return "red";
}
Tone tone_of(Health health) {
  switch (health) {
    case Health::good: return Tone::good;
    case Health::watch: return Tone::warning;
    case Health::bad: break;
  }
  return Tone::bad;
}
std::size_t count(const std::vector<Part>& parts, Health wanted) {
  std::size_t found = 0;
  for (const auto& part : parts)
    for (const auto& one : part.findings) found += one.health == wanted ? 1 : 0;
  return found;
}

void print(const Context& context, const std::vector<Part>& parts) {
  constexpr std::size_t area_width = 13;
  for (const auto& part : parts) {
    context.out() << part.place << "\n";
    for (const auto& one : part.findings) {
      std::string mark = word_of(one.health);
      mark.resize(7, ' ');
      std::string area = one.area;
      area.resize(std::max(area.size() + 1, area_width), ' ');
      context.out() << "  " << toned(context, tone_of(one.health), mark) << area << form::visible((one.subject.empty() ? "" : one.subject + ": ") + one.found) << "\n";
      if (!one.cure.empty()) context.out() << std::string(9 + area_width, ' ') << "what to do: " << form::visible(one.cure) << "\n";
    }
  }
  const auto red = count(parts, Health::bad), amber = count(parts, Health::watch), green = count(parts, Health::good);
  context.out() << (red + amber == 0 ? "all " + std::to_string(green) + " green" : std::to_string(red) + " red, " + std::to_string(amber) + " amber, " + std::to_string(green) + " green") << "\n";
}

form::Value as_json(const std::vector<Part>& parts) {
  form::Value list = form::Value::array();
  for (const auto& part : parts)
    for (const auto& finding : part.findings) {
      form::Value one = form::Value::object();
      one.add("place", json_text(part.place));
      one.add("health", json_text(word_of(finding.health)));
      one.add("area", json_text(finding.area));
      one.add("subject", json_text(finding.subject));
      one.add("found", json_text(finding.found));
      one.add("cure", json_text(finding.cure));
      list.elements.push_back(std::move(one));
    }
  form::Value root = form::Value::object();
  root.add("at", json_time(millis(wall_now())));
  root.add("red", json_number(count(parts, Health::bad)));
  root.add("amber", json_number(count(parts, Health::watch)));
  root.add("green", json_number(count(parts, Health::good)));
  root.add("findings", std::move(list));
  return root;
}

Result<bool> examine(const Doctor& command, const Context& context) {
  std::vector<Part> parts;
  if (command.config.empty() && context.node_file.empty())
    return fail(Errc::invalid_argument, "say what to examine: --config FILE (on the node's machine), or --node FILE and --as FILE (asks the node), or both");
  if (!command.config.empty()) parts.push_back({"this machine", examine_machine(command.config, wall_now())});
  if (!context.node_file.empty()) parts.push_back(ask_node(context));
  if (!command.report.empty()) LIAISON_CHECK(store::create_durably(command.report, view(form::write_json(as_json(parts))), 0600));
  if (context.json) print_json(context, as_json(parts));
  else print(context, parts);
  if (!command.report.empty() && !context.json) context.out() << "report in " << command.report << ": agencies, codes, times and sizes, nothing of records or persons\n";
  return count(parts, Health::bad) == 0;
}
}  // namespace

Action bind_doctor(Options& options) {
  auto command = std::make_shared<Doctor>();
  options.text("--config", command->config, "settings of the node, to examine its files on this machine");
  options.text("--report", command->report, "write the findings to this new file, for a supporter");
  return [command](Context& context) {
    const auto well = examine(*command, context);
    if (!well) return tell(context, well.error());
    return code(*well ? Exit::done : Exit::not_proved);
  };
}

}  // namespace liaison::cli
