// `liaison ca init|request|issuing|issue`, see ca_commands.h. What is checked and issued is decided in pki/.
#include "admin-cli/ca_commands.h"

#include <ostream>

#include "admin-cli/ca_book.h"
#include "core/crypto/certificate.h"
#include "io/keys/passphrase.h"
#include "pki/request.h"

namespace liaison::cli {
namespace {

bool is_there(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::exists(std::filesystem::symlink_status(path, ignored));
}

std::string pem_of(ByteView certificate) { return pki::to_pem("CERTIFICATE", certificate); }

// ca.key of an interrupted set-up is used again: nothing was ever certified with it while there is no ca.crt.
Result<crypto::PrivateKey> new_or_unused_key(const std::filesystem::path& folder, const std::filesystem::path& passphrase_file, const OfflineContext& context) {
  if (is_there(folder / "ca.crt")) return fail(Errc::already_exists, (folder / "ca.crt").string() + " exists already: name another folder");
  LIAISON_TRY(const SecretBytes passphrase, keys::load_passphrase(passphrase_file));
  LIAISON_CHECK(store::make_private_directory(folder));
  if (is_there(folder / "ca.key")) return load_person_key(folder / "ca.key", passphrase_file);
  LIAISON_TRY(auto key, crypto::PrivateKey::generate(crypto::KeyType::p256));
  LIAISON_CHECK(write_private_key(folder / "ca.key", key, passphrase.reveal()));
  if (passphrase.empty()) context.err << "note: " << (folder / "ca.key").string() << " is not encrypted: keep this machine offline, or give --passphrase-file\n";
  LIAISON_CHECK(context.reached("key"));
  return key;
}

Result<void> init(const CaInit& command, const OfflineContext& context) {
  const pki::CaOrder order{command.realm, command.country, command.lifetime, context.now};
  LIAISON_CHECK(pki::make_country_ca(order));  // refuses a wrong order before a file is made
  LIAISON_TRY(auto key, new_or_unused_key(command.directory, command.passphrase_file, context));
  LIAISON_TRY(const auto ca, pki::make_country_ca(order, std::move(key)));
  LIAISON_CHECK(write_new(context, command.directory / "ca.crt", pem_of(ca.certificate)));
  context.out << "certificate authority of " << ca.country << " in realm " << ca.realm << "\n  valid until  " << to_string(ca.not_after) << "\n  key hash     "
              << to_base64(ca.key.public_key().hash()) << "\n  certificate  " << (command.directory / "ca.crt").string() << "\n  private key  "
              << (command.directory / "ca.key").string() << "\n";
  return {};
}

Result<void> request(const CaRequest& command, const OfflineContext& context) {
  LIAISON_TRY(const auto key, new_or_unused_key(command.directory, command.passphrase_file, context));
  LIAISON_TRY(const Bytes der, pki::make_issuing_request(command.realm, command.country, key));
  LIAISON_CHECK(write_new(context, command.out, pki::to_pem("CERTIFICATE REQUEST", der)));
  context.err << "key hash " << to_base64(key.public_key().hash()) << ": read it to the root's keeper over a second way\nnext, at the root: liaison ca issuing REQUEST --ca ROOT --out "
              << "issuing.crt; then put that file here as " << (command.directory / "ca.crt").string() << "\n";
  return {};
}

// Records what was issued, writes it, records that it left. Given again after an interruption, the same certificate goes out.
struct HandOver {
  pki::RegisteredCertificate certificate;
  std::string file_content;
  std::filesystem::path out;
};
Result<void> hand_over(CaBook& book, const HandOver& what, const OfflineContext& context) {
  if (book.entries().find(what.certificate.serial) == nullptr) LIAISON_CHECK(book.append(book.entries().add_issued(what.certificate)));
  LIAISON_CHECK(context.reached("recorded"));
  const auto present = what.out.empty() || !is_there(what.out) ? Result<std::string>(std::string()) : read_text(what.out);
  if (!present || *present != what.file_content) LIAISON_CHECK(write_new(context, what.out, what.file_content));
  LIAISON_CHECK(context.reached("written"));
  return book.append(book.entries().add_handed_over(what.certificate.serial));
}

pki::RegisteredCertificate entry_of(const pki::CertificateSummary& summary, std::string role, std::string subject, Bytes der) {
  return {summary.serial, std::move(role), std::move(subject), summary.key, summary.from, summary.to, std::move(der)};
}

// The certificate of this key that was recorded and never left, if there is one; an error when the key has another.
Result<const pki::RegisteredCertificate*> unfinished(const pki::Register& entries, const Hash& key, std::string_view role, std::string_view subject) {
  const auto* held = entries.find_key(key);
  if (held == nullptr) return nullptr;
  const bool same = held->role == role && held->subject == subject;
  if (same && !held->handed_over && !held->revoked) return held;
  return fail(Errc::not_permitted, "this key has certificate " + held->serial + " of " + held->subject + " for " + held->role + (held->revoked ? ", revoked" : "") +
                                       " already; make a new key and a new request");
}

Result<void> issuing(const CaIssuing& command, const OfflineContext& context) {
  LIAISON_TRY(auto book, CaBook::open(command.directory));
  LIAISON_TRY(const auto root, open_ca(command.directory, command.passphrase_file));
  LIAISON_TRY(const std::string request_text, read_text(command.request));
  LIAISON_TRY(const Bytes der, pki::from_pem("CERTIFICATE REQUEST", view(request_text)));
  LIAISON_TRY(const auto proven, pki::read_proven_request(der));
  LIAISON_TRY(const auto* held, unfinished(book.entries(), proven.key.hash(), "ca", root.country));
  HandOver what{{}, {}, command.out};
  if (held != nullptr) {
    what.certificate = *held;
  } else {
    LIAISON_TRY(Bytes made, pki::issue_issuing_ca(root, der, command.lifetime, context.now));
    LIAISON_TRY(const auto summary, pki::summarise(made));
    what.certificate = entry_of(summary, "ca", root.country, std::move(made));
  }
  what.file_content = pem_of(what.certificate.certificate);
  LIAISON_CHECK(hand_over(book, what, context));
  context.err << "issuing CA of " << root.country << "\n  key hash     " << to_base64(what.certificate.key) << "\n  serial       " << what.certificate.serial << "\n  valid until  "
              << to_string(what.certificate.to) << "\n";
  return {};
}

Result<crypto::KeyRole> role_of(const CaIssue& command, const pki::Request& request) {
  if (command.role.empty()) return request.subject.role;
  const auto role = crypto::parse_key_role(command.role);
  if (!role) return fail(Errc::invalid_argument, "role " + command.role + " is not known: tls or seal");
  return *role;
}

// What the register has to say about a request that is otherwise in order; the certificate to hand out again, or null for a new one.
Result<const pki::RegisteredCertificate*> check_register(const CaIssue& command, const pki::Register& entries, const pki::Request& request, const OfflineContext& context) {
  const std::string role(name(request.subject.role));
  const auto* held = entries.find_key(request.key.hash());
  const auto is_current = [&](const pki::RegisteredCertificate& one) { return one.role == role && one.subject == request.subject.agency && !one.revoked && one.to > context.now; };
  if (command.renewal && std::none_of(entries.certificates().begin(), entries.certificates().end(), is_current))
    return fail(Errc::not_found, request.subject.agency + " has no valid " + role + " certificate to renew; use 'liaison ca issue'");
  if (command.renewal && command.same_key && held != nullptr && held->handed_over && is_current(*held)) return nullptr;
  return unfinished(entries, request.key.hash(), role, request.subject.agency);
}

Result<std::string> with_issuer(ByteView leaf, ByteView ca) {
  // A root is known from the directory; an issuing CA must travel with what it issued.
  LIAISON_TRY(const bool is_root, pki::is_self_signed(ca));
  return is_root ? pem_of(leaf) : pem_of(leaf) + pem_of(ca);
}

Result<void> issue(const CaIssue& command, const OfflineContext& context) {
  LIAISON_TRY(auto book, CaBook::open(command.directory));
  LIAISON_TRY(const auto ca, open_ca(command.directory, command.passphrase_file));
  LIAISON_TRY(const std::string request_text, read_text(command.request));
  LIAISON_TRY(const Bytes der, pki::from_pem("CERTIFICATE REQUEST", view(request_text)));
  LIAISON_TRY(const auto request, pki::read_request(der));
  LIAISON_TRY(const auto role, role_of(command, request));
  LIAISON_TRY(Bytes made, pki::issue(ca, der, role, context.now, command.crl_url));  // all checks of the request, before the register is asked
  LIAISON_TRY(const auto* held, check_register(command, book.entries(), request, context));
  HandOver what{{}, {}, command.out};
  if (held != nullptr) {
    what.certificate = *held;
  } else {
    LIAISON_TRY(const auto summary, pki::summarise(made));
    what.certificate = entry_of(summary, std::string(name(role)), request.subject.agency, std::move(made));
  }
  LIAISON_TRY(what.file_content, with_issuer(what.certificate.certificate, ca.certificate));
  LIAISON_CHECK(hand_over(book, what, context));
  std::ostream& told = command.out.empty() ? context.err : context.out;
  told << "certificate of " << what.certificate.subject << " for " << what.certificate.role << "\n  key hash     " << to_base64(what.certificate.key) << "\n  serial       "
       << what.certificate.serial << "\n  valid until  " << to_string(what.certificate.to) << "\n";
  return {};
}

}  // namespace

int ca_init(const CaInit& command, const OfflineContext& context) { return finish(context, "ca init", init(command, context)); }
int ca_request(const CaRequest& command, const OfflineContext& context) { return finish(context, "ca request", request(command, context)); }
int ca_issuing(const CaIssuing& command, const OfflineContext& context) { return finish(context, "ca issuing", issuing(command, context)); }
int ca_issue(const CaIssue& command, const OfflineContext& context) { return finish(context, command.renewal ? "ca renew" : "ca issue", issue(command, context)); }

}  // namespace liaison::cli
