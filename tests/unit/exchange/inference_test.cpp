// What a recipient can learn of why a field was withheld: nothing but the agency and the public category. The same form is sent about persons of whom
// different facts decide, under different rules and laws of one category; the chains use the same randomness, so whatever differs comes from the fact.
#include "core/exchange/record_view.h"
#include "core/record/path.h"
#include "tests/unit/exchange/chain.h"
#include "tests/unit/exchange/desk.h"

namespace liaison::exchange::test {
namespace {
constexpr std::string_view policy_of_bureau = R"({ "policy": "inference", "version": 1, "default_basis": "BASIS-NONE", "relays": true,
  "bases": [ { "id": "BASIS-NONE", "text": "No rule", "public": "GENERAL" }, { "id": "BASIS-CITIZENS", "text": "Nationality Act, s. 9", "public": "KE.DATA-PROTECTION" },
             { "id": "BASIS-CHILDREN", "text": "Children Act, s. 22", "public": "KE.DATA-PROTECTION" }, { "id": "BASIS-SPENT", "text": "Spent Convictions Act, s. 3", "public": "KE.DATA-PROTECTION" } ],
  "rules": [ { "id": "RULE-OPEN", "effect": "disclose", "paths": ["**"], "basis": "BASIS-NONE" },
    { "id": "RULE-CITIZENS", "effect": "withhold", "paths": ["persons[].**"], "when": { "person_nationality": ["own"] }, "basis": "BASIS-CITIZENS" },
    { "id": "RULE-CHILDREN", "effect": "withhold", "paths": ["persons[].**"], "when": { "minor": ["minor"] }, "basis": "BASIS-CHILDREN" },
    { "id": "RULE-SPENT", "effect": "withhold", "paths": ["persons[].**"], "when": { "person_status": ["convicted"] }, "basis": "BASIS-SPENT" } ] })";

// One person of whom one fact decides; the fields stated are the same for all.
struct Case {
  std::string rule, family_name, nationality_text, nationality, birth, status;
};
const std::array cases{Case{"RULE-CITIZENS", "Wanyonyi", "Kenyan", "own", "1980-03-04", "suspect"},
                       Case{"RULE-CHILDREN", "Li", "Malagasy, by the passport shown at the port", "other", "2015-11-30", "suspect"},
                       Case{"RULE-SPENT", "Featherstonehaugh-Cholmondeley", "British", "other", "1955-12-31", "convicted"}};
constexpr std::array told_to_nobody{"RULE-", "BASIS-", "Nationality Act", "Children Act", "Spent Convictions", "person_nationality", "person_status", "nationality", "minor", "convicted"};

Bytes message_about(const Case& person) {
  return support::message_from_json(view(schemas::embedded("ecomessage.1.bfbs")), R"({ offence: "Export without permit", discovery_place_text: "Port of Mombasa",
    discovery_city_country: "Mombasa", discovery_time_text: "3 March 2026", contraband_text: "Tusks", quantity_text: "unknown", responsible_agency: "Customs",
    persons: [{ family_name: ")" + person.family_name + R"(",
      arrest_date: "unknown", first_names: "unknown", sex_text: "unknown", aliases: "unknown",
      address_text: "unknown", document_text: "unknown", profession: "unknown", company_function: "unknown", other: "unknown", birth_text: ")" + person.birth + R"(", nationality_text: ")" + person.nationality_text +
    R"(", nationality: )" + person.nationality + R"(, birth: ")" + person.birth + R"(", status: )" + person.status + R"( }] })");
}

// What int.gs holds, and everything it wrote or was told about it.
struct Observed {
  std::string rule;                       // that decided, known to the bureau alone
  std::vector<Bytes> withheld_paths, opened_paths;
  std::vector<record::Disclosure::Withheld> withheld_lines;
  record::Disclosure last;
  std::vector<std::size_t> opaque;        // per hop
  std::size_t envelope_bytes = 0;
  std::vector<std::tuple<Table, OpKind, std::size_t>> writes;
  audit::Entry audited;
  Bytes everything;                       // audit, view, stored rows and the opened content
};

