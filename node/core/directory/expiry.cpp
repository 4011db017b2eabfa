// See expiry.h. What cannot be read (a list or certificate that the directory should not carry) is left out here; admission refuses it with a reason.
#include "core/directory/expiry.h"

#include <algorithm>
#include <array>

#include "core/crypto/certificate_pem.h"
#include "core/crypto/revocation_list.h"

namespace liaison::directory {
namespace {

constexpr std::array<unsigned, 5> warnings{60, 30, 14, 7, 1};
constexpr std::string_view renew_tls = "liaison keys rotate, then liaison ca renew at the country's CA and liaison keys install";

void add_keys(const Agency& agency, std::vector<Expiry>& out) {
  std::map<crypto::KeyRole, Time> last;
  for (const auto& key : agency.keys) last[key.role] = std::max(last[key.role], key.not_after);
  for (const auto& [role, ends] : last)
    out.push_back({"key", std::string(crypto::name(role)), ends, "make the next " + std::string(crypto::name(role)) + " key and have the authority register it beside this one (liaison keys show)"});
}

void add_certificates(const Directory& directory, const Agency& agency, std::span<const Bytes> own_chain, std::vector<Expiry>& out) {
  for (std::size_t i = 0; i < own_chain.size(); ++i) {
    const auto ends = crypto::certificate_end(own_chain[i]);
    if (!ends) continue;
    if (i == 0) out.push_back({"certificate", "tls", *ends, std::string(renew_tls)});
    else out.push_back({"certificate", "issuing CA of " + agency.country, *ends, "the country makes a new issuing CA (liaison ca request, ca issuing) and issues below it"});
  }
  const auto* country = directory.country(agency.country);
  if (country == nullptr) return;
  std::optional<Time> last;
  for (const auto& anchor : country->certificates)
    if (const auto ends = crypto::certificate_end(anchor); ends && (!last || *ends > *last)) last = *ends;
  if (last) out.push_back({"certificate", "CA of " + agency.country, *last, "the country makes a new root (liaison ca init) and has the authority register it beside this one"});
  for (const auto& der : country->crls) {
    const auto list = crypto::read_revocation_list(der);
    if (list && list->next_update)
      out.push_back({"list", list->issuer, *list->next_update, "the CA signs a new list (liaison ca crl) and the authority publishes it; admission below that CA stops at " +
                                                                   to_string(*list->next_update + country->crl_grace)});
  }
}

}  // namespace

std::vector<Expiry> expiries(const Directory& directory, std::string_view agency, std::span<const Bytes> own_chain) {
  std::vector<Expiry> out;
  out.push_back({"directory", directory.realm(), directory.expires(), "ask the authority for a new version; nothing is sealed or accepted after " + to_string(directory.grace())});
  if (const Agency* own = directory.find(agency); own != nullptr) {
    add_keys(*own, out);
    add_certificates(directory, *own, own_chain, out);
  }
  std::stable_sort(out.begin(), out.end(), [](const Expiry& a, const Expiry& b) { return a.ends < b.ends; });
  return out;
}

std::string ends_text(const Expiry& expiry, Time now) {
  const auto days = std::chrono::floor<std::chrono::days>(expiry.ends - now).count();
  const std::string when = " (" + to_string(expiry.ends) + ")";
  if (expiry.ends <= now) return "has ended" + when;
  return days == 0 ? "ends within a day" + when : "ends in " + std::to_string(days) + (days == 1 ? " day" : " days") + when;
}

std::optional<unsigned> ExpiryWatch::due(const Expiry& expiry, Time now) {
  Given& given = given_[expiry.area + "\n" + expiry.subject];
  if (given.ends != expiry.ends) given = {expiry.ends, warnings.front() + 1};
  unsigned reached = warnings.front() + 1;
  for (const unsigned days : warnings)
    if (expiry.ends - now <= std::chrono::days(days)) reached = days;
  if (expiry.ends <= now) reached = 0;
  if (reached >= given.days) return std::nullopt;
  given.days = reached;
  return reached;
}

}  // namespace liaison::directory
