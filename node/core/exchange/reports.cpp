// See reports.h. Bundles are cut so that no envelope comes near its limits. Pure but for the ports of the context.
#include "core/exchange/reports.h"

#include "core/base/limits.h"
#include "core/exchange/echo.h"
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

Report make_report(const Context& context, const std::string& to, Time now, std::chrono::milliseconds life) {
  Report report{link_for(context, to), {}};
  if (report.to != to) report.row.recipient = to;
  report.row.accepted = now;
  report.row.msg_id = context.new_uuid(now);
  report.row.expires = now + life;
  return report;
}

// The reports of one group of work, signed together at the end.
class Maker {
 public:
  Maker(const Context& context, Time now) : context_(context), now_(now) {}

  // `texts`: own ones first, without signatures. `alone`: one own text may go without a pass.
  void make(const std::string& to, std::vector<record::SignedText> texts, bool alone, std::chrono::milliseconds life) {
    for (std::size_t first = 0; first < texts.size(); first += texts_per_report) {
      reports_.push_back(make_report(context_, to, now_, life));
      for (std::size_t n = first; n < std::min(texts.size(), first + texts_per_report); ++n) {
        if (texts[n].signatures.empty()) add_unsigned(std::move(texts[n].text));
        else reports_.back().row.texts.push_back(std::move(texts[n]));
      }
      const auto& made = reports_.back().row.texts;
      if (!alone || made.size() != 1 || !made.front().signatures.empty()) add_unsigned(make_pass(context_, to, made, now_));
    }
  }

  Result<std::vector<Report>> finish() && {
    if (unsigned_.empty()) return std::move(reports_);
    LIAISON_TRY(auto blocks, context_.seal_texts(unsigned_));
    for (std::size_t i = 0; i < places_.size(); ++i) reports_[places_[i].report].row.texts[places_[i].text].signatures = std::move(blocks[i]);
    for (auto& report : reports_)
      for (const auto& one : report.row.texts) report.row.bytes += static_cast<std::uint32_t>(one.text.size() + one.signatures.size() + 512);
    return std::move(reports_);
  }

 private:
  void add_unsigned(std::string body) {
    auto& texts = reports_.back().row.texts;
    places_.push_back({reports_.size() - 1, texts.size()});
    texts.push_back({body, {}});
    unsigned_.push_back(std::move(body));
  }

  struct Place { std::size_t report, text; };
  const Context& context_;
  Time now_;
  std::vector<Report> reports_;
  std::vector<std::string> unsigned_;
  std::vector<Place> places_;               // of the unsigned texts
};
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
  const Time now = context.ports.clock.now();
  Maker maker(context, now);
  for (auto& [to, bundle] : bundles_) {
    std::vector<record::SignedText> texts;
    for (const auto& statement : bundle.own) texts.push_back({make_evidence(context, statement, now), {}});
    std::move(bundle.passed.begin(), bundle.passed.end(), std::back_inserter(texts));
    maker.make(to, std::move(texts), true, limits::envelope_life_max - std::chrono::hours{1});
  }
  for (auto& [to, bundle] : echoes_) {
    auto texts = std::move(bundle.own);
    std::move(bundle.passed.begin(), bundle.passed.end(), std::back_inserter(texts));
    maker.make(to, std::move(texts), false, echo_life);
  }
  return std::move(maker).finish();
}

}  // namespace liaison::exchange
