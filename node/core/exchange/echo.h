// `liaison echo v1` (formats 3): asks whether a record would get through to an agency, over the same relays, ledgers and keys, without touching an inbox.
// The question travels like evidence; every relay says that it passed it on, the addressee answers. Nothing of it is stored but what ledgers and audit keep.
#pragma once
#include "core/crypto/signed_text.h"
#include "core/exchange/reports.h"
#include "core/exchange/routes.h"

namespace liaison::exchange {

inline constexpr auto echo_life = std::chrono::minutes{10};   // a question older than this is not answered

struct Echo {
  std::string realm;
  Uuid id{};                     // of the question; what is said about it carries the same
  std::string from;
  Hash key{};
  std::string to;                // question: who is asked; else: who asked
  std::optional<Hash> question;  // hash of the question's text; none: this is the question
  std::string channel;
  std::string event;             // ask; passed, not_passed (by a relay); answered (by who is asked)
  std::string next;              // passed: to whom; not_passed: error name; else "-"
  Time at{};
};
std::string make_text(const Echo& echo);
Result<Echo> parse_echo(ByteView text);

// The way a question or what is said about it takes from here, both ends included. Errors: route_not_allowed, not_found.
Result<std::vector<std::string>> echo_path(const Context& context, std::string_view channel, std::string_view to);

// What one received echo makes a node do: pass it on, say something about it, or tell the person who asked. `text` verified; `sender`: whose envelope it came in.
struct EchoTaken {
  bool for_us = false;           // said about a question of ours
  std::string reason;            // for the audit entry
};
EchoTaken take_echo(const Context& context, const Echo& echo, const record::SignedText& text, std::string_view sender, Time now, Reports& reports);

}  // namespace liaison::exchange
