// FlatBuffer tables of directory.fbs to owned structs, every value checked. Pure; the caller has run the FlatBuffers Verifier.
// Keys are checked for shape and hashed, not constructed: a directory of a thousand agencies must load in milliseconds.
#include <algorithm>

#include "core/base/limits.h"
#include "core/crypto/revocation_list.h"
#include "core/directory/authoring.h"
#include "core/directory/entries.h"

namespace liaison::directory {
namespace {

using Strings = flatbuffers::Vector<flatbuffers::Offset<flatbuffers::String>>;

// Reads fields of one entry; the first wrong one is remembered, all later reads are empty.
class FieldReader {
 public:
  explicit FieldReader(std::string place) : place_(std::move(place)) {}
  bool ok() const { return !error_; }
  Error error() const { return *error_; }
  void refuse(std::string_view field, std::string_view why) {
    if (!error_) error_ = fail(Errc::bad_format, place_ + ": " + std::string(field) + " " + std::string(why));
  }
  std::string text(const flatbuffers::String* from, std::string_view field, std::size_t bytes_max = value_bytes_max);
  std::string required(const flatbuffers::String* from, std::string_view field);
  std::vector<std::string> texts(const Strings* from, std::string_view field, std::size_t items_max = list_items_max);
  Time time(const flatbuffers::String* from, std::string_view field);
  std::string date(const flatbuffers::String* from, std::string_view field);  // empty when absent
  Hash hash(const flatbuffers::String* from, std::string_view field);
  Bytes base64(const flatbuffers::String* from, std::string_view field, std::size_t bytes_max);
  template <class Vector>
  bool fits(const Vector* from, std::string_view field) {
    if (from == nullptr || from->size() <= list_items_max) return ok();
    refuse(field, "has more than " + std::to_string(list_items_max) + " items");
    return false;
  }