struct Inference : testing::Test {
  static Observed observe(const Case& person) {
    Chain chain;
    Party& bureau = chain.at("ke.ncb");
    auto changed = std::make_shared<Context>(*bureau.context);
    auto policy = policy::Policy::compile(policy_of_bureau);
    liaison_assert(policy.has_value());
    changed->policy = *policy;
    bureau.context = changed;
    Submission what = over_bureaus({"int.gs"});
    what.message = message_about(person);
    const auto key = chain.accept("ke.customs", std::move(what));
    chain.carry("ke.customs", "ke.ncb");
    Observed seen;
    seen.rule = rule_at(bureau, key);
    const auto carried = chain.carry("ke.ncb", "int.gs");
    look(chain, key, carried, seen);
    return seen;
  }
  static std::string rule_at(Party& bureau, const RecordKey& key) {
    const auto held = load_record(*bureau.context, key).value();
    const auto schema = schema_of(*bureau.context, held.manifest).value();
    const auto decided = decide_record(*bureau.context, {*schema, held.manifest, held.package, "int.gs", &held.facts, {}}).value();
    const auto name = leaves_named(*schema, held.package.openings, "persons[0].family_name");
    return bureau.context->policy->rules()[static_cast<std::size_t>(decided.reasons[name.front()].rule)].id;
  }
  static void look(Chain& chain, const RecordKey& key, const Carried& carried, Observed& seen) {
    Party& at = chain.at("int.gs");
    const auto& item = carried.only();
    seen.envelope_bytes = carried.elements.front().envelope->size();
    seen.audited = *item.entry;
    for (const auto& op : item.ops) seen.writes.emplace_back(op.table, op.kind, op.key.size());
    const auto held = load_record(*at.context, key).value();
    for (std::size_t i = 0; i < held.package.openings.size(); ++i)
      if (!record::is_decoy(held.package.openings.path(i)) && !record::is_audience(held.package.openings.path(i))) seen.opened_paths.push_back(to_bytes(held.package.openings.path(i)));
    for (const auto& leaf : held.package.withheld) seen.withheld_paths.push_back(leaf.path);
    for (const auto& hop : held.package.opaque) seen.opaque.push_back(hop.size());
    seen.last = record::parse_disclosure(view(held.package.disclosures.back().text)).value();
    seen.withheld_lines = seen.last.withheld;
    const auto add = [&](ByteView bytes) { put(seen.everything, bytes); };
    add(audit::encode(*item.entry));
    add(record::encode_package(held.package));
    add(make_record_answer(*at.context, key).value());
    add(view(std::string_view(item.log)));
    for (const Table table : {Table::record, Table::disclosure, Table::inbox, Table::received, Table::evidence, Table::meta, Table::outbox, Table::alarm})
      for (const auto& row : at.site.disk.memory.scan(table, {}, 1000).value()) {
        add(row.first);
        add(row.second);
      }
  }
};

bool contains(const Bytes& all, std::string_view words) { return std::search(all.begin(), all.end(), words.begin(), words.end()) != all.end(); }
}  // namespace

TEST_F(Inference, another_fact_another_rule_another_law_and_the_recipient_sees_the_same) {
  const Observed first = observe(cases[0]);
  ASSERT_EQ(first.rule, cases[0].rule);
  ASSERT_GT(first.withheld_lines.size(), 8U);
  for (std::size_t i = 1; i < cases.size(); ++i) {
    const Observed other = observe(cases[i]);
    ASSERT_EQ(other.rule, cases[i].rule) << "another fact decides here";
    EXPECT_EQ(other.opened_paths, first.opened_paths);
    EXPECT_EQ(other.withheld_paths, first.withheld_paths);
    ASSERT_EQ(other.withheld_lines.size(), first.withheld_lines.size());
    for (std::size_t line = 0; line < first.withheld_lines.size(); ++line) {
      EXPECT_EQ(other.withheld_lines[line].path, first.withheld_lines[line].path);
      EXPECT_EQ(other.withheld_lines[line].basis, "KE.DATA-PROTECTION");
      EXPECT_EQ(first.withheld_lines[line].basis, "KE.DATA-PROTECTION");
    }
    EXPECT_EQ(other.opaque, first.opaque);
    EXPECT_EQ(other.last.basis, first.last.basis);
    EXPECT_EQ(other.last.opened, first.last.opened);
    EXPECT_EQ(other.last.at, first.last.at);
    EXPECT_EQ(other.last.policy.fingerprint, first.last.policy.fingerprint);
  }
}

TEST_F(Inference, what_it_stores_and_audits_has_the_same_shape) {
  const Observed first = observe(cases[0]);
  for (std::size_t i = 1; i < cases.size(); ++i) {
    const Observed other = observe(cases[i]);
    EXPECT_EQ(other.writes, first.writes);
    EXPECT_EQ(other.audited.event, first.audited.event);
    EXPECT_EQ(other.audited.reason, first.audited.reason);
    EXPECT_EQ(other.audited.purpose, first.audited.purpose);
    EXPECT_EQ(other.audited.decision, Hash{});
    EXPECT_EQ(audit::encode(other.audited).size(), audit::encode(first.audited).size());
  }
}

// The names withheld are of 2 and of 30 letters. Signatures differ by some bytes anyway; the bucket swallows them.
TEST_F(Inference, the_envelope_has_the_size_of_what_is_shown) {
  const Observed first = observe(cases[0]);
  for (std::size_t i = 1; i < cases.size(); ++i) EXPECT_EQ(observe(cases[i]).envelope_bytes, first.envelope_bytes);
}

TEST_F(Inference, rule_law_fact_and_value_stand_nowhere_at_the_recipient) {
  for (const auto& person : cases) {
    const Observed seen = observe(person);
    ASSERT_TRUE(contains(seen.everything, "Port of Mombasa")) << "the search finds what is shown";
    ASSERT_TRUE(contains(seen.everything, "KE.DATA-PROTECTION"));
    for (const char* words : told_to_nobody) EXPECT_FALSE(contains(seen.everything, words)) << words;
    for (const auto& value : {person.family_name, person.nationality_text, person.birth})
      EXPECT_FALSE(value.size() > 3 && contains(seen.everything, value)) << value;
  }
}

}  // namespace liaison::exchange::test
