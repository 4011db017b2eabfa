// Microseconds of a disclosure decision: one record of about sixty leaves for one recipient, for 196 recipients, and the whole table of a policy: fields
// by 60 recipients by 10 purposes by 16 sets of facts one by one, and as a diagram with fingerprint. Takes the number of rounds as its only argument.
#include <openssl/rand.h>

#include <cstdlib>

#include "core/policy/diff.h"
#include "tests/bench/measure.h"
#include "tests/support/authority.h"
#include "tests/support/messages.h"

namespace {

using namespace liaison;
using bench::measure;
using namespace liaison::policy;

// Forty rules: disclosure by purpose and class, restrictions by person, source, handling and country.
std::string sample(const std::string& last_purpose) {
  std::string rules;
  const auto add = [&](const std::string& effect, const std::string& what, const std::string& when) {
    rules += (rules.empty() ? "" : ",\n") + std::string("{ \"id\": \"R") + std::to_string(rules.size()) + "\", \"effect\": \"" + effect + "\", " + what + ", \"basis\": \"B\", \"when\": {" + when + "} }";
  };
  add("disclose", R"("paths": ["**"])", R"("recipient_class": ["own_country"])");
  for (const auto* category : {"case.offence", "goods.species", "goods.quantity", "person.name", "person.birth", "person.document", "company.name", "route.transport", "discovery.place"})
    for (const auto* purpose : {"wanted", "investigation", "alert"})
      add("disclose", "\"categories\": [\"" + std::string(category) + "\"]", "\"purpose\": [\"" + std::string(purpose) + "\", \"" + last_purpose + R"("], "recipient_class": ["law_enforcement", "customs"], "adequacy": ["yes"])");
  add("withhold", R"("paths": ["persons[].**"])", R"("person_nationality": ["own"], "authorisation": ["none"], "adequacy": ["no"])");
  add("withhold", R"("paths": ["persons[].**"])", R"("minor": ["minor"])");
  add("opaque", R"("categories": ["source.informant"])", R"("source_class": ["informant", "private_person"])");
  for (const auto* code : {"TLP:RED", "TLP:AMBER", "H1", "H2", "H3"}) add("withhold", R"("categories": ["case.modus_operandi"])", "\"handling\": [\"" + std::string(code) + "\"]");
  for (const auto* country : {"de", "fr", "vn", "cn", "mg"}) add("refer", R"("items": ["6"])", "\"recipient_country\": [\"" + std::string(country) + "\"]");
  return R"({ "policy": "bench", "version": 1, "default_basis": "B", "bases": [{ "id": "B", "text": "law", "public": "P" }], "reviewed_default": ["**"], "adequate": ["de", "fr"], "rules": [)" + rules + "] }";
}

std::shared_ptr<const Policy> compiled(const std::string& json) {
  auto made = Policy::compile(json);
  if (!made) assertion_failed(made.error().message().c_str(), __FILE__, __LINE__);
  return *made;
}

std::size_t every_cell(const Policy& policy, Situation situation) {
  std::size_t disclosed = 0;
  for (int recipient = 0; recipient < 60; ++recipient) {
    situation.recipient = {"a" + std::to_string(recipient) + ".x", recipient % 3 == 0 ? "de" : "vn", class_bit(static_cast<RecipientClass>(3 + recipient % 7)), {}};
    for (std::size_t purpose = 1; purpose <= 10; ++purpose) {
      situation.purpose = names_of(Dim::purpose)[purpose];
      for (unsigned facts = 0; facts < 16; ++facts) {
        situation.persons[0] = {Status::suspect, (facts & 1) != 0 ? Nationality::own : Nationality::other, (facts & 2) != 0 ? Minor::minor : Minor::adult, {}, {}, {}};
        situation.stated.authorisation = (facts & 4) != 0 ? Authorisation::court : Authorisation::none;
        situation.source_class = (facts & 8) != 0 ? SourceClass::informant : SourceClass::official;
        for (const auto& effect : policy.decide_fields(shipped_fields().front(), situation)) disclosed += effect.effect == Effect::disclose ? 1 : 0;
      }
    }
  }
  return disclosed;
}

void run(int rounds) {
  support::Parties parties;
  parties.random = [](std::span<std::uint8_t> out) { liaison_assert(RAND_bytes(out.data(), static_cast<int>(out.size())) == 1); };
  const auto schema = support::ecomessage_schema();
  const auto sealed = support::seal(parties, *schema, support::typical_ecomessage(), support::new_record(parties, *schema, "ke.customs", {"agency:int.gs"}));
  const auto manifest = record::parse_manifest(view(sealed.manifest.text));
  const Recipient to{"int.gs", "int", class_bit(RecipientClass::international_organisation), {}};
  const auto situation = *make_situation(*schema, *manifest, sealed.openings, to, {}, "ke");
  const auto direct = *Policy::direct();
  const auto policy = compiled(sample("border")), other = compiled(sample("identify"));
  const std::vector<std::string> audience{"agency:int.gs"};
  const auto decide = [&](const Policy& with) { return with.decide(*schema, *manifest, sealed.openings, situation, audience)->leaves.size(); };
  std::printf("%zu leaves with decoys, %zu rules, %zu fields\n", sealed.openings.size(), policy->rules().size(), shipped_fields().front().fields().size());
  measure("facts of a message", rounds, [&] { return make_situation(*schema, *manifest, sealed.openings, to, {}, "ke")->persons.size(); });
  measure("decide, direct policy", rounds, [&] { return decide(*direct); });
  measure("decide, 40 rules", rounds, [&] { return decide(*policy); });
  measure("decide for 196 recipients", rounds / 100 + 1, [&] {
    std::size_t sum = 0;
    for (int i = 0; i < 196; ++i) sum += decide(*policy);
    return sum;
  });
  measure("compile", rounds / 100 + 1, [&] { return compiled(sample("border"))->rules().size(); });
  measure("every cell, 60 x 10 x 16 x fields", 1, [&] { return every_cell(*policy, situation); });
  measure("whole table and fingerprint", rounds / 1000 + 1, [&] { return static_cast<std::size_t>((*table_fingerprint(policy))[0]); });
  measure("difference of two policies", rounds / 1000 + 1, [&] { return diff_policies(policy, other)->changes.size(); });
}

}  // namespace

int main(int argc, char** argv) {
  run(argc > 1 ? std::max(1, std::atoi(argv[1])) : 2000);
  return 0;
}
