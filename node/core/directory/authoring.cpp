// See authoring.h. Strings are escaped; lists come out one entry per line, so that a difference between two versions is readable.
#include "core/directory/authoring.h"

#include "core/directory/entries.h"
#include "core/directory/json_edit.h"
#include "core/directory/json_parser.h"

namespace liaison::directory {
namespace {

std::string key_object(const RegisteredKey& key) {
  return "{\"role\": " + json_quoted(crypto::name(key.role)) + ", \"spki\": " + json_quoted(to_base64(key.spki)) + ",\n       \"not_before\": " + json_quoted(to_string(key.not_before)) +
         ", \"not_after\": " + json_quoted(to_string(key.not_after)) + "}";
}

std::string keys_json(const std::vector<RegisteredKey>& keys) {
  std::string out = "[";
  for (std::size_t i = 0; i < keys.size(); ++i) out += "\n       // key hash " + to_base64(keys[i].hash) + "\n       " + key_object(keys[i]) + (i + 1 < keys.size() ? "," : "");
  return out + "\n     ]";
}

std::string names_json(const Agency& agency) {
  std::string out = "[";
  for (const auto& [language, name] : agency.names)
    out += (out.size() > 1 ? ", " : "") + std::string("{\"language\": ") + json_quoted(language) + ", \"text\": " + json_quoted(name) + "}";
  return out + "]";
}

}  // namespace

std::string key_request_json(const KeyRequest& request) {
  return "// Public keys of " + request.agency + " for the federation's directory. Compare the key hashes with the agency over a second way before adding them.\n{\n  \"agency\": " +
         json_quoted(request.agency) + ",\n  \"keys\": " + keys_json(request.keys) + "\n}\n";
}

Result<KeyRequest> parse_key_request(const std::string& json) {
  LIAISON_TRY(const Bytes parsed, parse_json(json, "liaison.directory.fb.KeyRequest"));
  return read_key_request(*flatbuffers::GetRoot<fb::KeyRequest>(parsed.data()));
}

std::string source_json(const NewSource& source) {
  std::string keys;
  for (const auto& key : source.authority_keys) keys += (keys.empty() ? "" : ",") + std::string("\n    ") + json_quoted(to_base64(key));
  return "// Directory of the federation " + source.realm + ". Edit, then `liaison directory sign` makes the next version.\n{\n  \"realm\": " + json_quoted(source.realm) +
         ",\n  // from then on nodes warn\n  \"expires\": " + json_quoted(to_string(source.expires)) +
         ",\n  // from then on nodes neither seal nor accept\n  \"grace\": " + json_quoted(to_string(source.grace)) +
         ",\n  \"authorities\": {\"threshold\": " + std::to_string(source.pins.threshold) + ", \"keys\": [" + keys +
         "\n  ]},\n  \"agencies\": [\n  ],\n  \"groups\": [\n  ],\n  // certificate authorities, one per country\n  \"countries\": [\n  ],\n  \"revocations\": [\n  ],\n"
         "  \"policies\": [\n  ]\n}\n";
}

std::string entry_json(const Agency& agency) {
  std::string out = "{\"id\": " + json_quoted(agency.id) + ", \"country\": " + json_quoted(agency.country) + ", \"type\": " + json_quoted(agency.type);
  if (!agency.names.empty()) out += ",\n     \"names\": " + names_json(agency);
  out += ",\n     \"endpoints\": " + json_list(agency.endpoints) + ", \"channels\": " + json_list(agency.channels);
  if (!agency.bureau.empty()) out += ", \"bureau\": " + json_quoted(agency.bureau);
  if (agency.is_bureau) out += ", \"is_bureau\": true";
  if (agency.witness) out += ", \"witness\": true";
  if (!agency.blind_pairs.empty()) out += ", \"blind_pairs\": " + json_list(agency.blind_pairs);
  for (std::size_t i = 0; i < agency.competences.size(); ++i) out += (i == 0 ? ",\n     \"competences\": [\n       " : ",\n       ") + competence_json(agency.competences[i]);
  if (!agency.competences.empty()) out += "\n     ]";
  std::string suites;
  for (const auto suite : agency.suites.empty() ? std::vector<std::uint16_t>{1} : agency.suites) suites += (suites.empty() ? "" : ", ") + std::to_string(suite);
  if (agency.min_suite != 1) out += ", \"min_suite\": " + std::to_string(agency.min_suite);
  if (agency.min_suite_since) out += ", \"min_suite_since\": " + json_quoted(to_string(*agency.min_suite_since));
  return out + ",\n     \"suites\": [" + suites + "],\n     \"keys\": " + keys_json(agency.keys) + "}";
}

std::string key_json(const RegisteredKey& key) { return "// key hash " + to_base64(key.hash) + "\n       " + key_object(key); }

std::string competence_json(const Competence& competence) {
  std::string out = "{\"topics\": " + json_list(competence.topics);
  if (!competence.legal_bases.empty()) out += ", \"legal_bases\": " + json_list(competence.legal_bases);
  if (!competence.languages.empty()) out += ", \"languages\": " + json_list(competence.languages);
  const std::pair<const char*, const std::string&> texts[]{{"hours", competence.hours},   {"zone", competence.zone},             {"telephone", competence.telephone},
                                                           {"urgent", competence.urgent}, {"designated", competence.designated}, {"ended", competence.ended}};
  for (const auto& [name, value] : texts)
    if (!value.empty()) out += ", \"" + std::string(name) + "\": " + json_quoted(value);
  return out + "}";
}

std::string entry_json(const CountryAuthority& country) {
  std::vector<std::string> certificates, crls;
  for (const auto& certificate : country.certificates) certificates.push_back(to_base64(certificate));
  for (const auto& list : country.crls) crls.push_back(to_base64(list));
  std::string out = "{\"country\": " + json_quoted(country.country) + ", \"certificates\": " + json_list(certificates);
  if (!crls.empty()) out += ", \"crls\": " + json_list(crls) + ", \"crl_grace_hours\": " + std::to_string(country.crl_grace.count());
  return out + "}";
}

Result<std::string> insert_entry(std::string_view json, std::string_view list, std::string_view object) { return append_item(json, {std::string(list)}, object); }

}  // namespace liaison::directory
