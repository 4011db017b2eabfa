// See key_rotation.h. What makes the change safe is in io/keys/rotation.h; here a wrong certificate is refused before anything is touched.
#include "admin-cli/key_rotation.h"

#include <ostream>

#include "core/crypto/certificate.h"
#include "core/crypto/certificate_pem.h"
#include "io/keys/passphrase.h"
#include "io/keys/rotation.h"
#include "pki/request.h"

namespace liaison::cli {
namespace {
using crypto::KeyRole;

Result<void> rotate(const KeysRotate& command, const OfflineContext& context) {
  LIAISON_TRY(const SecretBytes passphrase, keys::load_passphrase(command.passphrase_file));
  LIAISON_TRY(const auto key, keys::begin_rotation(command.keys_dir, KeyRole::tls, passphrase.reveal()));
  LIAISON_CHECK(context.reached("key"));
  LIAISON_TRY(const Bytes request, pki::make_request({command.realm, command.agency, KeyRole::tls}, key));
  LIAISON_CHECK(write_new(context, command.out, pki::to_pem("CERTIFICATE REQUEST", request)));
  context.err << "next tls key " << to_base64(key.public_key().hash()) << "\nnext: the country's CA issues the certificate (liaison ca renew), then liaison keys install CERTIFICATE --keys-dir "
              << command.keys_dir.string() << "; the node goes on with the key in use until then\n";
  return {};
}

Result<void> rotate_box(const KeysRotate& command, const OfflineContext& context) {
  LIAISON_TRY(const SecretBytes passphrase, keys::load_passphrase(command.passphrase_file));
  LIAISON_TRY(const auto made, keys::make_box_key(command.keys_dir, passphrase.reveal(), context.now));
  context.out << "next box key " << to_base64(made.key.public_key().hash()) << " in " << made.file.string() << "\nnext: have the node read it (systemctl reload liaison-node, or kill -HUP) before the authority "
              << "registers it (liaison keys show); peers seal to it from its beginning on, and the node destroys the old key 30 days after that one's end\n";
  return {};
}

Result<void> check_certificate(const KeysInstall& command, ByteView pem, const OfflineContext& context) {
  LIAISON_TRY(const auto chain, crypto::chain_from_pem(pem));
  LIAISON_TRY(const auto facts, crypto::read_certificate(command.realm, chain.front()));
  if (facts.agency != command.agency || facts.role != KeyRole::tls)
    return fail(Errc::not_permitted, "the certificate is of " + facts.agency + " for " + std::string(name(facts.role)) + ", not of " + command.agency + " for tls");
  if (context.now < facts.not_before || context.now >= facts.not_after)
    return fail(Errc::expired, "the certificate is valid from " + to_string(facts.not_before) + " to " + to_string(facts.not_after) + ", not at " + to_string(context.now));
  context.out << "tls certificate " << facts.serial << " of " << facts.agency << ", valid until " << to_string(facts.not_after) << "\n";
  return {};
}

Result<void> install(const KeysInstall& command, const OfflineContext& context) {
  LIAISON_TRY(const SecretBytes passphrase, keys::load_passphrase(command.passphrase_file));
  const keys::TlsFiles files{command.keys_dir, command.certificate_file.empty() ? command.keys_dir / "tls.pem" : command.certificate_file};
  LIAISON_TRY(const std::string pem, read_text(command.certificate));
  LIAISON_CHECK(check_certificate(command, view(pem), context));
  LIAISON_CHECK(keys::install_certificate(files, passphrase.reveal(), view(pem)));
  context.out << "key and certificate are in place; tell the node to use them: systemctl reload liaison-node (or kill -HUP)\n";
  return {};
}

}  // namespace

int keys_rotate(const KeysRotate& command, const OfflineContext& context) {
  if (command.role == "box") return finish(context, "keys rotate", rotate_box(command, context));
  if (command.role != "tls") return tell(context, "keys rotate", fail(Errc::invalid_argument, "--role: tls or box; the others are registered anew (keys show)"));
  return finish(context, "keys rotate", rotate(command, context));
}
int keys_install(const KeysInstall& command, const OfflineContext& context) { return finish(context, "keys install", install(command, context)); }

}  // namespace liaison::cli