 private:
  std::string place_;
  std::optional<Error> error_;
};

bool is_printable(std::string_view chars) {
  return std::none_of(chars.begin(), chars.end(), [](char c) { return (c >= 0 && c < ' ') || c == 0x7F; });
}

std::string FieldReader::text(const flatbuffers::String* from, std::string_view field, std::size_t bytes_max) {
  if (from == nullptr || !ok()) return {};
  const std::string_view chars{from->data(), from->size()};
  if (chars.size() > bytes_max) refuse(field, "is longer than " + std::to_string(bytes_max) + " bytes");
  if (!is_printable(chars)) refuse(field, "has control characters");
  return ok() ? std::string(chars) : std::string();
}

std::string FieldReader::required(const flatbuffers::String* from, std::string_view field) {
  auto chars = text(from, field);
  if (chars.empty()) refuse(field, "is missing");
  return chars;
}

std::vector<std::string> FieldReader::texts(const Strings* from, std::string_view field, std::size_t items_max) {
  std::vector<std::string> out;
  if (from == nullptr || !ok()) return out;
  if (from->size() > items_max) refuse(field, "has more than " + std::to_string(items_max) + " items");
  for (std::size_t i = 0; ok() && i < from->size(); ++i) {
    out.push_back(required(from->Get(static_cast<flatbuffers::uoffset_t>(i)), field));
    if (std::find(out.begin(), out.end() - 1, out.back()) != out.end() - 1) refuse(field, "names " + out.back() + " twice");
  }
  return out;
}

Time FieldReader::time(const flatbuffers::String* from, std::string_view field) {
  const auto chars = required(from, field);
  const auto parsed = parse_time(chars);
  if (!parsed) refuse(field, "is not a time like 2026-01-31T00:00:00.000Z");
  return parsed.value_or(Time{});
}

std::string FieldReader::date(const flatbuffers::String* from, std::string_view field) {
  auto chars = text(from, field);
  if (!chars.empty() && !parse_time(chars + "T00:00:00.000Z")) refuse(field, "is not a date like 2026-01-31");
  return chars;
}

Hash FieldReader::hash(const flatbuffers::String* from, std::string_view field) {
  const auto parsed = hash_from_base64(required(from, field));
  if (!parsed) refuse(field, "is not the base64 of a SHA-256 hash");
  return parsed.value_or(Hash{});
}

Bytes FieldReader::base64(const flatbuffers::String* from, std::string_view field, std::size_t bytes_max) {
  const auto chars = text(from, field, (bytes_max + 2) / 3 * 4);
  auto parsed = from_base64(chars);
  if (!parsed || parsed->empty()) refuse(field, "is not base64");
  return ok() ? std::move(*parsed) : Bytes();
}

bool is_code(std::string_view chars) {
  return chars.size() >= 2 && chars.size() <= 64 && std::all_of(chars.begin(), chars.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
  });
}

bool is_channel(std::string_view chars) { return chars == "interpol" || chars == "customs" || chars == "cites" || chars == "judicial"; }

bool is_country(std::string_view chars) {
  return chars == "int" || (chars.size() == 2 && std::all_of(chars.begin(), chars.end(), [](char c) { return c >= 'a' && c <= 'z'; }));
}

bool is_endpoint(std::string_view chars) {
  const auto colon = chars.rfind(':');
  if (colon == std::string_view::npos || colon == 0 || !std::all_of(chars.begin(), chars.end(), [](char c) { return c > ' ' && c < 0x7F; })) return false;
  const auto port = chars.substr(colon + 1);
  const bool digits = !port.empty() && port.size() <= 5 && port[0] != '0' && std::all_of(port.begin(), port.end(), [](char c) { return c >= '0' && c <= '9'; });
  return digits && std::stoul(std::string(port)) <= 65535;
}

// Fixed beginnings of the two forms of SubjectPublicKeyInfo that a key may have (RFC 5480 with an uncompressed point, RFC 8410).
bool has_spki_shape(ByteView spki, crypto::KeyType type) {
  constexpr std::array<std::uint8_t, 27> p256{0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01, 0x06,
                                              0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04};
  constexpr std::array<std::uint8_t, 12> ed25519{0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x03, 0x21, 0x00};
  const ByteView head = type == crypto::KeyType::p256 ? ByteView(p256) : ByteView(ed25519);
  const std::size_t point = type == crypto::KeyType::p256 ? 64 : 32;
  return spki.size() == head.size() + point && equal(spki.first(head.size()), head);
}

RegisteredKey read_key(const fb::Key& from, FieldReader& reader) {
  RegisteredKey key;
  const auto role = crypto::parse_key_role(reader.required(from.role(), "key role"));
  if (!role || *role == crypto::KeyRole::authority) reader.refuse("key role", "is not a role of agencies");
  key.role = role.value_or(crypto::KeyRole::seal);
  key.spki = reader.base64(from.spki(), "key spki", 128);
  if (!has_spki_shape(key.spki, crypto::key_type(key.role))) reader.refuse("key spki", "is not a public key of the type of its role");
  key.hash = merkle::sha256(ByteView(key.spki));
  key.not_before = reader.time(from.not_before(), "key not_before");
  key.not_after = reader.time(from.not_after(), "key not_after");
  if (key.not_after <= key.not_before) reader.refuse("key not_after", "is not after not_before");
  return key;
}

Competence read_competence(const fb::Competence& from, FieldReader& reader) {
  return Competence{.topics = reader.texts(from.topics(), "topics"), .legal_bases = reader.texts(from.legal_bases(), "legal_bases"), .languages = reader.texts(from.languages(), "languages"),
                    .hours = reader.text(from.hours(), "hours"), .telephone = reader.text(from.telephone(), "telephone"), .designated = reader.date(from.designated(), "designated"),
                    .urgent = reader.text(from.urgent(), "urgent"), .zone = reader.text(from.zone(), "zone"), .ended = reader.date(from.ended(), "ended")};
}

void read_names(const fb::Agency& from, Agency& agency, FieldReader& reader) {
  if (from.names() == nullptr || !reader.fits(from.names(), "names")) return;
  for (const auto* name : *from.names()) {
    const auto language = reader.required(name->language(), "name language");
    if (!reader.ok()) return;
    if (!agency.names.emplace(language, reader.required(name->text(), "name text")).second) reader.refuse("names", "has " + language + " twice");
  }
}

void read_suites(const fb::Agency& from, Agency& agency, FieldReader& reader) {
  agency.min_suite = from.min_suite();
  if (from.min_suite_since() != nullptr) agency.min_suite_since = reader.time(from.min_suite_since(), "min_suite_since");
  if (from.suites() == nullptr) agency.suites = {1};
  else if (reader.fits(from.suites(), "suites")) agency.suites.assign(from.suites()->begin(), from.suites()->end());
  if (agency.suites.empty()) reader.refuse("suites", "is empty");
}

void read_lists(const fb::Agency& from, Agency& agency, FieldReader& reader) {
  agency.endpoints = reader.texts(from.endpoints(), "endpoints");
  for (const auto& endpoint : agency.endpoints)
    if (!is_endpoint(endpoint)) reader.refuse("endpoints", "must be host:port");
  agency.channels = reader.texts(from.channels(), "channels");
  for (const auto& channel : agency.channels)
    if (!is_channel(channel)) reader.refuse("channels", "must be interpol, customs, cites or judicial");
  agency.blind_pairs = reader.texts(from.blind_pairs(), "blind_pairs");
  if (from.keys() != nullptr && reader.fits(from.keys(), "keys"))
    for (const auto* key : *from.keys()) agency.keys.push_back(read_key(*key, reader));
  if (from.competences() != nullptr && reader.fits(from.competences(), "competences"))
    for (const auto* competence : *from.competences()) agency.competences.push_back(read_competence(*competence, reader));
}

void read_standing(const fb::Agency& from, Agency& agency, FieldReader& reader) {
  if (from.standing() == nullptr) {
    if (from.since() != nullptr || from.successor() != nullptr) reader.refuse("standing", "is missing, since or successor is there");
    return;
  }
  const auto standing = reader.required(from.standing(), "standing");
  if (standing != "suspended" && standing != "left") reader.refuse("standing", "must be suspended or left; a member has none");
  agency.standing = standing == "left" ? Standing::left : Standing::suspended;
  agency.since = reader.time(from.since(), "since");
  agency.successor = reader.text(from.successor(), "successor");
  if (agency.standing == Standing::suspended) {
    if (!agency.successor.empty()) reader.refuse("successor", "is only for an agency that has left");
    return;
  }
  const bool reachable = !agency.endpoints.empty() || !agency.channels.empty() || !agency.bureau.empty() || agency.is_bureau || agency.witness || !agency.blind_pairs.empty();
  if (reachable) reader.refuse("standing", "left: endpoints, channels, bureau, is_bureau, witness and blind_pairs must go");
  for (const auto& competence : agency.competences)
    if (competence.ended.empty()) reader.refuse("competences", "of an agency that has left need the date ended");
}

std::string place_of(std::string_view kind, const flatbuffers::String* id) {
  const std::string_view chars = id == nullptr ? std::string_view("without id") : std::string_view(id->data(), std::min<std::size_t>(id->size(), 64));
  return std::string(kind) + " " + (is_printable(chars) ? std::string(chars) : std::string("with a broken id"));
}

void read_group_form(const fb::Group& from, Group& group, FieldReader& reader) {
  group.profession = reader.text(from.profession(), "profession");
  if (!group.profession.empty() && !is_code(group.profession)) reader.refuse("profession", "is not a code of small letters, like customs");
  group.form = from.form() == nullptr ? "long" : reader.required(from.form(), "form");
  if (group.form != "short" && group.form != "long") reader.refuse("form", "must be short or long");
  if (from.joined() == nullptr) return;
  if (from.joined()->size() > group_members_max) reader.refuse("joined", "has too many items");
  for (std::size_t i = 0; reader.ok() && i < from.joined()->size(); ++i) {
    const auto* joined = from.joined()->Get(static_cast<flatbuffers::uoffset_t>(i));
    const auto member = reader.required(joined->member(), "joined member");
    if (std::find(group.members.begin(), group.members.end(), member) == group.members.end()) reader.refuse("joined", "names " + member + ", which is not a member");
    if (!group.joined.emplace(member, reader.time(joined->since(), "joined since")).second) reader.refuse("joined", "names " + member + " twice");
  }
}

}  // namespace

