// See directory_commands.h. Whatever is written was read back by the parser of core/directory first.
#include "admin-cli/directory_commands.h"

#include <algorithm>
#include <iomanip>
#include <ostream>

#include "admin-cli/directory_edits.h"
#include "core/base/limits.h"
#include "core/directory/authoring.h"
#include "io/keys/passphrase.h"
#include "io/store/files.h"
#include "pki/request.h"

namespace liaison::cli {
namespace {

using directory::Directory;

Result<void> init(const DirectoryInit& command, const OfflineContext& context) {
  LIAISON_TRY(const SecretBytes passphrase, keys::load_passphrase(command.passphrase_file));
  LIAISON_TRY(const auto key, crypto::PrivateKey::generate(crypto::key_type(crypto::KeyRole::authority)));
  directory::NewSource source{command.realm, context.now + command.lifetime, context.now + command.lifetime + command.grace, {command.threshold, {}}, {key.public_key().spki()}};
  for (const auto& other : command.other_authorities) {
    const auto spki = from_base64(other);
    if (!spki) return fail(Errc::invalid_argument, "other authority: base64 of the SubjectPublicKeyInfo is needed");
    source.authority_keys.push_back(*spki);
  }
  const std::string json = directory::source_json(source);
  LIAISON_CHECK(directory::make_unsigned({json, 1, std::nullopt, context.now}));
  LIAISON_CHECK(write_private_key(command.authority_key, key, passphrase.reveal()));
  LIAISON_CHECK(store::create_durably(command.source, view(json), 0644));
  context.out << "directory of realm " << command.realm << "\n  source         " << command.source.string() << "\n  authority key  " << command.authority_key.string()
              << (passphrase.empty() ? "  (not encrypted)" : "  (encrypted)") << "\n  public key     " << to_base64(key.public_key().spki()) << "\n  key hash       "
              << to_base64(key.public_key().hash()) << "   (nodes pin this in their settings)\n";
  return {};
}

Result<std::string> with_country(const std::string& json, const DirectoryAdd& command) {
  if (command.ca_certificate.empty()) return json;
  LIAISON_TRY(const std::string pem, read_text(command.ca_certificate));
  LIAISON_TRY(Bytes der, pki::from_pem("CERTIFICATE", view(pem)));
  if (json.find(to_base64(der)) != std::string::npos) return json;  // the CA of an agency added before
  const directory::CountryAuthority country{std::string(country_of(command.id)), {std::move(der)}};
  return directory::insert_entry(json, "countries", directory::entry_json(country));
}

Result<std::string> with_agency(const directory::Authored& source, const DirectoryAdd& command) {
  LIAISON_TRY(auto keys, keys_of_request(command.request, command.id));
  if (const auto* known = source.content->find(command.id)) {
    const bool has_left = known->standing == directory::Standing::left;
    return fail(Errc::already_exists, command.id + (has_left ? " was a member once; an id is never given twice" : " is in the directory already (directory change)"));
  }
  directory::Agency agency;
  agency.id = command.id;
  agency.country = std::string(country_of(command.id));
  agency.type = command.type;
  agency.endpoints = command.endpoints;
  agency.channels = command.channels;
  agency.blind_pairs = command.blind_pairs;
  agency.bureau = command.bureau;
  agency.is_bureau = command.is_bureau;
  agency.witness = command.witness;
  agency.keys = std::move(keys);
  if (!command.name.empty()) agency.names["en"] = command.name;
  LIAISON_TRY(const std::string with_ca, with_country(source.json, command));
  return directory::insert_entry(with_ca, "agencies", directory::entry_json(agency));
}

std::string joined(const std::vector<std::string>& items) {
  std::string out;
  for (const auto& item : items) out += (out.empty() ? "" : ",") + item;
  return out.empty() ? "-" : out;
}

void print_table(const Directory& directory, const OfflineContext& context) {
  context.out << "realm " << directory.realm() << ", version " << directory.version() << ", hash " << to_base64(directory.hash()) << "\nissued  " << to_string(directory.issued())
              << "\nexpires " << to_string(directory.expires()) << "\ngrace   " << to_string(directory.grace()) << "\n\n"
              << std::left << std::setw(20) << "AGENCY" << std::setw(16) << "TYPE" << std::setw(20) << "BUREAU" << std::setw(24) << "CHANNELS" << std::setw(6) << "KEYS" << "ENDPOINTS\n";
  for (const auto& [id, agency] : directory.agencies())
    context.out << std::setw(20) << id << std::setw(16) << agency.type << std::setw(20) << (agency.bureau.empty() ? "-" : agency.bureau) << std::setw(24)
                << joined(agency.channels) << std::setw(6) << agency.keys.size() << joined(agency.endpoints) << "\n";
  for (const auto& revocation : directory.revocations())
    context.out << "revoked " << to_base64(revocation.key) << (revocation.kind == directory::RevocationKind::compromised ? " compromised since " : " superseded since ")
                << to_string(revocation.since) << "\n";
}

Result<void> show(const DirectoryShow& command, const OfflineContext& context) {
  LIAISON_TRY(const Bytes file, store::read_file(command.file, limits::directory_bytes_max));
  if (command.authorities.empty()) {
    LIAISON_TRY(const auto summary, directory::summarise(file));
    context.out << "version " << summary.version << ", hash " << to_base64(summary.hash) << ", signed by\n";
    for (const auto& hash : summary.signed_by) context.out << "  " << to_base64(hash) << "\n";
    return fail(Errc::bad_signature, "NOT VERIFIED: name the authorities you trust with --authority HASH");
  }
  directory::AuthorityPins pins{command.threshold, {}};
  for (const auto& chars : command.authorities) {
    const auto hash = hash_from_base64(chars);
    if (!hash) return fail(Errc::invalid_argument, "authority: base64 of a key hash is needed");
    pins.keys.push_back(*hash);
  }
  LIAISON_TRY(const auto loaded, Directory::load(file, pins));
  print_table(*loaded, context);
  return loaded->check_fresh(context.now);
}

}  // namespace

int directory_init(const DirectoryInit& command, const OfflineContext& context) { return finish(context, "directory init", init(command, context)); }
int directory_add(const DirectoryAdd& command, const OfflineContext& context) {
  return edit_directory("directory add", {command.source, command.dry_run}, [&](const directory::Authored& source) { return with_agency(source, command); }, context);
}
int directory_show(const DirectoryShow& command, const OfflineContext& context) { return finish(context, "directory show", show(command, context)); }

}  // namespace liaison::cli
