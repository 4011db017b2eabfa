// See machine_health.h. The checks are those of the node's own start (node/app/start.cpp), but all of them, not the first that fails.
#include "admin-cli/machine_health.h"

#include <fstream>

#include "core/base/limits.h"
#include "core/crypto/certificate_pem.h"
#include "io/config/settings.h"
#include "io/keys/key_files.h"
#include "io/keys/passphrase.h"

namespace liaison::cli {
namespace {
using exchange::Finding;
using exchange::Health;
using Findings = std::vector<Finding>;

constexpr std::size_t certificate_file_bytes_max = 64 << 10;

Finding bad(std::string area, std::string subject, const Error& error, std::string cure) { return {Health::bad, std::move(area), std::move(subject), error.message(), std::move(cure)}; }

Result<Bytes> read_file(const std::filesystem::path& file, std::size_t bytes_max) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return fail(Errc::not_found, "cannot be read");
  Bytes bytes(std::istreambuf_iterator<char>(in), {});
  if (bytes.size() > bytes_max) return fail(Errc::limit_exceeded, "is larger than " + std::to_string(bytes_max) + " bytes");
  return bytes;
}

std::map<crypto::KeyRole, crypto::PrivateKey> examine_keys(const config::Settings& settings, Findings& findings) {
  std::map<crypto::KeyRole, crypto::PrivateKey> keys;
  const auto passphrase = keys::load_passphrase(settings.passphrase_file);
  if (!passphrase) {
    findings.push_back(bad("key", settings.passphrase_file.string(), passphrase.error(), "without the passphrase no key file opens"));
    return keys;
  }
  std::size_t in_token = 0;
  for (const auto role : keys::node_roles()) {
    if (settings.pkcs11 && !(role == crypto::KeyRole::seal ? settings.pkcs11->seal : role == crypto::KeyRole::tls ? settings.pkcs11->tls : std::string()).empty()) {
      ++in_token;  // the running node says whether the token is there; a second log-in here could count against its PIN
      continue;
    }
    const auto file = keys::key_file(settings.keys_dir, role);
    auto key = keys::load_key(file, role, passphrase->reveal());
    if (!key) findings.push_back(bad("key", file.string(), key.error(), "restore the file from its copy; a key that is lost is made anew and registered (liaison keys init, keys show)"));
    else keys.emplace(role, std::move(*key));
  }
  if (keys.size() + in_token == keys::node_roles().size())
    findings.push_back({Health::good, "key", settings.keys_dir.string(), std::to_string(keys.size()) + " keys, mode 0600" + (passphrase->empty() ? ", not encrypted" : ", encrypted") + (in_token == 0 ? "" : ", " + std::to_string(in_token) + " more in token '" + settings.pkcs11->token + "'"), ""});
  return keys;
}

std::shared_ptr<const directory::Directory> examine_directory(const config::Settings& settings, Time now, Findings& findings) {
  const std::string file = settings.directory_file.string();
  const std::string cure = "get the signed directory of realm " + settings.realm + " from the authority";
  const auto bytes = read_file(settings.directory_file, limits::directory_bytes_max);
  if (!bytes) {
    findings.push_back(bad("directory", file, bytes.error(), cure));
    return nullptr;
  }
  auto loaded = directory::Directory::load(*bytes, {settings.authorities.threshold, settings.authorities.keys});
  if (!loaded) {
    findings.push_back(bad("directory", file, loaded.error(), cure + "; the settings pin its authorities"));
    return nullptr;
  }
  if ((*loaded)->realm() != settings.realm) {
    findings.push_back({Health::bad, "directory", file, "is of realm " + (*loaded)->realm() + ", the settings say " + settings.realm, cure});
    return nullptr;
  }
  findings.push_back(exchange::directory_health(**loaded, now));
  if ((*loaded)->find(settings.agency) == nullptr)
    findings.push_back({Health::bad, "directory", file, "agency " + settings.agency + " is not in it", "have the authority register this agency (liaison keys show)"});
  return *loaded;
}

void examine_registrations(const config::Settings& settings, const directory::Directory& directory, const std::map<crypto::KeyRole, crypto::PrivateKey>& keys, Time now, Findings& findings) {
  for (const auto& [role, key] : keys) {
    if (role == crypto::KeyRole::tls) continue;
    const std::string subject(crypto::name(role));
    const Hash hash = key.public_key().hash();
    const auto registered = directory.key(settings.agency, role, hash, now);
    if (!registered) findings.push_back(bad("key", subject, registered.error(), "have the authority register key " + to_base64(hash) + " (liaison keys show), and check the clock"));
  }
}

void examine_certificate(const config::Settings& settings, const directory::Directory* directory, const std::map<crypto::KeyRole, crypto::PrivateKey>& keys, Time now, Findings& findings) {
  const std::string file = settings.certificate_file.string();
  const std::string cure = "issue a new one: liaison csr, then liaison ca issue at the country's CA, and put it to " + file;
  const auto pem = read_file(settings.certificate_file, certificate_file_bytes_max);
  const auto chain = pem ? crypto::chain_from_pem(*pem) : Result<std::vector<Bytes>>(pem.error());
  const auto facts = chain ? crypto::read_certificate(settings.realm, chain->front()) : Result<crypto::CertificateFacts>(chain.error());
  if (!facts) {
    findings.push_back(bad("certificate", file, facts.error(), cure));
    return;
  }
  const bool in_time = now >= facts->not_before && now <= facts->not_after;
  if (now < facts->not_before)
    findings.push_back({Health::bad, "certificate", "tls", "not valid before " + to_string(facts->not_before) + ", the clock says " + to_string(now), "set the clock"});
  if (directory == nullptr) findings.push_back(exchange::ending({"certificate", "tls", facts->not_after, cure}, now));
  else
    for (const auto& one : directory::expiries(*directory, settings.agency, *chain))
      if (one.area != "directory") findings.push_back(exchange::ending(one, now));
  const auto key = keys.find(crypto::KeyRole::tls);
  if (key != keys.end() && key->second.public_key().hash() != facts->key_hash)
    findings.push_back({Health::bad, "certificate", "tls", "is of another key than tls.key", "put the certificate back that belongs to the key, or " + cure});
  if (directory == nullptr || !in_time) return;
  if (const auto admitted = directory->admit(*chain, now); !admitted)
    findings.push_back(bad("certificate", "tls", admitted.error(), "every peer would refuse it: " + cure));
  else if (admitted->agency != settings.agency)
    findings.push_back({Health::bad, "certificate", "tls", "is of " + admitted->agency + ", the settings say " + settings.agency, cure});
}

void examine_disk(const config::Settings& settings, Findings& findings) {
  for (const auto& [name, folder] : {std::pair{"data_dir", settings.data_dir}, {"last_signed_file", settings.last_signed_file.parent_path()}}) {
    std::error_code error;
    const auto space = std::filesystem::space(folder, error);
    const std::string subject = std::string(name) + " " + folder.string();
    if (error) findings.push_back({Health::bad, "disk", subject, error.message(), "make the folder, or correct " + std::string(name)});
    else findings.push_back(exchange::free_room(subject, space.available));
  }
}
}  // namespace

std::vector<Finding> examine_machine(const std::filesystem::path& settings_file, Time now) {
  Findings findings;
  const auto settings = config::load_settings(settings_file);
  if (!settings) {
    findings.push_back(bad("settings", settings_file.string(), settings.error(), "correct the file; deploy/README.md has every name"));
    return findings;
  }
  findings.push_back({Health::good, "settings", settings_file.string(), settings->agency + " in realm " + settings->realm, ""});
  const auto keys = examine_keys(*settings, findings);
  const auto directory = examine_directory(*settings, now, findings);
  if (directory != nullptr) examine_registrations(*settings, *directory, keys, now, findings);
  examine_certificate(*settings, directory.get(), keys, now, findings);
  examine_disk(*settings, findings);
  return findings;
}

}  // namespace liaison::cli