Result<Agency> read_agency(const fb::Agency& from) {
  FieldReader reader(place_of("agency", from.id()));
  Agency agency;
  agency.id = reader.required(from.id(), "id");
  if (!is_agency_id(agency.id)) reader.refuse("id", "is not an agency id like ke.customs");
  agency.country = reader.required(from.country(), "country");
  if (agency.country != country_of(agency.id)) reader.refuse("country", "is not the first label of the id");
  agency.type = reader.required(from.type(), "type");
  if (!is_code(agency.type)) reader.refuse("type", "is not a code");
  read_names(from, agency, reader);
  read_lists(from, agency, reader);
  read_suites(from, agency, reader);
  agency.bureau = reader.text(from.bureau(), "bureau");
  agency.is_bureau = from.is_bureau();
  agency.witness = from.witness();
  read_standing(from, agency, reader);
  if (!reader.ok()) return reader.error();
  return agency;
}

Result<KeyRequest> read_key_request(const fb::KeyRequest& from) {
  FieldReader reader(place_of("key request of", from.agency()));
  KeyRequest request{reader.required(from.agency(), "agency"), {}};
  if (!is_agency_id(request.agency)) reader.refuse("agency", "is not an agency id like ke.customs");
  if (from.keys() == nullptr || from.keys()->size() == 0) reader.refuse("keys", "is empty");
  else if (reader.fits(from.keys(), "keys"))
    for (const auto* key : *from.keys()) request.keys.push_back(read_key(*key, reader));
  if (!reader.ok()) return reader.error();
  return request;
}

