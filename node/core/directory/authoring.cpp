// See authoring.h. Strings are escaped; lists come out one entry per line, so that a difference between two versions is readable.
#include "core/directory/authoring.h"

#include <cstdio>

#include "core/directory/entries.h"
#include "core/directory/json_parser.h"

namespace liaison::directory {
namespace {

std::string quoted(std::string_view chars) {
  std::string out = "\"";
  for (const char c : chars) {
    if (c == '"' || c == '\\') out.push_back('\\');
    if (static_cast<unsigned char>(c) >= ' ') {
      out.push_back(c);
      continue;
    }
    char escape[8];
    std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(c));
    out += escape;
  }
  return out + "\"";
}

std::string quoted_list(const std::vector<std::string>& items) {
  std::string out = "[";
  for (const auto& item : items) out += (out.size() > 1 ? ", " : "") + quoted(item);
  return out + "]";
}

std::string keys_json(const std::vector<RegisteredKey>& keys, const std::string& indent) {
  std::string out = "[";
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const auto& key = keys[i];
    out += "\n" + indent + "  // key hash " + to_base64(key.hash) + "\n" + indent + "  {\"role\": " + quoted(crypto::name(key.role)) + ", \"spki\": " + quoted(to_base64(key.spki)) +
           ",\n" + indent + "   \"not_before\": " + quoted(to_string(key.not_before)) + ", \"not_after\": " + quoted(to_string(key.not_after)) + "}" +
           (i + 1 < keys.size() ? "," : "");
  }
  return out + "\n" + indent + "]";
}

std::string names_json(const Agency& agency) {
  std::string out = "[";
  for (const auto& [language, name] : agency.names)
    out += (out.size() > 1 ? ", " : "") + std::string("{\"language\": ") + quoted(language) + ", \"text\": " + quoted(name) + "}";
  return out + "]";
}

// Walks over JSON with comments and knows, at every character outside strings and comments, how deep it is and below which top-level key.
class ListFinder {
 public:
  ListFinder(std::string_view json, std::string_view list) : json_(json), list_(list) {}
  struct Place { std::size_t at; bool after_item; };
  std::optional<Place> find();

 private:
  std::size_t after_comment(std::size_t at) const {
    const bool block = json_[at + 1] == '*';
    const auto end = json_.find(block ? "*/" : "\n", at + 2);
    return end == std::string_view::npos ? json_.size() : end + (block ? 2 : 1);
  }
  std::size_t after_string(std::size_t at);
  std::string_view json_, list_;
  std::string_view last_string_;
  std::size_t depth_ = 0;
  bool inside_ = false;
  std::optional<std::size_t> item_end_;
};

std::size_t ListFinder::after_string(std::size_t at) {
  std::size_t end = at + 1;
  while (end < json_.size() && json_[end] != '"') end += json_[end] == '\\' ? 2 : 1;
  if (depth_ == 1) last_string_ = json_.substr(at + 1, std::min(end, json_.size()) - at - 1);
  return end + 1;
}

std::optional<ListFinder::Place> ListFinder::find() {
  for (std::size_t at = 0; at < json_.size();) {
    const char c = json_[at];
    if (c == '"') {
      at = after_string(at);
      continue;
    }
    if (c == '/' && at + 1 < json_.size() && (json_[at + 1] == '/' || json_[at + 1] == '*')) {
      at = after_comment(at);
      continue;
    }
    if (c == '[' && depth_ == 1 && last_string_ == list_) inside_ = true;
    if (c == '{' || c == '[') ++depth_;
    if ((c == '}' || c == ']') && depth_ > 0) --depth_;
    if (inside_ && c == '}' && depth_ == 2) item_end_ = at + 1;
    if (inside_ && c == ']' && depth_ == 1) return Place{item_end_.value_or(at), item_end_.has_value()};
    ++at;
  }
  return std::nullopt;
}

}  // namespace

std::string key_request_json(const KeyRequest& request) {
  return "// Public keys of " + request.agency + " for the federation's directory. Compare the key hashes with the agency over a second way before adding them.\n{\n  \"agency\": " +
         quoted(request.agency) + ",\n  \"keys\": " + keys_json(request.keys, "  ") + "\n}\n";
}

Result<KeyRequest> parse_key_request(const std::string& json) {
  LIAISON_TRY(const Bytes parsed, parse_json(json, "liaison.directory.fb.KeyRequest"));
  return read_key_request(*flatbuffers::GetRoot<fb::KeyRequest>(parsed.data()));
}

std::string source_json(const NewSource& source) {
  std::string keys;
  for (const auto& key : source.authority_keys) keys += (keys.empty() ? "" : ",") + std::string("\n    ") + quoted(to_base64(key));
  return "// Directory of the federation " + source.realm + ". Edit, then `liaison directory sign` makes the next version.\n{\n  \"realm\": " + quoted(source.realm) +
         ",\n  // from then on nodes warn\n  \"expires\": " + quoted(to_string(source.expires)) +
         ",\n  // from then on nodes neither seal nor accept\n  \"grace\": " + quoted(to_string(source.grace)) +
         ",\n  \"authorities\": {\"threshold\": " + std::to_string(source.pins.threshold) + ", \"keys\": [" + keys +
         "\n  ]},\n  \"agencies\": [\n  ],\n  \"groups\": [\n  ],\n  // certificate authorities, one per country\n  \"countries\": [\n  ],\n  \"revocations\": [\n  ],\n"
         "  \"policies\": [\n  ]\n}\n";
}

std::string entry_json(const Agency& agency) {
  std::string out = "{\"id\": " + quoted(agency.id) + ", \"country\": " + quoted(agency.country) + ", \"type\": " + quoted(agency.type);
  if (!agency.names.empty()) out += ",\n     \"names\": " + names_json(agency);
  out += ",\n     \"endpoints\": " + quoted_list(agency.endpoints) + ", \"channels\": " + quoted_list(agency.channels);
  if (!agency.bureau.empty()) out += ", \"bureau\": " + quoted(agency.bureau);
  if (agency.is_bureau) out += ", \"is_bureau\": true";
  if (agency.witness) out += ", \"witness\": true";
  return out + ",\n     \"suites\": [1],\n     \"keys\": " + keys_json(agency.keys, "     ") + "}";
}

std::string entry_json(const CountryAuthority& country) {
  std::vector<std::string> certificates, crls;
  for (const auto& certificate : country.certificates) certificates.push_back(to_base64(certificate));
  for (const auto& list : country.crls) crls.push_back(to_base64(list));
  std::string out = "{\"country\": " + quoted(country.country) + ", \"certificates\": " + quoted_list(certificates);
  if (!crls.empty()) out += ", \"crls\": " + quoted_list(crls) + ", \"crl_grace_hours\": " + std::to_string(country.crl_grace.count());
  return out + "}";
}

Result<std::string> insert_entry(std::string_view json, std::string_view list, std::string_view object) {
  const auto place = ListFinder(json, list).find();
  if (!place) return fail(Errc::not_found, "the file has no list \"" + std::string(list) + "\"");
  const std::string inserted = (place->after_item ? ",\n    " : "  ") + std::string(object) + (place->after_item ? "" : "\n  ");
  return std::string(json.substr(0, place->at)) + inserted + std::string(json.substr(place->at));
}

}  // namespace liaison::directory
