// Keys are derived from numbered bytes. OpenSSL's generator is replaced for this process, which only tests may do.
#include "tests/sim/federation.h"

#include <openssl/rand.h>

#include "schemas/embedded.h"
#include "tests/sim/chance.h"
#include "tests/support/messages.h"

namespace liaison::sim {
namespace {
using crypto::KeyRole;

Chance& openssl_chance() {
  static Chance chance(1);
  return chance;
}
int fill_random(unsigned char* out, int size) {
  openssl_chance().fill({out, static_cast<std::size_t>(size)});
  return 1;
}
int random_status() { return 1; }

crypto::PrivateKey numbered_key(KeyRole role, std::uint8_t number) {
  const Bytes seed(32, number);
  if (crypto::key_type(role) == crypto::KeyType::p256) return crypto::derive_key_pair(seed).value();
  return crypto::PrivateKey::from_evp(crypto::EvpKey(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.data(), seed.size()))).value();
}

std::string key_json(KeyRole role, const crypto::PrivateKey& key) {
  return R"({"role":")" + std::string(crypto::name(role)) + R"(","spki":")" + to_base64(key.public_key().spki()) +
         R"(","not_before":"2025-01-01T00:00:00.000Z","not_after":"2028-01-01T00:00:00.000Z"})";
}

constexpr std::array registered{KeyRole::seal, KeyRole::link, KeyRole::box, KeyRole::log};

std::string agency_json(const Federation& made, const std::string& agency, const DirectoryEdit& edit) {
  std::string keys;
  for (const KeyRole role : registered) keys += (keys.empty() ? "" : ",") + key_json(role, made.key(agency, role));
  for (const auto& key : made.policy_keys.at(agency)) keys += "," + key_json(KeyRole::policy, key);
  const std::string country(country_of(agency));
  const auto there = [&](const std::string& id) { return made.keys.contains(id) && !edit.without.contains(id); };
  const bool is_bureau = agency == "int.gs" || agency == country + ".ncb";
  std::string bureau;
  if (agency == country + ".ncb") bureau = there("int.gs") ? "int.gs" : "";
  else if (there(country + ".ncb")) bureau = country + ".ncb";
  const std::string blind = agency == "fr.ncb" ? "fr.customs" : agency == "int.gs" ? "it.ncb" : "";
  return R"({"id":")" + agency + R"(","country":")" + country + R"(","type":"customs","channels":["customs","interpol"],"suites":[1],)" + (is_bureau ? R"("is_bureau":true,)" : "") +
         (edit.endpoint.empty() ? "" : R"("endpoints":[")" + edit.endpoint + R"("],)") + (bureau.empty() ? "" : R"("bureau":")" + bureau + R"(",)") +
         (blind.empty() || !there(blind) ? "" : R"("blind_pairs":[")" + blind + R"("],)") + R"("names":[{"language":"en","text":"One of the agencies"}],"keys":[)" + keys + "]}";
}

std::string directory_json(const Federation& made, const DirectoryEdit& edit) {
  std::string agencies, revocations;
  for (const auto& [agency, keys] : made.keys)
    if (!edit.without.contains(agency)) agencies += (agencies.empty() ? "" : ",") + agency_json(made, agency, edit);
  for (const auto& agency : edit.compromised)
    for (const KeyRole role : {KeyRole::link, KeyRole::seal})
      revocations += (revocations.empty() ? "" : ",") + std::string(R"({"key":")") + to_base64(made.key(agency, role).public_key().hash()) + R"(","since":")" + to_string(scenario_start) + R"(","kind":"compromised"})";
  const std::string group = edit.group.empty() ? "" : R"({"id":")" + edit.group + R"(","purpose":"joint","owner":"int.gs","members":["ke.customs"],"ends":"2026-12-31T00:00:00.000Z"})";
  return std::string(R"({"realm":")") + realm + R"(","expires":")" + edit.expires + R"(","grace":")" + edit.grace + R"(","authorities":{"threshold":1,"keys":[")" +
         to_base64(numbered_key(KeyRole::authority, edit.authority).public_key().spki()) + R"("]},"agencies":[)" + agencies + R"(],"groups":[)" + group + R"(],"countries":[],"revocations":[)" + revocations + "]}";
}

Bytes make_file(const Federation& made, const DirectoryEdit& edit) {
  auto file = directory::make_unsigned({directory_json(made, edit), edit.version, edit.previous, parse_time("2026-01-01T00:00:00.000Z").value()});
  for (const std::uint8_t signer : edit.signers) {
    if (!file) assertion_failed(file.error().message().c_str(), __FILE__, __LINE__);
    const crypto::PrivateKey authority = numbered_key(KeyRole::authority, signer);
    file = directory::add_signature(*file, authority.public_key(), [&](ByteView text) { return authority.sign(text); });
  }
  return std::move(file.value());
}

Federation make() {
  Federation made;
  made.agencies = {"int.gs", "ke.customs", "tz.police", "zm.parks"};
  std::uint8_t number = 1;
  made.chain = {"ke.customs", "ke.ncb", "int.gs", "de.ncb", "de.customs"};
  made.blind = {"fr.customs", "fr.ncb", "it.ncb"};
  for (const auto& agencies : {made.agencies, made.chain, made.blind})
    for (const auto& agency : agencies)
      for (const KeyRole role : registered)
        if (!made.keys[agency].contains(role)) made.keys[agency].emplace(role, numbered_key(role, number++));
  number = 150;
  for (const auto& [agency, keys] : made.keys) {
    const auto first = number++, second = number++;
    made.policy_keys.emplace(agency, std::array{numbered_key(KeyRole::policy, first), numbered_key(KeyRole::policy, second)});
  }
  made.directory_file = make_file(made, {});
  made.directory = directory::Directory::load(made.directory_file, authority_pins()).value();
  made.policy = policy::Policy::compile(R"({ "policy": "open", "version": 1, "default_basis": "ALL", "bases": [{ "id": "ALL", "text": "An exercise", "public": "GENERAL" }],
    "rules": [{ "id": "R1", "effect": "disclose", "paths": ["**"], "basis": "ALL" }], "relays": true })").value();
  made.schemas = std::make_shared<const record::SchemaRegistry>(record::SchemaRegistry::shipped().value());
  made.message = support::message_from_json(view(schemas::embedded("ecomessage.1.bfbs")), R"({ offence: "Export without permit", discovery_place_text: "Port",
    discovery_city_country: "unknown", discovery_time_text: "3 March 2026", contraband_text: "Tusks", quantity_text: "unknown", responsible_agency: "Customs" })");
  return made;
}
}  // namespace

const Federation& federation() {
  static const Federation made = make();
  return made;
}

Bytes make_directory_file(const DirectoryEdit& edit) { return make_file(federation(), edit); }
directory::AuthorityPins authority_pins() { return {1, {numbered_key(KeyRole::authority, first_authority).public_key().hash()}}; }

void seed_openssl(std::uint64_t seed) {
  static RAND_METHOD method{nullptr, fill_random, nullptr, nullptr, fill_random, random_status};
  openssl_chance() = Chance(seed);
  liaison_assert(RAND_set_rand_method(&method) == 1);
}

}  // namespace liaison::sim
