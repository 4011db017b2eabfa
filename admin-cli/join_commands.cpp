// See join_commands.h. The node's side is in join_node; here are the options, and what the authority looks at and decides.
#include "admin-cli/join_commands.h"

#include <algorithm>
#include <iomanip>
#include <memory>
#include <ostream>

#include "admin-cli/directory_edits.h"
#include "admin-cli/join_node.h"
#include "admin-cli/office_hours.h"
#include "core/base/limits.h"
#include "core/directory/authoring.h"
#include "core/form/text.h"
#include "io/store/files.h"
#include "pki/request.h"

namespace liaison::cli {
namespace {
constexpr auto required = Need::required;

Result<directory::JoinRequest> read_join_request(const std::string& file) {
  LIAISON_TRY(const Bytes bytes, store::read_file(file, limits::directory_bytes_max));
  auto request = directory::parse_join_file(bytes);
  if (!request) return fail(request.error().code, file + ": " + request.error().detail);
  return request;
}

// The certificate requests belong to the entry: realm, agency, role, and the seal key is the registered one.
std::vector<std::string> certificate_objections(const directory::JoinRequest& request) {
  std::vector<std::string> out;
  for (const auto role : {crypto::KeyRole::tls, crypto::KeyRole::seal}) {
    const std::string what = "its certificate request for " + std::string(name(role));
    const auto read = pki::read_request(role == crypto::KeyRole::tls ? request.tls_request : request.seal_request);
    if (!read) {
      out.push_back(what + " is not valid: " + read.error().message());
      continue;
    }
    if (read->subject.agency != request.agency.id || read->subject.realm != request.realm || read->subject.role != role) out.push_back(what + " is for " + read->subject.agency + " in " + read->subject.realm + ", role " + std::string(name(read->subject.role)));
    const auto same = [&](const directory::RegisteredKey& key) { return key.hash == read->key.hash(); };
    const auto& keys = request.agency.keys;
    const auto found = std::find_if(keys.begin(), keys.end(), same);
    if (role == crypto::KeyRole::seal && (found == keys.end() || found->role != role)) out.push_back(what + " is for another key than its seal key");
    if (role == crypto::KeyRole::tls && found != keys.end()) out.push_back(what + " is for its " + std::string(name(found->role)) + " key: a key serves one role");
  }
  return out;
}

std::string joined(const std::vector<std::string>& items) {
  std::string out;
  for (const auto& item : items) out += (out.empty() ? "" : ", ") + item;
  return out.empty() ? "-" : form::visible(out);
}

void print_request(const directory::JoinRequest& request, std::ostream& out) {
  const auto& agency = request.agency;
  out << "request to join " << request.realm << " as " << agency.id << ", made " << to_string(request.at) << "\nfingerprint  " << to_base64(request.fingerprint) << "\n             (have it read to you by telephone, over a number you did not get from this file)\n";
  for (const auto& [language, name] : agency.names) out << "  name " << std::left << std::setw(6) << form::visible(language) << form::visible(name) << "\n";
  out << "  type       " << agency.type << "\n  endpoints  " << joined(agency.endpoints) << "\n  channels   " << joined(agency.channels) << "\n  bureau     " << (agency.bureau.empty() ? "-" : form::visible(agency.bureau)) << "\n";
  if (agency.is_bureau) out << "  IT WISHES TO BE A BUREAU: other agencies may name it as theirs\n";
  if (agency.witness) out << "  it wishes to cosign audit logs of others\n";
  if (!agency.blind_pairs.empty()) out << "  forwards unopened for " << joined(agency.blind_pairs) << "\n";
  for (const auto& one : agency.competences)
    out << "  competent  " << joined(one.topics) << "; " << joined(one.legal_bases) << "; " << joined(one.languages) << "; hours " << form::visible(one.hours) << "; telephone " << form::visible(one.telephone) << "; urgent " << form::visible(one.urgent)
        << "; designated " << (one.designated.empty() ? "-" : one.designated) << "\n";
  for (const auto& key : agency.keys)
    out << "  key " << std::left << std::setw(8) << name(key.role) << to_base64(key.hash) << "  until " << to_string(key.not_after).substr(0, 10)
        << (directory::proves_itself(key.role) ? "  possession proved" : key.role == crypto::KeyRole::policy ? "  of a person; proved with each policy" : "  opens only; vouched for by the seal key") << "\n";
}

// What speaks against it, with warnings that do not.
Result<std::vector<std::string>> review(const directory::JoinRequest& request, const directory::Directory& content, Context& context) {
  auto against = directory::objections(request, content, wall_now());
  for (auto& line : certificate_objections(request)) against.push_back(std::move(line));
  for (const auto& line : against) context.out() << "AGAINST  " << form::visible(line) << "\n";
  const auto country = std::string(country_of(request.agency.id));
  if (content.country(country) == nullptr) context.out() << "note     the directory has no certificate authority of " << country << ": give it with directory accept --ca\n";
  for (const auto& [id, agency] : content.agencies())
    for (const auto& endpoint : agency.endpoints)
      if (std::find(request.agency.endpoints.begin(), request.agency.endpoints.end(), endpoint) != request.agency.endpoints.end()) context.out() << "note     " << endpoint << " is also the endpoint of " << id << "\n";
  if (!std::any_of(request.agency.names.begin(), request.agency.names.end(), [](const auto& name) { return name.first == "en"; })) context.out() << "note     it has no name in English\n";
  for (const auto& one : request.agency.competences)
    if (!one.hours.empty() && !are_hours(one.hours)) context.out() << "note     hours \"" << form::visible(one.hours) << "\" are not of the form Mo-Fr 08:00-17:00: nobody will be told whether it is open\n";
  return against;
}

struct Accept {
  std::string request, source, ca;
  bool dry_run = false;
};

Result<std::string> with_request(const directory::Authored& source, const Accept& accept, Context& context) {
  LIAISON_TRY(const auto request, read_join_request(accept.request));
  LIAISON_TRY(const auto against, review(request, *source.content, context));
  if (!against.empty()) return fail(Errc::not_permitted, accept.request + ": " + std::to_string(against.size()) + " things speak against it, named above");
  std::string json = source.json;
  if (!accept.ca.empty()) {
    LIAISON_TRY(const std::string pem, read_text(accept.ca));
    LIAISON_TRY(Bytes der, pki::from_pem("CERTIFICATE", view(pem)));
    const std::string country(country_of(request.agency.id));
    const auto* known = source.content->country(country);
    const bool is_there = known != nullptr && std::find(known->certificates.begin(), known->certificates.end(), der) != known->certificates.end();
    if (known != nullptr && !is_there) return fail(Errc::already_exists, "the directory has another certificate authority of " + country + ": a country's CA is not changed in passing");
    if (!is_there) {
      LIAISON_TRY(json, directory::insert_entry(json, "countries", directory::entry_json(directory::CountryAuthority{country, {std::move(der)}})));
    }
  }
  return directory::insert_entry(json, "agencies", directory::entry_json(request.agency));
}

struct AnchorMake {
  std::string directory, request, certificate, seal_certificate, out;
};

Result<void> make_anchor(const AnchorMake& command, Context& context) {
  LIAISON_TRY(const auto request, read_join_request(command.request));
  LIAISON_TRY(Bytes file, store::read_file(command.directory, limits::directory_bytes_max));
  LIAISON_TRY(const auto content, directory::read_content(file));
  directory::Anchor anchor{content->realm(), request.agency.id, content->authorities(), file, {}, {}};
  const auto loaded = directory::Directory::load(file, anchor.pins);
  if (!loaded) return fail(loaded.error().code, command.directory + ": " + loaded.error().detail);
  LIAISON_CHECK((*loaded)->check_fresh(wall_now()));
  if (!(*loaded)->is_member(request.agency.id)) return fail(Errc::not_found, request.agency.id + " is not a member in this version: accept the request and sign a new one");
  for (const auto& key : request.agency.keys)
    if (!(*loaded)->key(request.agency.id, key.role, key.hash, std::max(key.not_before, wall_now()))) return fail(Errc::key_not_valid, "the " + std::string(name(key.role)) + " key of the request is not in this version: the directory holds other keys");
  if (!command.certificate.empty()) {
    LIAISON_TRY(anchor.tls_chain, read_text(command.certificate));
  }
  if (!command.seal_certificate.empty()) {
    LIAISON_TRY(anchor.seal_chain, read_text(command.seal_certificate));
  }
  LIAISON_CHECK(store::create_durably(command.out, directory::make_anchor_file(anchor), 0644));
  context.out() << "anchor for " << anchor.agency << " in " << command.out << ", directory version " << content->version() << (anchor.tls_chain.empty() ? ", without certificates (they come from the country's CA)" : "") << "\nanchor code "
                << directory::anchor_code(anchor) << "\nRead the code to the new agency by telephone.\n";
  return {};
}

// The certificate requests of a join request as files for `liaison ca issue`.
Result<void> write_requests(const directory::JoinRequest& request, const std::string& folder, Context& context) {
  for (const auto role : {crypto::KeyRole::tls, crypto::KeyRole::seal}) {
    const auto file = std::filesystem::path(folder) / (request.agency.id + "." + std::string(name(role)) + ".csr");
    LIAISON_CHECK(store::create_durably(file, view(pki::to_pem("CERTIFICATE REQUEST", role == crypto::KeyRole::tls ? request.tls_request : request.seal_request)), 0644));
    context.out() << "for the CA: " << file.string() << "\n";
  }
  return {};
}

struct Review {
  std::string request, source, csr_folder;
};
Result<Exit> run_review(const Review& command, Context& context) {
  LIAISON_TRY(const auto request, read_join_request(command.request));
  LIAISON_TRY(const std::string json, read_text(command.source));
  LIAISON_TRY(const auto content, directory::read_source_content(json));
  print_request(request, context.out());
  LIAISON_TRY(const auto against, review(request, *content, context));
  if (!against.empty()) return Exit::refused;
  context.out() << "nothing speaks against it; who could then read what: liaison directory accept --dry-run\n";
  if (!command.csr_folder.empty()) LIAISON_CHECK(write_requests(request, command.csr_folder, context));
  return Exit::done;
}

Result<std::map<std::string, std::string>> names_of(const std::vector<std::string>& items) {
  std::map<std::string, std::string> names;
  for (const auto& item : items) {
    const auto equals = item.find('=');
    if (equals == std::string::npos || equals == 0) return fail(Errc::invalid_argument, "--name: a language and a name like fr=Douanes are needed, not " + item);
    names[item.substr(0, equals)] = item.substr(equals + 1);
  }
  return names;
}

struct Join {
  JoinOrder order;
  AnchorOrder anchor;
  directory::Competence competence;
  std::vector<std::string> names;
};

Result<Exit> run_join(Join& join, Context& context) {
  if (!join.anchor.anchor.empty()) {
    LIAISON_TRY(const bool installed, install_anchor(join.anchor, context));
    return installed ? Exit::done : Exit::not_confirmed;
  }
  auto& order = join.order;
  if (order.node.agency.empty() || order.node.realm.empty() || order.agency.type.empty() || order.out.empty()) return fail(Errc::invalid_argument, "a request needs --agency, --realm, --type and --out (an answer is installed with --anchor)");
  if (!is_agency_id(order.node.agency)) return fail(Errc::invalid_argument, "--agency " + order.node.agency + " is not an agency id like ke.customs");
  if (!join.competence.hours.empty() && !are_hours(join.competence.hours)) return fail(Errc::invalid_argument, "--hours: 24h, or days and times like \"Mo-Fr 08:00-17:00; Sa 09:00-12:00\"");
  if (!join.competence.zone.empty() && !is_zone(join.competence.zone)) return fail(Errc::invalid_argument, "--zone " + join.competence.zone + " is not a time zone like Africa/Nairobi");
  order.agency.id = order.node.agency;
  order.agency.country = std::string(country_of(order.node.agency));
  order.agency.suites = {1};
  LIAISON_TRY(order.agency.names, names_of(join.names));
  if (!join.competence.topics.empty()) order.agency.competences = {join.competence};
  LIAISON_CHECK(make_join_request(order, context));
  return Exit::done;
}

int finish_with(Context& context, const Result<Exit>& result) { return result ? code(*result) : tell(context, result.error()); }

}  // namespace

Action bind_join(Options& options) {
  auto join = std::make_shared<Join>();
  auto& order = join->order;
  options.text("DIR", order.node.directory, "folder of the node; made when it is not there", required);
  options.text("--agency", order.node.agency, "id of the agency, for example ug.police");
  options.text("--realm", order.node.realm, "name of the federation");
  options.text("--listen", order.node.listen, "address and port for other agencies, for a new node");
  options.text("--passphrase-file", order.node.passphrase_file, "file with the passphrase of the key files, for a new node");
  options.text("--type", order.agency.type, "type of agency, for example police or customs");
  options.list("--name", join->names, "LANGUAGE=NAME, for example en=Uganda Police");
  options.list("--endpoint", order.agency.endpoints, "host:port where other agencies reach it");
  options.list("--channel", order.agency.channels, "interpol, customs, cites or judicial");
  options.text("--bureau", order.agency.bureau, "id of its own bureau");
  options.flag("--is-bureau", order.agency.is_bureau, "it is to be a national bureau");
  options.list("--policy-key", order.policy_keys, "public key file of a person who vouches for its policies");
  options.number("--days", order.days, "how long the keys are to be valid");
  options.list("--topic", join->competence.topics, "what it is the competent authority for");
  options.list("--legal-basis", join->competence.legal_bases, "treaty or law");
  options.list("--language", join->competence.languages, "language it works in");
  options.text("--hours", join->competence.hours, "24h, or days and times like \"Mo-Fr 08:00-17:00\"");
  options.text("--zone", join->competence.zone, "time zone of the hours, for example Africa/Kampala");
  options.text("--telephone", join->competence.telephone, "telephone in office hours");
  options.text("--urgent", join->competence.urgent, "telephone for urgent matters, at any hour");
  options.text("--designated", join->competence.designated, "date of designation, like 2026-01-31");
  options.text("--out", order.out, "request file to write");
  options.text("--anchor", join->anchor.anchor, "the authority's answer: check and install it");
  options.text("--certificate", join->anchor.certificate, "tls certificate chain, when the anchor has none");
  options.text("--seal-certificate", join->anchor.seal_certificate, "seal certificate chain, when the anchor has none");
  options.text("--yes", join->anchor.yes, "anchor code that the authority told you; without it a person is asked");
  return [join](Context& context) {
    join->anchor.folder = join->order.node.directory;
    return finish_with(context, run_join(*join, context));
  };
}

Action bind_directory_review(Options& options) {
  auto review = std::make_shared<Review>();
  options.text("REQUEST", review->request, "file of liaison join", required);
  options.text("--source", review->source, "authored directory it is to join", required);
  options.text("--csr-folder", review->csr_folder, "write its certificate requests there, for the country's CA");
  return [review](Context& context) { return finish_with(context, run_review(*review, context)); };
}

Action bind_directory_accept(Options& options) {
  auto accept = std::make_shared<Accept>();
  options.text("REQUEST", accept->request, "file of liaison join", required);
  options.text("--source", accept->source, "authored directory it is to join", required);
  options.text("--ca", accept->ca, "certificate of its country's CA, when it is the first of its country");
  options.flag("--dry-run", accept->dry_run, "only say who could newly read what; exit code 8 when access would widen");
  return [accept](Context& context) {
    const OfflineContext offline{context.out(), context.err(), wall_now()};
    return edit_directory(context.command, {accept->source, accept->dry_run}, [&](const directory::Authored& source) { return with_request(source, *accept, context); }, offline);
  };
}

Action bind_directory_anchor(Options& options) {
  auto anchor = std::make_shared<AnchorMake>();
  options.text("DIRECTORY", anchor->directory, "signed directory that has the new agency", required);
  options.text("--request", anchor->request, "its request", required);
  options.text("--certificate", anchor->certificate, "its tls certificate, when the CA is here");
  options.text("--seal-certificate", anchor->seal_certificate, "its seal certificate, when the CA is here");
  options.text("--out", anchor->out, "file to write", required);
  return [anchor](Context& context) { return finish(context, make_anchor(*anchor, context)); };
}

}  // namespace liaison::cli
