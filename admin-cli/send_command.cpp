// See send_command.h. Nothing leaves before the person, or --yes, confirmed what would.
#include "admin-cli/send_command.h"

#include <istream>
#include <memory>
#include <ostream>

#include "admin-cli/print.h"
#include "admin-cli/send_preview.h"
#include "admin-cli/send_request.h"
#include "core/form/labels.h"
#include "core/form/text.h"

namespace liaison::cli {
namespace {
using Flat = flatbuffers::FlatBufferBuilder;
constexpr std::int64_t day_ms = 24 * 60 * 60 * 1000LL;

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
  return is_yes(answer);
}

form::Value facts_as_json(const ConfirmedFacts& facts) {
  form::Value list = form::Value::array();
  for (std::size_t i = 0; i < facts.answers.size(); ++i) {
    form::Value one = form::Value::object();
    one.add("path", json_text(facts.answers[i].path));
    one.add("values", json_list(facts.answers[i].values));
    one.add("words", json_text(facts.origins[i].words));
    list.elements.push_back(std::move(one));
  }
  return list;
}

void print_accepted(const Context& context, const api::Accepted& accepted, const Uuid& submission, const std::vector<std::string>& flags, const ConfirmedFacts& facts) {
  const std::string id = id_of(accepted.record());
  if (context.json) {
    form::Value root = form::Value::object();
    root.add("from", json_text(string_of(accepted.from())));
    root.add("record", json_text(id));
    root.add("version", json_number(accepted.version()));
    root.add("accepted", json_time(accepted.accepted_ms()));
    root.add("to", json_list(strings_of(accepted.to())));
    root.add("repeated", json_truth(accepted.repeated()));
    root.add("held", json_list(strings_of(accepted.held())));
    root.add("submission", json_text(to_string(submission)));
    root.add("flags", json_list(flags));
    root.add("facts", facts_as_json(facts));
    root.add("unanswered", json_list(facts.unanswered));
    print_json(context, root);
    return;
  }
  context.out() << toned(context, Tone::good, word(context, "accepted")) << "  " << id << "  " << utc_of_millis(accepted.accepted_ms())
                << (accepted.repeated() ? "  (" + word(context, "accepted_before") + ")" : "") << "\n" << word(context, "follow_with") << "  liaison track " << id << "\n";
  for (const auto& agency : strings_of(accepted.held())) context.out() << toned(context, Tone::warning, form::filled(word(context, "waits_for_person"), {form::visible(agency)})) << "\n";
}

Result<Answered<api::Previewed>> ask_preview(NodeClient& client, const Send& send, const Bytes& message, const Uuid& submission) {
  Flat builder(message.size() + 4096);
  const auto submit = make_submit(builder, send, message, submission);
  return client.ask<api::Previewed>(builder, api::CreatePreview(builder, submit));
}

// What the form's words suggest, asked of the sender; the message with what was answered.
Result<void> settle_facts(Send& send, MessageFile& file, const api::Defaults& defaults, Context& context) {
  const std::string agency = string_of(defaults.agency());
  FactQuestions questions{agency.substr(0, agency.find('.')), send.answers_file, false};
  questions.may_ask = context.streams.in_is_terminal && !send.yes && !context.json;
  LIAISON_TRY(send.confirmed, confirm_facts(context, file.message, questions));
  file.message = send.confirmed.message;
  return {};
}

Result<Exit> send_message(Send send, Context& context) {
  LIAISON_CHECK(check_options(send));
  LIAISON_TRY(const Uuid submission, submission_of(send.submission));
  LIAISON_TRY(MessageFile file, load_message_file(context, send.source));
  LIAISON_TRY(auto client, NodeClient::open(context));
  LIAISON_TRY(const auto defaults, ask_defaults(client));
  if (!context.json) {
    print_plan(context, send, *defaults);
    for (const auto& flag : file.flags) context.out() << toned(context, Tone::warning, "! " + flag) << "\n";
  }
  LIAISON_CHECK(settle_facts(send, file, *defaults, context));
  if (send.preview) {
    LIAISON_TRY(const auto previewed, ask_preview(client, send, file.message, submission));
    return show_preview(context, *previewed, client.connection().agency);
  }
  if (!context.json && !send.yes) {
    LIAISON_TRY(const auto previewed, ask_preview(client, send, file.message, submission));
    LIAISON_CHECK(summarise_preview(context, *previewed));
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
  print_accepted(context, **accepted, submission, file.flags, send.confirmed);
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
  options.flag("--permit-relays", send->permit_relays, "let the relays on the way pass it on in spite of TLP:RED, H2 or ORCON");
  options.flag("--fill-unknown", send->source.fill_unknown, "say \"unknown\" in every item that must be stated and is not");
  options.list("--withhold", send->withhold, "item to hold back from every recipient, for example 5.l");
  options.list("--no-repetition", send->no_repetition, "ITEM=REASON: why a value that stands again in that item is no repetition of a withheld one");
  options.flag("--preview", send->preview, "show what every recipient would see, and why; nothing is sent");
  options.flag("--yes", send->yes, "do not ask");
  options.text("--answers", send->answers_file, "file of answers to what the form's words suggest (see: liaison form facts); what is not answered is unknown");
  options.text("--authorisation", send->authorisation, "none, court, prosecutor or ministry: who allowed this to be passed on");
  options.text("--offence-class", send->offence_class, "class of the offence, for the disclosure policy");
  options.text("--confidentiality", send->confidentiality, "level of confidentiality, for the disclosure policy");
  options.text("--thread", send->thread, "id of the thread it belongs to");
  options.text("--answers-to", send->answers_to, "id of the record it answers");
  options.text("--expires", send->expires, "date after which it is not delivered any more, for example 2027-03-04");
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
