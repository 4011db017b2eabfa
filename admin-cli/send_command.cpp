// See send_command.h. The Call is built from the options alone, so that repeating a submission sends the same bytes.
#include "admin-cli/send_command.h"

#include <istream>
#include <memory>
#include <ostream>

#include "admin-cli/message_file.h"
#include "admin-cli/node_client.h"
#include "admin-cli/print.h"
#include "core/form/text.h"

namespace liaison::cli {
namespace {
using Flat = flatbuffers::FlatBufferBuilder;
constexpr std::int64_t day_ms = 24 * 60 * 60 * 1000LL;

struct Send {
  MessageSource source;
  std::vector<std::string> to, handling;
  std::string purpose, urgency, reason, level, channel, review, submission;
  bool yes = false;
};

Result<Answered<api::Defaults>> ask_defaults(NodeClient& client) {
  Flat builder;
  const auto kind = builder.CreateString("ecomessage");
  return client.ask<api::Defaults>(builder, api::CreateAskDefaults(builder, kind));
}

std::string joined(const std::vector<std::string>& items, const std::string& none = "-") {
  std::string out;
  for (const auto& item : items) out += (out.empty() ? "" : ", ") + item;
  return out.empty() ? none : out;
}

// "2027-03-04" or a number of days; 0 when nothing was said.
Result<std::int64_t> review_of(const std::string& chars) {
  if (chars.empty()) return std::int64_t{0};
  const auto time = parse_time(chars + "T00:00:00.000Z");
  if (!time) return fail(Errc::invalid_argument, "--review " + form::visible(chars) + ": a date like 2027-03-04 is needed");
  return millis(*time);
}

Result<std::uint8_t> urgency_of(const std::string& chars) {
  if (chars.empty()) return std::uint8_t{0};
  if (chars == "routine") return static_cast<std::uint8_t>(api::Urgency::routine);
  if (chars == "urgent") return static_cast<std::uint8_t>(api::Urgency::urgent);
  return fail(Errc::invalid_argument, "--urgency: routine or urgent");
}

Result<Uuid> submission_of(const std::string& chars) {
  if (chars.empty()) return fresh_uuid();
  const auto id = parse_uuid(chars);
  if (!id) return fail(Errc::invalid_argument, "--submission: the id that an earlier attempt printed is needed");
  return *id;
}

std::string shown(const Context& context, const std::string& given, const std::string& fallback) {
  return given.empty() ? fallback + "  (" + word(context, "agency_default") + ")" : given;
}

void print_plan(const Context& context, const Send& send, const api::Defaults& defaults) {
  const std::int64_t review = millis(wall_now()) + day_ms * defaults.review_days();
  const std::string urgency = shown(context, send.urgency, defaults.urgency() == 1 ? "urgent" : "routine");
  Pairs pairs{{word(context, "from"), string_of(defaults.agency())},
              {word(context, "to"), joined(send.to)},
              {word(context, "purpose"), shown(context, send.purpose, string_of(defaults.purpose()))},
              {word(context, "urgency"), send.reason.empty() ? urgency : urgency + ": " + send.reason},
              {word(context, "level"), shown(context, send.level, string_of(defaults.level()))},
              {word(context, "handling"), shown(context, joined(send.handling, ""), joined(strings_of(defaults.handling())))},
              {word(context, "channel"), shown(context, send.channel, string_of(defaults.channel()))},
              {word(context, "review"), shown(context, send.review, utc_of_millis(review).substr(0, 10))}};
  print_pairs(context, pairs);
}

Result<bool> confirmed(const Send& send, Context& context) {
  if (send.yes) return true;
  if (!context.streams.in_is_terminal)
    return fail(Errc::invalid_argument, "nobody is there to confirm: look at the table and repeat with --yes; nothing was sent");
  context.out() << word(context, "send_question") << " [y/N] " << std::flush;
  std::string answer;
  std::getline(context.streams.in, answer);
  return answer == "y" || answer == "Y" || answer == "yes" || answer == "oui" || answer == "sí" || answer == "si" || answer == "نعم";
}

flatbuffers::Offset<api::Submit> make_submit(Flat& builder, const Send& send, const Bytes& message, const Uuid& submission) {
  const auto id = builder.CreateVector(submission.bytes.data(), submission.bytes.size());
  const auto kind = builder.CreateString("ecomessage");
  const auto body = builder.CreateVector(message);
  const auto to = builder.CreateVectorOfStrings(send.to);
  const auto purpose = builder.CreateString(send.purpose);
  const auto reason = builder.CreateString(send.reason);
  const auto channel = builder.CreateString(send.channel);
  const auto level = builder.CreateString(send.level);
  const auto handling = builder.CreateVectorOfStrings(send.handling);
  api::SubmitBuilder submit(builder);
  submit.add_submission(id);
  submit.add_kind(kind);
  submit.add_message(body);
  submit.add_to(to);
  submit.add_purpose(purpose);
  submit.add_urgency(*urgency_of(send.urgency));
  submit.add_urgency_reason(reason);
  submit.add_channel(channel);
  submit.add_level(level);
  submit.add_handling(handling);
  submit.add_review_ms(*review_of(send.review));
  return submit.Finish();
}

void print_accepted(const Context& context, const api::Accepted& accepted, const Uuid& submission, const std::vector<std::string>& flags) {
  const std::string id = id_of(accepted.record());
  if (context.json) {
    form::Value root = form::Value::object();
    root.add("from", json_text(string_of(accepted.from())));
    root.add("record", json_text(id));
    root.add("version", json_number(accepted.version()));
    root.add("accepted", json_time(accepted.accepted_ms()));
    root.add("to", json_list(strings_of(accepted.to())));
    root.add("repeated", json_truth(accepted.repeated()));
    root.add("submission", json_text(to_string(submission)));
    root.add("flags", json_list(flags));
    print_json(context, root);
    return;
  }
  context.out() << toned(context, Tone::good, word(context, "accepted")) << "  " << id << "  " << utc_of_millis(accepted.accepted_ms())
                << (accepted.repeated() ? "  (" + word(context, "accepted_before") + ")" : "") << "\n" << word(context, "follow_with") << "  liaison track " << id << "\n";
}

Result<Exit> send_message(const Send& send, Context& context) {
  LIAISON_CHECK(urgency_of(send.urgency));
  LIAISON_CHECK(review_of(send.review));
  LIAISON_TRY(const Uuid submission, submission_of(send.submission));
  LIAISON_TRY(const MessageFile file, load_message_file(context, send.source));
  LIAISON_TRY(auto client, NodeClient::open(context));
  if (!context.json) {
    LIAISON_TRY(const auto defaults, ask_defaults(client));
    print_plan(context, send, *defaults);
    for (const auto& flag : file.flags) context.out() << toned(context, Tone::warning, "! " + flag) << "\n";
  }
  LIAISON_TRY(const bool go, confirmed(send, context));
  if (!go) {
    context.err() << word(context, "not_sent") << "\n";
    return Exit::not_confirmed;
  }
  Flat builder(file.message.size() + 4096);
  auto accepted = client.ask<api::Accepted>(builder, make_submit(builder, send, file.message, submission));
  if (!accepted) {
    const Error& error = accepted.error();
    if (disposition(error.code) != Disposition::retry_later) return error;
    return fail(error.code, error.detail + "\nwhether it was accepted is not known: repeat the same command with --submission " + to_string(submission) + " (it is never sent twice)");
  }
  print_accepted(context, **accepted, submission, file.flags);
  return Exit::done;
}

Result<void> show_defaults(Context& context) {
  LIAISON_TRY(auto client, NodeClient::open(context));
  LIAISON_TRY(const auto defaults, ask_defaults(client));
  const std::vector<std::string> agencies = strings_of(defaults->agencies());
  if (context.json) {
    form::Value root = form::Value::object();
    root.add("agency", json_text(string_of(defaults->agency())));
    root.add("purpose", json_text(string_of(defaults->purpose())));
    root.add("urgency", json_text(defaults->urgency() == 1 ? "urgent" : "routine"));
    root.add("channel", json_text(string_of(defaults->channel())));
    root.add("level", json_text(string_of(defaults->level())));
    root.add("handling", json_list(strings_of(defaults->handling())));
    root.add("review_days", json_number(defaults->review_days()));
    root.add("agencies", json_list(agencies));
    print_json(context, root);
    return {};
  }
  print_pairs(context, {{word(context, "from"), string_of(defaults->agency())},
                        {word(context, "purpose"), string_of(defaults->purpose())},
                        {word(context, "urgency"), defaults->urgency() == 1 ? "urgent" : "routine"},
                        {word(context, "level"), string_of(defaults->level())},
                        {word(context, "handling"), joined(strings_of(defaults->handling()))},
                        {word(context, "channel"), string_of(defaults->channel())},
                        {word(context, "review"), std::to_string(defaults->review_days()) + " d"},
                        {word(context, "can_be_addressed"), joined(agencies)}});
  return {};
}

}  // namespace

Action bind_send_ecomessage(Options& options) {
  auto send = std::make_shared<Send>();
  options.text("FILE", send->source.file, "form file (.json) or message (.bin)", Need::required);
  options.list("--to", send->to, "agency to send it to", Need::required);
  options.text("--purpose", send->purpose, "wanted, identify, investigation, alert, missing, deceased, forensic, border, security-check or threat-analysis");
  options.text("--urgency", send->urgency, "routine or urgent");
  options.text("--urgency-reason", send->reason, "why it is urgent");
  options.text("--level", send->level, "national, regional or international");
  options.list("--handling", send->handling, "handling code, for example TLP:AMBER or H1");
  options.text("--channel", send->channel, "interpol, customs, cites or judicial");
  options.text("--review", send->review, "date by which keeping it must be reviewed, for example 2027-03-04");
  options.flag("--fill-unknown", send->source.fill_unknown, "say \"unknown\" in every item that must be stated and is not");
  options.flag("--yes", send->yes, "do not ask");
  options.text("--submission", send->submission, "id of an earlier attempt, to repeat it");
  return [send](Context& context) {
    const auto done = send_message(*send, context);
    return done ? code(*done) : tell(context, done.error());
  };
}

Action bind_defaults(Options&) {
  return [](Context& context) { return finish(context, show_defaults(context)); };
}

}  // namespace liaison::cli
