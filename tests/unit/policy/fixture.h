// Policies, records and situations for the tests of core/policy: a policy file around given rules, a record of the typical Ecomessage, a foreign police.
#pragma once
#include <gtest/gtest.h>

#include "core/policy/policy.h"
#include "core/policy/text.h"
#include "schemas/embedded.h"
#include "tests/support/messages.h"

namespace liaison::policy {

// `rules` is the inside of the list; uncovered fields are reviewed, so that a test states only what it is about.
inline std::string policy_file(const std::string& rules, const std::string& more = "") {
  return R"({ "policy": "ke-outbound", "version": 3, "default_basis": "KE.NONE",
 "bases": [ { "id": "KE.NONE", "text": "no rule", "public": "GENERAL" }, { "id": "KE.DPA.48", "text": "Data Protection Act, s. 48", "public": "KE.DATA-PROTECTION" },
   { "id": "KE.NATIONALS", "text": "Nationals Act, s. 2", "public": "KE.LAW" } ],
 "reviewed_default": ["**"],
 "rules": [)" + rules + "]" + more + "}";
}
inline std::string rule(const std::string& id, const std::string& effect, const std::string& path, const std::string& when = "") {
  return R"({ "id": ")" + id + R"(", "effect": ")" + effect + R"(", "paths": [")" + path + R"("], "basis": "KE.DPA.48")" + (when.empty() ? "" : R"(, "when": {)" + when + "}") + "}";
}
inline std::shared_ptr<const Policy> compiled(const std::string& rules, const std::string& more = "") {
  auto made = Policy::compile(policy_file(rules, more));
  if (!made) assertion_failed(made.error().message().c_str(), __FILE__, __LINE__);
  return *made;
}
inline const FieldTable& fields() { return shipped_fields().front(); }
inline std::size_t field(std::string_view name) {
  const int found = fields().find(name);
  if (found < 0) assertion_failed(std::string(name).c_str(), __FILE__, __LINE__);
  return static_cast<std::size_t>(found);
}

inline Situation foreign_police() {
  Situation out;
  out.recipient = {"de.bka", "de", class_bit(RecipientClass::law_enforcement), {}};
  out.purpose = "investigation";
  out.channel = "interpol";
  out.kind = "ecomessage";
  out.level = "international";
  out.persons = {PersonFacts{Status::suspect, Nationality::own, Minor::adult, {}, {}, {}}};
  return out;
}
inline Effect effect_of(const Policy& policy, std::string_view path, const Situation& situation = foreign_police()) {
  return policy.decide_fields(fields(), situation)[field(path)].effect;
}

// A committed record of an Ecomessage.
struct TestRecord {
  std::shared_ptr<const record::Schema> schema = support::ecomessage_schema();
  record::Manifest manifest;
  record::Openings openings;
};
inline TestRecord make_record(const Bytes& message, std::vector<std::string> audience = {"agency:de.bka"}, record::Manifest manifest = {}) {
  TestRecord out;
  manifest.realm = "test-exercise";
  manifest.record.id.bytes[0] = 1;
  manifest.kind = "ecomessage";
  manifest.schema = out.schema->hash();
  manifest.from = "ke.customs";
  manifest.purpose = "investigation";
  manifest.channel = "interpol";
  manifest.level = "international";
  manifest.created = *parse_time("2026-03-04T05:06:07.089Z");
  manifest.review = manifest.created;
  std::uint8_t next = 0;
  auto made = record::commit_record(*out.schema, message, {manifest, std::move(audience)}, [&](std::span<std::uint8_t> bytes) {
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(next += 37);
  });
  if (!made) assertion_failed(made.error().message().c_str(), __FILE__, __LINE__);
  out.manifest = made->manifest;
  out.openings = made->openings;
  return out;
}
inline Bytes ecomessage(const std::string& json) { return support::message_from_json(view(schemas::embedded("ecomessage.1.bfbs")), json); }
inline std::size_t leaf(const TestRecord& record, std::string_view name, int element = -1) {
  for (std::size_t i = 0; i < record.openings.size(); ++i) {
    const ByteView path = record.openings.path(i);
    if (record.schema->describe(path)->name == name && (element < 0 || FieldTable::person_of(path) == element)) return i;
  }
  assertion_failed(std::string(name).c_str(), __FILE__, __LINE__);
}

}  // namespace liaison::policy
