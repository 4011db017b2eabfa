// See echo.h. What is said about a question goes back by the routes of the directory, not by where the question came from: no state, and the way back is tested too.
#include "core/exchange/echo.h"

#include "core/base/tags.h"

namespace liaison::exchange {
namespace {
constexpr crypto::LineRule echo_lines[] = {{"realm", 1}, {"id", 1}, {"from", 1}, {"key", 1}, {"to", 1}, {"question", 1}, {"channel", 1}, {"event", 1}, {"next", 1}, {"at", 1}};
constexpr crypto::TextGrammar echo_grammar{tags::echo_text, echo_lines};

// The next agency towards `to`, never back to who it came from.
Result<std::string> next_towards(const Context& context, std::string_view channel, std::string_view to, std::string_view sender) {
  LIAISON_TRY(const auto path, echo_path(context, channel, to));
  std::string next = first_hop(*context.directory, path).recipient;
  if (next == sender) return fail(Errc::route_not_allowed, "the way to " + std::string(to) + " leads back");
  return next;
}

void say(const Context& context, const Echo& question, const Hash& hash, std::string event, std::string next, std::string_view sender, Reports& reports) {
  Echo said = question;
  said.from = context.agency;
  said.key = context.seal_key;
  said.to = question.from;
  said.question = hash;
  said.event = std::move(event);
  said.next = std::move(next);
  said.at = context.ports.clock.now();
  const auto back = next_towards(context, question.channel, question.from, {});
  reports.add(back ? *back : std::string(sender), make_text(said));
}
}  // namespace

std::string make_text(const Echo& echo) {
  crypto::TextBuilder builder(echo_grammar);
  builder.add("realm", echo.realm).add("id", to_string(echo.id)).add("from", echo.from).add_hash("key", echo.key).add("to", echo.to);
  builder.add("question", echo.question ? to_base64(*echo.question) : "-").add("channel", echo.channel).add("event", echo.event).add("next", echo.next);
  return builder.add("at", to_string(echo.at)).finish();
}

Result<Echo> parse_echo(ByteView bytes) {
  LIAISON_TRY(const auto parsed, crypto::ParsedText::parse(echo_grammar, bytes));
  Echo echo;
  echo.realm = parsed.one("realm");
  LIAISON_TRY(echo.id, parsed.uuid("id"));
  LIAISON_TRY(echo.from, parsed.agency("from"));
  LIAISON_TRY(echo.key, parsed.hash("key"));
  LIAISON_TRY(echo.to, parsed.agency("to"));
  LIAISON_TRY(echo.question, parsed.hash_or_dash("question"));
  echo.channel = parsed.one("channel");
  echo.event = parsed.one("event");
  echo.next = parsed.one("next");
  LIAISON_TRY(echo.at, parsed.time("at"));
  const bool asks = echo.event == "ask";
  if (!asks && echo.event != "passed" && echo.event != "not_passed" && echo.event != "answered") return fail(Errc::bad_text, "echo: event " + echo.event);
  if (asks == echo.question.has_value()) return fail(Errc::bad_text, "echo: a question names none, and what is said about it does");
  return echo;
}

Result<std::vector<std::string>> echo_path(const Context& context, std::string_view channel, std::string_view to) {
  if (context.directory->find(to) == nullptr) return fail(Errc::not_found, "agency " + std::string(to) + " is not in the directory");
  const Journey journey{context.agency, channel, {}, context.agency, context.ports.clock.now()};
  return make_path(*context.directory, journey, to);
}

EchoTaken take_echo(const Context& context, const Echo& echo, const record::SignedText& one, std::string_view sender, Time now, Reports& reports) {
  if (now - echo.at > echo_life || echo.at - now > echo_life) return {false, "echo_late"};
  const bool asks = echo.event == "ask";
  if (echo.to == context.agency) {
    if (asks) say(context, echo, crypto::text_hash(view(one.text)), "answered", "-", sender, reports);
    return {!asks, "echo_" + echo.event};
  }
  const auto next = next_towards(context, echo.channel, echo.to, sender);
  if (asks) {
    const Hash hash = crypto::text_hash(view(one.text));
    if (next) say(context, echo, hash, "passed", *next, sender, reports);
    else say(context, echo, hash, "not_passed", std::string(name(next.error().code)), sender, reports);
  }
  if (!next) return {false, "echo_not_passed"};
  reports.pass_now(*next, one);
  return {false, "echo_passed"};
}

}  // namespace liaison::exchange
