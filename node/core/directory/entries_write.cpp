// Owned structs to distributed Entry buffers, for the authoring tools. Pure. What was distributed is never written again: nodes keep the bytes they verified.
#include "core/directory/entries.h"

namespace liaison::directory {
namespace {

using Builder = flatbuffers::FlatBufferBuilder;
using String = flatbuffers::Offset<flatbuffers::String>;

String text(Builder& builder, const std::string& chars) { return chars.empty() ? String{} : builder.CreateString(chars); }

flatbuffers::Offset<flatbuffers::Vector<String>> texts(Builder& builder, const std::vector<std::string>& items) {
  if (items.empty()) return {};
  return builder.CreateVectorOfStrings(items);
}

template <class Table>
Bytes finish(Builder& builder, fb::Body type, flatbuffers::Offset<Table> body) {
  builder.Finish(fb::CreateEntry(builder, type, body.Union()));
  return {builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()};
}

template <class Table>
flatbuffers::Offset<flatbuffers::Vector<flatbuffers::Offset<Table>>> tables(Builder& builder, const std::vector<flatbuffers::Offset<Table>>& items) {
  if (items.empty()) return {};
  return builder.CreateVector(items);
}

std::vector<flatbuffers::Offset<fb::Key>> write_keys(Builder& builder, const Agency& agency) {
  std::vector<flatbuffers::Offset<fb::Key>> out;
  for (const auto& key : agency.keys)
    out.push_back(fb::CreateKey(builder, builder.CreateString(crypto::name(key.role)), builder.CreateString(to_base64(key.spki)),
                                builder.CreateString(to_string(key.not_before)), builder.CreateString(to_string(key.not_after))));
  return out;
}

std::vector<flatbuffers::Offset<fb::Name>> write_names(Builder& builder, const Agency& agency) {
  std::vector<flatbuffers::Offset<fb::Name>> out;
  for (const auto& [language, name] : agency.names) out.push_back(fb::CreateName(builder, builder.CreateString(language), builder.CreateString(name)));
  return out;
}

std::vector<flatbuffers::Offset<fb::Competence>> write_competences(Builder& builder, const Agency& agency) {
  std::vector<flatbuffers::Offset<fb::Competence>> out;
  for (const auto& competence : agency.competences) {
    const auto topics = texts(builder, competence.topics);
    const auto legal_bases = texts(builder, competence.legal_bases);
    const auto languages = texts(builder, competence.languages);
    const auto hours = text(builder, competence.hours);
    const auto telephone = text(builder, competence.telephone);
    const auto designated = text(builder, competence.designated);
    const auto urgent = text(builder, competence.urgent);
    const auto zone = text(builder, competence.zone);
    out.push_back(fb::CreateCompetence(builder, topics, legal_bases, languages, hours, telephone, designated, urgent, zone, text(builder, competence.ended)));
  }
  return out;
}

}  // namespace

Bytes write_entry(const Agency& agency) {
  Builder builder;
  const auto id = text(builder, agency.id);
  const auto country = text(builder, agency.country);
  const auto type = text(builder, agency.type);
  const auto names = tables(builder, write_names(builder, agency));
  const auto endpoints = texts(builder, agency.endpoints);
  const auto channels = texts(builder, agency.channels);
  const auto bureau = text(builder, agency.bureau);
  const auto keys = tables(builder, write_keys(builder, agency));
  const auto suites = builder.CreateVector(agency.suites);
  const auto since = agency.min_suite_since ? builder.CreateString(to_string(*agency.min_suite_since)) : String{};
  const auto blind = texts(builder, agency.blind_pairs);
  const auto competences = tables(builder, write_competences(builder, agency));
  const bool is_member = agency.standing == Standing::member;
  const auto standing = is_member ? String{} : builder.CreateString(agency.standing == Standing::left ? "left" : "suspended");
  const auto standing_since = is_member ? String{} : builder.CreateString(to_string(agency.since));
  const auto successor = text(builder, agency.successor);
  return finish(builder, fb::Body::Agency,
                fb::CreateAgency(builder, id, country, type, names, endpoints, channels, bureau, agency.is_bureau, keys, suites, agency.min_suite, since,
                                 agency.witness, blind, competences, standing, standing_since, successor));
}

Bytes write_entry(const Group& group) {
  Builder builder;
  const auto id = text(builder, group.id);
  const auto purpose = text(builder, group.purpose);
  const auto owner = text(builder, group.owner);
  const auto members = texts(builder, group.members);
  const auto ends = builder.CreateString(to_string(group.ends));
  const auto profession = text(builder, group.profession);
  const auto form = text(builder, group.form);
  std::vector<flatbuffers::Offset<fb::Joined>> joined;
  for (const auto& [member, since] : group.joined) joined.push_back(fb::CreateJoined(builder, builder.CreateString(member), builder.CreateString(to_string(since))));
  return finish(builder, fb::Body::Group, fb::CreateGroup(builder, id, purpose, owner, members, ends, profession, form, tables(builder, joined)));
}

Bytes write_entry(const CountryAuthority& country) {
  Builder builder;
  std::vector<std::string> certificates, crls;
  for (const auto& certificate : country.certificates) certificates.push_back(to_base64(certificate));
  for (const auto& list : country.crls) crls.push_back(to_base64(list));
  const auto code = text(builder, country.country);
  const auto written_certificates = texts(builder, certificates);
  const auto written_crls = texts(builder, crls);
  const auto grace = static_cast<std::uint32_t>(country.crl_grace.count());
  return finish(builder, fb::Body::CountryAuthority, fb::CreateCountryAuthority(builder, code, written_certificates, written_crls, grace));
}

Bytes write_entry(const Revocation& revocation) {
  Builder builder;
  const auto key = builder.CreateString(to_base64(revocation.key));
  const auto since = builder.CreateString(to_string(revocation.since));
  const auto kind = builder.CreateString(revocation.kind == RevocationKind::superseded ? "superseded" : "compromised");
  return finish(builder, fb::Body::Revocation, fb::CreateRevocation(builder, key, since, kind));
}

Bytes write_entry(const FederationPolicy& policy) {
  Builder builder;
  const auto name = text(builder, policy.name);
  return finish(builder, fb::Body::FederationPolicy,
                fb::CreateFederationPolicy(builder, name, policy.version, builder.CreateString(to_base64(policy.fingerprint))));
}

}  // namespace liaison::directory
