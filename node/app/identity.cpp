// Who this node is to its peers: the tls key and certificate, read at start and again at SIGHUP without a restart. New links show the new certificate at once; links
// that are open are ended one by one after what they have queued, and dialled again. What cannot be used is logged and the identity in use stays.
#include <boost/asio/post.hpp>

#include "app/shell.h"
#include "core/crypto/certificate_pem.h"
#include "io/keys/passphrase.h"
#include "io/keys/rotation.h"
#include "io/runtime/log.h"
#include "io/store/files.h"

namespace liaison::app {
namespace asio = boost::asio;
namespace {

constexpr std::size_t certificate_file_bytes_max = 64 << 10;
constexpr auto between_closings = std::chrono::milliseconds(500);  // so that not all peers shake hands at once

}  // namespace

std::optional<keys::TokenOptions> Shell::token_options() {
  if (!settings_.pkcs11) return std::nullopt;
  const auto& from = *settings_.pkcs11;
  keys::TokenOptions out{from.module, from.token, from.pin_file, {}};
  if (!from.seal.empty()) out.labels.emplace(crypto::KeyRole::seal, from.seal);
  if (!from.tls.empty()) out.labels.emplace(crypto::KeyRole::tls, from.tls);
  // Told on whichever thread signs.
  out.on_change = [this](const std::string& what) {
    asio::post(io_, [this, what] {
      runtime::log_line(runtime::Level::error, "token", {{"what", what}});
      if (!node_ || stopping_) return;
      node_->engine().alarm("token", what, [this] {
        audit::Entry entry = node_->context()->entry(audit::Event::alarm);
        entry.reason = "token";
        return exchange::append_audit(entry);
      });
      drain();
    });
  };
  return out;
}

Result<crypto::EvpKey> Shell::tls_key(ByteView passphrase) const {
  if (keys_->token() != nullptr && keys_->token()->holds(crypto::KeyRole::tls)) return keys_->token()->evp(crypto::KeyRole::tls);
  LIAISON_TRY(const auto key, keys::load_key(keys::key_file(settings_.keys_dir, crypto::KeyRole::tls), crypto::KeyRole::tls, passphrase));
  return net::share_key(key.evp());
}

Result<void> Shell::take_identity() {
  const auto& file = settings_.certificate_file;
  LIAISON_TRY(const SecretBytes passphrase, keys::load_passphrase(settings_.passphrase_file));
  if (const auto finished = keys::finish_rotation({settings_.keys_dir, file}, passphrase.reveal()); !finished)
    runtime::log_line(runtime::Level::error, "rotation", {{"what", finished.error().message()}});
  const auto pem = store::read_file(file, certificate_file_bytes_max);
  if (!pem) return fail(Errc::invalid_settings, "cannot read " + file.string() + "; put the certificate chain for the tls key there (liaison csr, liaison ca issue)");
  LIAISON_TRY(auto chain, crypto::chain_from_pem(*pem));
  const auto own = directory_->admit(chain, clock_.now());
  if (!own) return fail(Errc::key_not_valid, "peers would refuse the certificate in " + file.string() + ": " + own.error().message() + "; check the clock, or issue a new certificate");
  if (own->agency != settings_.agency) return fail(Errc::key_not_valid, file.string() + " is a certificate of " + own->agency + ", not of " + settings_.agency);
  LIAISON_TRY(auto key, tls_key(passphrase.reveal()));
  LIAISON_CHECK(network_->set_identity({chain, std::move(key)}));
  own_chain_ = std::move(chain);
  runtime::log_line(runtime::Level::info, "identity", {{"serial", own->serial}, {"until", to_string(own->not_after)}});
  return {};
}

void Shell::await_hangup() {
  hangups_.async_wait([this](const boost::system::error_code& error, int) {
    if (error || stopping_) return;
    if (const auto reloaded = keys_->reload_box_keys(); !reloaded) runtime::log_line(runtime::Level::error, "box_keys", {{"what", reloaded.error().message()}});
    choose_box_key();
    const auto before = own_chain_;
    if (const auto taken = take_identity(); !taken)
      runtime::log_line(runtime::Level::error, "identity", {{"what", taken.error().message()}, {"do", "the certificate in use stays; correct the files and reload again"}});
    else if (own_chain_ != before)
      to_close_.assign(sessions_.begin(), sessions_.end());
    watch_expiries();
    close_next();
    await_hangup();
  });
}

void Shell::close_next() {
  if (to_close_.empty() || stopping_) return;
  network_->close(to_close_.back(), "certificate_renewed");
  to_close_.pop_back();
  closing_timer_.expires_after(between_closings);
  closing_timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) close_next();
  });
}

// TLS tells a refused side nothing but an alert. Both ends hold the same directory, so what it says of our own certificate is the likely reason.
void Shell::explain_refusal(const std::string& reason) {
  if (reason.find("alert") == std::string::npos || reason.find("certificate") == std::string::npos) return;
  const auto own = directory_->admit(own_chain_, clock_.now());
  runtime::log_line(runtime::Level::warning, "refused_by_peer", {{"alert", reason}, {"own_certificate", own ? "in order by directory version " + std::to_string(directory_->version()) : own.error().message()}});
}

}  // namespace liaison::app
