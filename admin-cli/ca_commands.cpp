// See ca_commands.h. What is checked and issued is decided in pki/.
#include "admin-cli/ca_commands.h"

#include <ostream>

#include "core/crypto/certificate.h"
#include "io/keys/passphrase.h"
#include "pki/ca.h"
#include "pki/request.h"

namespace liaison::cli {
namespace {

Result<void> init(const CaInit& command, const OfflineContext& context) {
  LIAISON_TRY(const SecretBytes passphrase, keys::load_passphrase(command.passphrase_file));
  LIAISON_TRY(const auto ca, pki::make_country_ca({command.realm, command.country, command.lifetime, context.now}));
  LIAISON_CHECK(store::make_private_directory(command.directory));
  LIAISON_CHECK(write_private_key(command.directory / "ca.key", ca.key, passphrase.reveal()));
  LIAISON_CHECK(write_new(context, command.directory / "ca.crt", pki::to_pem("CERTIFICATE", ca.certificate)));
  context.out << "certificate authority of " << ca.country << " in realm " << ca.realm << "\n  valid until  " << to_string(ca.not_after) << "\n  key hash     "
              << to_base64(ca.key.public_key().hash()) << "\n  certificate  " << (command.directory / "ca.crt").string() << "\n  private key  "
              << (command.directory / "ca.key").string() << (passphrase.empty() ? "  (not encrypted: keep this machine offline)" : "  (encrypted)") << "\n";
  return {};
}

Result<crypto::KeyRole> role_of(const CaIssue& command, ByteView request) {
  if (command.role.empty()) {
    LIAISON_TRY(const auto parsed, pki::read_request(request));
    return parsed.subject.role;
  }
  const auto role = crypto::parse_key_role(command.role);
  if (!role) return fail(Errc::invalid_argument, "role " + command.role + " is not known: tls or seal");
  return *role;
}

Result<void> issue(const CaIssue& command, const OfflineContext& context) {
  LIAISON_TRY(auto key, load_person_key(command.directory / "ca.key", command.passphrase_file));
  LIAISON_TRY(const std::string certificate, read_text(command.directory / "ca.crt"));
  LIAISON_TRY(const Bytes ca_der, pki::from_pem("CERTIFICATE", view(certificate)));
  LIAISON_TRY(const auto ca, pki::open_country_ca(ca_der, std::move(key)));
  LIAISON_TRY(const std::string request_text, read_text(command.request));
  LIAISON_TRY(const Bytes request, pki::from_pem("CERTIFICATE REQUEST", view(request_text)));
  LIAISON_TRY(const auto role, role_of(command, request));
  LIAISON_TRY(const Bytes issued, pki::issue(ca, request, role, context.now));
  LIAISON_TRY(const auto facts, crypto::read_certificate(ca.realm, issued));
  LIAISON_CHECK(write_new(context, command.out, pki::to_pem("CERTIFICATE", issued)));
  std::ostream& told = command.out.empty() ? context.err : context.out;
  told << "certificate of " << facts.agency << " for " << name(facts.role) << "\n  key hash     " << to_base64(facts.key_hash) << "\n  serial       " << facts.serial
       << "\n  valid until  " << to_string(facts.not_after) << "\n";
  return {};
}

}  // namespace

int ca_init(const CaInit& command, const OfflineContext& context) { return finish(context, "ca init", init(command, context)); }
int ca_issue(const CaIssue& command, const OfflineContext& context) { return finish(context, "ca issue", issue(command, context)); }

}  // namespace liaison::cli
