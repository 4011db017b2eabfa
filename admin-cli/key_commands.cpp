// Keys and certificate requests on the node's machine, see key_commands.h: private keys are written here and read back, never sent.
#include "admin-cli/key_commands.h"

#include <algorithm>
#include <iomanip>
#include <ostream>

#include "core/directory/authoring.h"
#include "io/keys/key_files.h"
#include "io/keys/passphrase.h"
#include "io/keys/token.h"
#include "pki/ca.h"
#include "pki/request.h"

namespace liaison::cli {
namespace {

Result<std::unique_ptr<keys::Token>> open_token(const TokenChoice& choice) {
  if (!choice.used()) return std::unique_ptr<keys::Token>();
  keys::TokenOptions options{choice.module, choice.token, choice.pin_file, {}};
  if (!choice.seal.empty()) options.labels.emplace(crypto::KeyRole::seal, choice.seal);
  if (!choice.tls.empty()) options.labels.emplace(crypto::KeyRole::tls, choice.tls);
  if (options.labels.empty()) return fail(Errc::invalid_argument, "--pkcs11-module needs the label of a key: --seal-label or --tls-label");
  return keys::Token::open(std::move(options));
}

// The last two: the one in use until the next begins, with a day for clocks and directories that differ. Older ones are the directory's memory, not ours.
Result<void> add_box_keys(const KeysShow& command, ByteView passphrase, Time now, directory::KeyRequest& request) {
  LIAISON_TRY(const auto held, keys::load_box_keys(command.keys_dir, passphrase));
  const bool has_next = held.size() > 1;
  const Time change = now + command.next_box_after;
  const auto add = [&](const keys::BoxKey& box, Time from, Time to) { request.keys.push_back({crypto::KeyRole::box, box.key.public_key().spki(), box.key.public_key().hash(), from, to}); };
  if (has_next) add(held[held.size() - 2], now, change + std::chrono::days(1));
  add(held.back(), has_next ? change : now, now + command.lifetime);
  return {};
}

Result<void> init(const KeysInit& command, const OfflineContext& context) {
  std::vector<crypto::KeyRole> in_token;
  for (const auto& chars : command.in_token) {
    const auto role = crypto::parse_key_role(chars);
    if (role != crypto::KeyRole::seal && role != crypto::KeyRole::tls) return fail(Errc::invalid_argument, "--in-token: seal and tls can be in a token, not " + chars);
    in_token.push_back(*role);
  }
  LIAISON_TRY(const SecretBytes passphrase, keys::load_passphrase(command.passphrase_file));
  LIAISON_CHECK(keys::generate_keys(command.keys_dir, passphrase.reveal(), in_token));
  context.out << "keys in " << command.keys_dir.string() << (passphrase.empty() ? " (not encrypted: give a passphrase file or credential)" : " (encrypted)") << "\n";
  for (const auto role : keys::node_roles()) {
    if (std::find(in_token.begin(), in_token.end(), role) != in_token.end()) {
      context.out << "  " << std::left << std::setw(8) << name(role) << "  in a token: make the pair there\n";
      continue;
    }
    LIAISON_TRY(const auto key, keys::load_key(keys::key_file(command.keys_dir, role), role, passphrase.reveal()));
    context.out << "  " << std::left << std::setw(8) << name(role) << "  " << to_base64(key.public_key().hash()) << "\n";
  }
  return {};
}

Result<void> show(const KeysShow& command, const OfflineContext& context) {
  if (!is_agency_id(command.agency)) return fail(Errc::invalid_argument, "agency: an id like ke.customs is needed");
  LIAISON_TRY(const SecretBytes passphrase, keys::load_passphrase(command.passphrase_file));
  LIAISON_TRY(const auto token, open_token(command.token));
  directory::KeyRequest request{command.agency, {}};
  for (const auto role : keys::node_roles()) {
    if (role == crypto::KeyRole::tls) continue;
    if (token && token->holds(role)) {
      LIAISON_TRY(const auto pub, token->public_key(role));
      request.keys.push_back({role, pub.spki(), pub.hash(), context.now, context.now + command.lifetime});
      continue;
    }
    if (role == crypto::KeyRole::box) {
      LIAISON_CHECK(add_box_keys(command, passphrase.reveal(), context.now, request));
      continue;
    }
    LIAISON_TRY(const auto key, keys::load_key(keys::key_file(command.keys_dir, role), role, passphrase.reveal()));
    request.keys.push_back({role, key.public_key().spki(), key.public_key().hash(), context.now, context.now + command.lifetime});
  }
  for (const auto& file : command.policy_keys) {
    LIAISON_TRY(const std::string chars, read_text(file));
    const auto spki = from_base64(std::string_view(chars).substr(0, chars.find('\n')));
    if (!spki) return fail(Errc::invalid_argument, file + ": the public key file of a policy key is needed (liaison policy key makes OUT.pub)");
    LIAISON_TRY(const auto key, crypto::PublicKey::from_spki(*spki));
    request.keys.push_back({crypto::KeyRole::policy, key.spki(), key.hash(), context.now, context.now + command.lifetime});
  }
  return write_new(context, command.out, directory::key_request_json(request));
}

Result<void> make_csr(const Csr& command, const OfflineContext& context) {
  const auto role = crypto::parse_key_role(command.role);
  if (!role) return fail(Errc::invalid_argument, "role " + command.role + " is not known: tls or seal");
  LIAISON_CHECK(pki::profile(*role));
  LIAISON_TRY(const auto token, open_token(command.token));
  if (token && token->holds(*role)) {
    LIAISON_TRY(const auto key, token->evp(*role));
    LIAISON_TRY(const Bytes request, pki::make_request({command.realm, command.agency, *role}, key.get()));
    return write_new(context, command.out, pki::to_pem("CERTIFICATE REQUEST", request));
  }
  LIAISON_TRY(const SecretBytes passphrase, keys::load_passphrase(command.passphrase_file));
  LIAISON_TRY(const auto key, keys::load_key(keys::key_file(command.keys_dir, *role), *role, passphrase.reveal()));
  LIAISON_TRY(const Bytes request, pki::make_request({command.realm, command.agency, *role}, key));
  return write_new(context, command.out, pki::to_pem("CERTIFICATE REQUEST", request));
}

}  // namespace

int keys_init(const KeysInit& command, const OfflineContext& context) { return finish(context, "keys init", init(command, context)); }
int keys_show(const KeysShow& command, const OfflineContext& context) { return finish(context, "keys show", show(command, context)); }
int csr(const Csr& command, const OfflineContext& context) { return finish(context, "csr", make_csr(command, context)); }

}  // namespace liaison::cli
