// Warns before keys, certificates, revocation lists and the directory end: a log line, a hint on the bus and a number for the monitoring at each step that
// core/directory/expiry.h names; an alarm from the last week on. Looked at at start, every hour, and when the certificate or the directory changes.
#include "app/shell.h"
#include "io/runtime/log.h"

namespace liaison::app {
namespace {
constexpr auto between_looks = std::chrono::hours(1);
constexpr unsigned alarm_days = 7;
}  // namespace

void Shell::watch_expiries() {
  choose_box_key();
  destroy_old_box_keys();
  // A link that was admitted long ago does not outlive the peer's certificate, or the grace of the list that vouches for it.
  for (const auto& [session, reason] : network_->no_longer_admitted()) node_->on_session_refused(session, reason);
  const Time now = clock_.now();
  for (const auto& one : directory::expiries(*directory_, settings_.agency, own_chain_)) {
    const double days = std::chrono::duration<double, std::ratio<86400>>(one.ends - now).count();
    metrics_.gauge({"liaison_expires_in_days", "Days until something of this node ends; negative: it has ended."}, {{"area", one.area}, {"subject", one.subject}}).set(days);
    const auto due = expiry_watch_.due(one, now);
    if (!due) continue;
    const std::string text = one.area + " " + one.subject + " " + directory::ends_text(one, now) + "; " + one.cure;
    runtime::log_line(runtime::Level::warning, "expires", {{"what", text}});
    node_->engine().emit(exchange::PublishHint{"expiry", {}});
    if (*due > alarm_days) continue;
    node_->engine().alarm("expires", text, [this] {
      audit::Entry entry = node_->context()->entry(audit::Event::alarm);
      entry.reason = "expires";
      return exchange::append_audit(entry);
    });
  }
  drain();
  expiry_timer_.expires_after(between_looks);
  expiry_timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error && !stopping_) watch_expiries();
  });
}

}  // namespace liaison::app
