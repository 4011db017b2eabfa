// See join_node.h. Files are written in the order in which a half-done installation does no harm: certificates, directory, and last the settings that trust it.
#include "admin-cli/join_node.h"

#include <algorithm>
#include <istream>
#include <ostream>

#include "admin-cli/offline.h"
#include "core/base/limits.h"
#include "core/directory/authoring.h"
#include "core/directory/json_edit.h"
#include "io/config/settings.h"
#include "io/keys/key_files.h"
#include "io/keys/passphrase.h"
#include "pki/request.h"

namespace liaison::cli {
namespace {
namespace fs = std::filesystem;
using crypto::KeyRole;

// Settings of a node that may not know its authorities yet.
struct NodeFiles {
  fs::path settings, keys_dir, directory_file, certificate_file, passphrase_file;
  std::string agency, realm;
};

Result<std::string> text_member(const directory::JsonNode& root, std::string_view name, const fs::path& file) {
  const auto* member = root.member(name);
  if (member == nullptr || member->kind != '"') return fail(Errc::invalid_settings, file.string() + ": " + std::string(name) + " is missing");
  return std::string(member->text);
}

Result<NodeFiles> node_files(const fs::path& folder) {
  NodeFiles files;
  files.settings = folder / "node.json";
  LIAISON_TRY(const std::string json, read_text(files.settings));
  LIAISON_TRY(const auto root, directory::read_json_tree(json));
  if (root.member("pkcs11") != nullptr)
    return fail(Errc::invalid_argument, files.settings.string() + " keeps keys in a token: use csr and keys show with the token, and directory add at the authority (pki/README.md)");
  LIAISON_TRY(files.agency, text_member(root, "agency", files.settings));
  LIAISON_TRY(files.realm, text_member(root, "realm", files.settings));
  LIAISON_TRY(const auto directory_file, text_member(root, "directory_file", files.settings));
  const auto* keys = root.member("keys_dir");
  const auto* certificate = root.member("certificate_file");
  const auto* passphrase = root.member("passphrase_file");
  files.directory_file = folder / directory_file;
  files.keys_dir = folder / (keys == nullptr ? std::string("data/secret") : std::string(keys->text));
  files.certificate_file = certificate == nullptr ? files.keys_dir / "tls.pem" : folder / std::string(certificate->text);
  if (passphrase != nullptr) files.passphrase_file = folder / std::string(passphrase->text);
  return files;
}

Result<void> ensure_keys(const NodeFiles& files, ByteView passphrase, Context& context) {
  std::size_t there = 0;
  std::string missing;
  for (const auto role : keys::node_roles()) {
    if (fs::exists(keys::key_file(files.keys_dir, role))) ++there;
    else missing += " " + keys::key_file(files.keys_dir, role).filename().string();
  }
  if (there == keys::node_roles().size()) return {};
  if (there > 0) return fail(Errc::key_missing, files.keys_dir.string() + " has some keys but not" + missing + ": restore them, or empty the folder when the node never worked");
  LIAISON_CHECK(keys::generate_keys(files.keys_dir, passphrase));
  context.out() << "keys made in " << files.keys_dir.string() << (passphrase.empty() ? " (not encrypted: name a passphrase file)" : " (encrypted)") << "\n";
  return {};
}

Result<directory::RegisteredKey> policy_key(const std::string& file, Time from, Time to) {
  LIAISON_TRY(const std::string chars, read_text(file));
  const auto spki = from_base64(std::string_view(chars).substr(0, chars.find('\n')));
  if (!spki) return fail(Errc::invalid_argument, file + ": the public key file of a policy key is needed (liaison policy key makes OUT.pub)");
  LIAISON_TRY(const auto key, crypto::PublicKey::from_spki(*spki));
  return directory::RegisteredKey{KeyRole::policy, key.spki(), key.hash(), from, to};
}

Result<std::vector<Bytes>> chain_from_pem(std::string_view pem) {
  constexpr std::string_view end_mark = "-----END CERTIFICATE-----";
  std::vector<Bytes> chain;
  for (auto end = pem.find(end_mark); end != std::string_view::npos; end = pem.find(end_mark)) {
    LIAISON_TRY(chain.emplace_back(), pki::from_pem("CERTIFICATE", view(pem.substr(0, end + end_mark.size()))));
    pem.remove_prefix(end + end_mark.size());
  }
  return chain;
}

// PEM of a chain whose first certificate is for the node's own key of that role.
Result<void> check_certificate(const NodeFiles& files, KeyRole role, const std::string& pem, const directory::Directory& directory, ByteView passphrase, Time now) {
  LIAISON_TRY(const auto key, keys::load_key(keys::key_file(files.keys_dir, role), role, passphrase));
  LIAISON_TRY(const auto chain, chain_from_pem(pem));
  if (chain.empty()) return fail(Errc::bad_format, std::string(name(role)) + " certificate: the file holds none");
  const auto* country = directory.country(country_of(files.agency));
  if (country == nullptr) return fail(Errc::not_admitted, "the directory has no certificate authority of " + std::string(country_of(files.agency)) + ": peers would refuse this node; ask the authority");
  LIAISON_TRY(const auto facts, crypto::check_chain({files.realm, country_of(files.agency), role, now}, chain, country->certificates));
  if (facts.agency != files.agency) return fail(Errc::not_admitted, "the " + std::string(name(role)) + " certificate is of " + facts.agency + ", not of " + files.agency);
  if (facts.key_hash != key.public_key().hash()) return fail(Errc::key_not_valid, "the " + std::string(name(role)) + " certificate is not for the key in " + files.keys_dir.string());
  if (role == KeyRole::tls) LIAISON_CHECK(directory.admit(chain, now));
  return {};
}

Result<void> check_own_keys(const NodeFiles& files, const directory::Directory& directory, ByteView passphrase, Time now) {
  if (!directory.is_member(files.agency)) return fail(Errc::not_admitted, files.agency + " is not a member in this directory: the authority has not accepted the request, or signed an older version");
  for (const auto role : {KeyRole::seal, KeyRole::link, KeyRole::box, KeyRole::log}) {
    LIAISON_TRY(const auto key, keys::load_key(keys::key_file(files.keys_dir, role), role, passphrase));
    const auto registered = directory.key(files.agency, role, key.public_key().hash(), now);
    if (!registered) return fail(Errc::key_not_valid, "the " + std::string(name(role)) + " key of this node: " + registered.error().detail + "; the directory holds other keys than the request did");
  }
  return {};
}

Result<std::string> with_authorities(const NodeFiles& files, const directory::AuthorityPins& pins) {
  LIAISON_TRY(const std::string json, read_text(files.settings));
  std::vector<std::string> keys;
  for (const auto& key : pins.keys) keys.push_back(to_base64(key));
  const std::string value = "{ \"threshold\": " + std::to_string(pins.threshold) + ", \"keys\": " + directory::json_list(keys) + " }";
  LIAISON_TRY(std::string changed, directory::set_member(json, {}, "authorities", value));
  LIAISON_CHECK(config::parse_settings(changed, files.settings));
  return changed;
}

Result<std::string> chain_or_file(const std::string& from_anchor, const std::string& file) {
  if (file.empty()) return from_anchor;
  return read_text(file);
}

Result<bool> confirmed(const AnchorOrder& order, const directory::Anchor& anchor, Context& context) {
  const std::string code = directory::anchor_code(anchor);
  context.out() << "anchor of realm " << anchor.realm << " for " << anchor.agency << "; this node will trust directories signed by " << anchor.pins.threshold << " of\n";
  for (const auto& key : anchor.pins.keys) context.out() << "  " << to_base64(key) << "\n";
  context.out() << "anchor code " << code << "   (compare it with the authority by telephone)\n";
  if (!order.yes.empty()) {
    if (order.yes != code) return fail(Errc::not_permitted, "--yes names the code " + order.yes + ", this anchor has " + code + ": do not install it; call the authority");
    return true;
  }
  if (!context.streams.in_is_terminal) {
    context.err() << "not installed; when the authority told you the same code, repeat with --yes " << code << "\n";
    return false;
  }
  context.out() << "did the authority tell you this code? [y/N] " << std::flush;
  std::string answer;
  std::getline(context.streams.in, answer);
  return is_yes(answer);
}

Result<void> write_if_other(const fs::path& file, std::string_view content, mode_t mode) {
  const auto there = store::read_file(file, limits::directory_bytes_max);
  if (there && text(*there) == content) return {};
  return store::write_durably(file, view(content), mode);
}

}  // namespace

Result<void> make_join_request(const JoinOrder& order, Context& context) {
  const Time now = wall_now();
  std::error_code error;
  const fs::path folder = fs::absolute(order.node.directory, error).lexically_normal();
  if (!fs::exists(folder / "node.json", error)) {
    if (order.node.listen.empty()) return fail(Errc::invalid_argument, "--listen: where will other agencies reach this node? for example 0.0.0.0:4650");
    LIAISON_CHECK(init_node(order.node, context));
  }
  LIAISON_TRY(const auto files, node_files(folder));
  if (files.agency != order.agency.id || files.realm != order.node.realm) return fail(Errc::invalid_argument, files.settings.string() + " is of " + files.agency + " in " + files.realm + ", not of " + order.agency.id + " in " + order.node.realm);
  LIAISON_TRY(const SecretBytes passphrase, keys::load_passphrase(files.passphrase_file));
  LIAISON_CHECK(ensure_keys(files, passphrase.reveal(), context));
  directory::JoinRequest request{files.realm, order.agency, {}, {}, now, {}};
  const Time until = now + std::chrono::days(order.days);
  for (const auto role : keys::node_roles()) {
    LIAISON_TRY(const auto key, keys::load_key(keys::key_file(files.keys_dir, role), role, passphrase.reveal()));
    if (role == KeyRole::tls || role == KeyRole::seal) {
      LIAISON_TRY((role == KeyRole::tls ? request.tls_request : request.seal_request), pki::make_request({files.realm, files.agency, role}, key));
    }
    if (role != KeyRole::tls) request.agency.keys.push_back({role, key.public_key().spki(), key.public_key().hash(), now, until});
  }
  for (const auto& file : order.policy_keys) {
    LIAISON_TRY(auto key, policy_key(file, now, until));
    request.agency.keys.push_back(std::move(key));
  }
  const auto sign = [&](const directory::RegisteredKey& key, ByteView signed_text) -> Result<Bytes> {
    LIAISON_TRY(const auto loaded, keys::load_key(keys::key_file(files.keys_dir, key.role), key.role, passphrase.reveal()));
    return loaded.sign(signed_text);
  };
  LIAISON_TRY(const Bytes file, directory::make_join_file(request, sign));
  LIAISON_CHECK(store::create_durably(order.out, file, 0644));
  LIAISON_TRY(const auto made, directory::parse_join_file(file));
  context.out() << "request to join " << files.realm << " as " << files.agency << " in " << order.out << "\nfingerprint " << to_base64(made.fingerprint)
                << "\nSend the file to the directory's authority (it holds no secret) and read the fingerprint to them by telephone.\n";
  return {};
}

Result<bool> install_anchor(const AnchorOrder& order, Context& context) {
  const Time now = wall_now();
  std::error_code error;
  LIAISON_TRY(const auto files, node_files(fs::absolute(order.folder, error).lexically_normal()));
  LIAISON_TRY(const Bytes bytes, store::read_file(order.anchor, limits::directory_bytes_max));
  LIAISON_TRY(const auto anchor, directory::parse_anchor_file(bytes));
  if (anchor.agency != files.agency || anchor.realm != files.realm) return fail(Errc::not_permitted, order.anchor + " is for " + anchor.agency + " in " + anchor.realm + ", this node is " + files.agency + " in " + files.realm);
  LIAISON_TRY(const auto directory, directory::Directory::load(anchor.directory, anchor.pins));
  if (directory->realm() != files.realm) return fail(Errc::wrong_realm, "the directory in the anchor is of realm " + directory->realm());
  LIAISON_CHECK(directory->check_fresh(now));
  LIAISON_TRY(const SecretBytes passphrase, keys::load_passphrase(files.passphrase_file));
  LIAISON_CHECK(check_own_keys(files, *directory, passphrase.reveal(), now));
  LIAISON_TRY(const std::string tls, chain_or_file(anchor.tls_chain, order.certificate));
  LIAISON_TRY(const std::string seal, chain_or_file(anchor.seal_chain, order.seal_certificate));
  if (tls.empty()) return fail(Errc::invalid_argument, "the anchor brings no tls certificate: give the file of your country's CA with --certificate");
  LIAISON_CHECK(check_certificate(files, KeyRole::tls, tls, *directory, passphrase.reveal(), now));
  if (!seal.empty()) LIAISON_CHECK(check_certificate(files, KeyRole::seal, seal, *directory, passphrase.reveal(), now));
  LIAISON_TRY(const std::string settings, with_authorities(files, anchor.pins));
  LIAISON_TRY(const bool yes, confirmed(order, anchor, context));
  if (!yes) return false;
  LIAISON_CHECK(write_if_other(files.certificate_file, tls, 0644));
  if (!seal.empty()) LIAISON_CHECK(write_if_other(files.keys_dir / "seal.pem", seal, 0644));
  LIAISON_CHECK(write_if_other(files.directory_file, text(anchor.directory), 0644));
  LIAISON_CHECK(write_if_other(files.settings, settings, 0600));
  context.out() << "installed: " << files.agency << " is a member in directory version " << directory->version() << "; start the node\n  liaison-node --config " << files.settings.string() << "\n";
  return true;
}

}  // namespace liaison::cli