Result<Group> read_group(const fb::Group& from) {
  FieldReader reader(place_of("group", from.id()));
  Group group;
  group.id = reader.required(from.id(), "id");
  if (!is_code(group.id)) reader.refuse("id", "is not a code of small letters, digits, dots and hyphens");
  group.purpose = reader.required(from.purpose(), "purpose");
  group.owner = reader.required(from.owner(), "owner");
  group.members = reader.texts(from.members(), "members", group_members_max);
  group.ends = reader.time(from.ends(), "ends");
  read_group_form(from, group, reader);
  if (!reader.ok()) return reader.error();
  return group;
}

Result<CountryAuthority> read_country(const fb::CountryAuthority& from) {
  FieldReader reader(place_of("country", from.country()));
  CountryAuthority country;
  country.country = reader.required(from.country(), "country");
  if (!is_country(country.country)) reader.refuse("country", "is not a two-letter code or int");
  if (from.certificates() == nullptr || from.certificates()->size() == 0) reader.refuse("certificates", "is empty");
  else if (reader.fits(from.certificates(), "certificates"))
    for (const auto* certificate : *from.certificates())
      country.certificates.push_back(reader.base64(certificate, "certificates", limits::certificate_bytes_max));
  if (from.crls() != nullptr && from.crls()->size() > crls_per_country_max) reader.refuse("crls", "has too many lists");
  else if (from.crls() != nullptr)
    for (const auto* list : *from.crls()) country.crls.push_back(reader.base64(list, "crls", crypto::revocation_list_bytes_max));
  country.crl_grace = std::chrono::hours(from.crl_grace_hours());
  if (country.crl_grace > crl_grace_max) reader.refuse("crl_grace_hours", "is more than 90 days");
  if (!reader.ok()) return reader.error();
  return country;
}

Result<Revocation> read_revocation(const fb::Revocation& from) {
  FieldReader reader(place_of("revocation", from.key()));
  Revocation revocation;
  revocation.key = reader.hash(from.key(), "key");
  revocation.since = reader.time(from.since(), "since");
  const auto kind = reader.required(from.kind(), "kind");
  if (kind != "superseded" && kind != "compromised") reader.refuse("kind", "must be superseded or compromised");
  revocation.kind = kind == "superseded" ? RevocationKind::superseded : RevocationKind::compromised;
  if (!reader.ok()) return reader.error();
  return revocation;
}

Result<FederationPolicy> read_policy(const fb::FederationPolicy& from) {
  FieldReader reader(place_of("policy", from.name()));
  FederationPolicy policy{reader.required(from.name(), "name"), from.version(), reader.hash(from.fingerprint(), "fingerprint")};
  if (!is_code(policy.name)) reader.refuse("name", "is not a code");
  if (!reader.ok()) return reader.error();
  return policy;
}

}  // namespace liaison::directory
