// See reports.h. Bundles are cut so that no envelope comes near its limits. Pure but for the ports of the context.
#include "core/exchange/reports.h"

#include "core/base/limits.h"
#include "core/exchange/envelope.h"
#include "core/exchange/routes.h"

namespace liaison::exchange {
namespace {
constexpr std::size_t texts_per_report = 64;

std::string make_evidence(const Context& context, const Statement& statement, Time now) {
  Evidence evidence;
  evidence.realm = context.realm;
  evidence.id = context.new_uuid(now);
  evidence.from = context.agency;
  evidence.key = context.seal_key;
  evidence.to = statement.to;
  if (statement.record) {
    evidence.record_from = statement.record->from;
    evidence.record = {statement.record->id, statement.record->version};
  }
  evidence.manifest = statement.manifest;
  if (statement.disclosure) evidence.disclosures.push_back(*statement.disclosure);
  evidence.core = statement.core;
  evidence.event = statement.event;
  evidence.reason = statement.reason.empty() ? "-" : statement.reason;
  evidence.at = now;
  return make_text(evidence);
}

std::string make_pass(const Context& context, const std::string& to, const std::vector<record::SignedText>& texts, Time now) {
  Pass pass{context.realm, context.new_uuid(now), context.agency, context.seal_key, to, {}, now};
  for (const auto& one : texts) pass.texts.push_back(crypto::text_hash(view(one.text)));
  return make_text(pass);
}

Report make_report(const Context& context, const std::string& to, Time now) {
  Report report{link_for(context, to), {}};
  if (report.to != to) report.row.recipient = to;
  report.row.accepted = now;
  report.row.msg_id = context.new_uuid(now);
  report.row.expires = now + limits::envelope_life_max - std::chrono::hours{1};
  return report;
}
}  // namespace

void say_not_forwarded(const OutboxRow& row, const std::string& next, const std::string& reason, Reports& reports) {
  const auto envelope = parse_envelope(row.envelope);
  if (envelope && envelope->header.content == Content::package)
    reports.say({envelope->header.from, std::nullopt, std::nullopt, std::nullopt, envelope->core_hash, "not_relayed", reason + ":" + next});
}

void Reports::say(Statement statement) {
  auto& own = bundles_[statement.to].own;
  own.push_back(std::move(statement));
}

void Reports::pass(const std::string& to, record::SignedText text) { bundles_[to].passed.push_back(std::move(text)); }

Result<std::vector<Report>> Reports::finish(const Context& context) && {
  std::vector<Report> reports;
  const Time now = context.ports.clock.now();
  std::vector<std::string> unsigned_texts;
  struct Place { std::size_t report, text; };
  std::vector<Place> places;                // of the unsigned texts
  const auto add_unsigned = [&](std::string body) {
    auto& texts = reports.back().row.texts;
    places.push_back({reports.size() - 1, texts.size()});
    texts.push_back({body, {}});
    unsigned_texts.push_back(std::move(body));
  };
  for (auto& [to, bundle] : bundles_) {
    const std::size_t total = bundle.own.size() + bundle.passed.size();
    for (std::size_t first = 0; first < total; first += texts_per_report) {
      reports.push_back(make_report(context, to, now));
      for (std::size_t n = first; n < std::min(total, first + texts_per_report); ++n) {
        if (n < bundle.own.size()) add_unsigned(make_evidence(context, bundle.own[n], now));
        else reports.back().row.texts.push_back(std::move(bundle.passed[n - bundle.own.size()]));
      }
      const bool single = reports.back().row.texts.size() == 1 && first < bundle.own.size();
      if (!single) add_unsigned(make_pass(context, to, reports.back().row.texts, now));
    }
  }
  if (unsigned_texts.empty()) return reports;
  LIAISON_TRY(auto blocks, context.seal_texts(unsigned_texts));
  for (std::size_t i = 0; i < places.size(); ++i) reports[places[i].report].row.texts[places[i].text].signatures = std::move(blocks[i]);
  for (auto& report : reports)
    for (const auto& one : report.row.texts) report.row.bytes += static_cast<std::uint32_t>(one.text.size() + one.signatures.size() + 512);
  return reports;
}

}  // namespace liaison::exchange
