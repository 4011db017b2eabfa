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

std::string agency_json(const Federation& made, const std::string& agency) {
  std::string keys;
  for (const KeyRole role : registered) keys += (keys.empty() ? "" : ",") + key_json(role, made.key(agency, role));
  for (const auto& key : made.policy_keys.at(agency)) keys += "," + key_json(KeyRole::policy, key);
  const std::string country(country_of(agency));
  const bool is_bureau = agency == "int.gs" || agency == country + ".ncb";
  std::string bureau;
  if (agency == country + ".ncb") bureau = "int.gs";
  else if (made.keys.contains(country + ".ncb")) bureau = country + ".ncb";
  const std::string blind = agency == "fr.ncb" ? "fr.customs" : agency == "int.gs" ? "it.ncb" : "";
  return R"({"id":")" + agency + R"(","country":")" + country + R"(","type":"customs","channels":["customs","interpol"],"suites":[1],)" + (is_bureau ? R"("is_bureau":true,)" : "") +
         (bureau.empty() ? "" : R"("bureau":")" + bureau + R"(",)") + (blind.empty() ? "" : R"("blind_pairs":[")" + blind + R"("],)") +
         R"("names":[{"language":"en","text":"One of the agencies"}],"keys":[)" + keys + "]}";
}

std::shared_ptr<const directory::Directory> make_directory(const Federation& made) {
  const crypto::PrivateKey authority = numbered_key(KeyRole::authority, 250);
  std::string agencies;
  for (const auto& [agency, keys] : made.keys) agencies += (agencies.empty() ? "" : ",") + agency_json(made, agency);
  const std::string json = std::string(R"({"realm":")") + realm + R"(","expires":"2027-06-01T00:00:00.000Z","grace":"2027-07-01T00:00:00.000Z","authorities":{"threshold":1,"keys":[")" +
                           to_base64(authority.public_key().spki()) + R"("]},"agencies":[)" + agencies + R"(],"groups":[],"countries":[],"revocations":[]})";
  const directory::Draft draft{json, 1, std::nullopt, parse_time("2026-01-01T00:00:00.000Z").value()};
  auto file = directory::make_unsigned(draft);
  if (!file) assertion_failed(file.error().message().c_str(), __FILE__, __LINE__);
  file = directory::add_signature(*file, authority.public_key(), [&](ByteView text) { return authority.sign(text); });
  return directory::Directory::load(*file, {1, {authority.public_key().hash()}}).value();
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
  made.directory = make_directory(made);
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

void seed_openssl(std::uint64_t seed) {
  static RAND_METHOD method{nullptr, fill_random, nullptr, nullptr, fill_random, random_status};
  openssl_chance() = Chance(seed);
  liaison_assert(RAND_set_rand_method(&method) == 1);
}

}  // namespace liaison::sim
