// Ten thousand random policies against a naive interpreter that reads the rules one by one, and two laws every policy obeys: a rule that restricts opens
// no cell, and a fact that is not known opens no more than any value of it would.
#include <random>

#include "core/policy/table.h"
#include "tests/unit/policy/fixture.h"

using namespace liaison;
using namespace liaison::policy;

namespace {

const std::vector<std::string> targets{"offence", "persons[].family_name", "persons[].**", "persons[].birth#year", "persons[].birth", "discovery_method", "companies[].names", "**", "persons"};
const std::vector<Dim> dims{Dim::purpose, Dim::recipient_class, Dim::nationality, Dim::status, Dim::minor, Dim::authorisation, Dim::handling, Dim::urgency, Dim::source_class, Dim::adequacy};

class Chance {
 public:
  explicit Chance(unsigned seed) : random_(seed) {}
  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(random_() % bound); }
  template <class List>
  const auto& one_of(const List& list) { return list[below(list.size())]; }

 private:
  std::mt19937 random_;
};

When random_when(Chance& chance, Effect effect) {
  When when;
  when.leaning = effect == Effect::disclose ? Leaning::permissive : Leaning::restrictive;
  std::set<Dim> chosen;
  for (std::size_t i = chance.below(4); i > 0; --i) chosen.insert(chance.one_of(dims));
  for (const Dim dim : chosen) {
    Condition condition{dim, static_cast<Values>(chance.below(all_values(dim)) + 1) & all_values(dim) & ~unknown_value, 0};
    if (condition.written == 0) condition.written = 2;
    settle(condition, when.leaning);
    when.conditions.push_back(condition);
  }
  if (chance.below(4) == 0) when.recipients = {"de.bka"};
  if (chance.below(4) == 0) when.countries = {"de", "fr"};
  if (chance.below(4) == 0) when.groups = {"ivory"};
  return when;
}

PolicyText random_text(Chance& chance) {
  PolicyText text;
  text.name = "random";
  text.bases = {{"A", "a", "PUBLIC"}};
  text.adequate = {"fr"};
  for (std::size_t i = chance.below(8) + 1; i > 0; --i) {
    Rule rule;
    rule.id = "R" + std::to_string(i);
    rule.effect = static_cast<Effect>(chance.below(4) + 1);
    rule.selection.paths = {chance.one_of(targets)};
    rule.when = random_when(chance, rule.effect);
    text.rules.push_back(rule);
  }
  return text;
}

Situation random_situation(Chance& chance) {
  auto out = foreign_police();
  const std::vector<std::string> agencies{"de.bka", "de.zka", "fr.opj", "ke.ncb", "ke.customs"};
  out.recipient.agency = chance.one_of(agencies);
  out.recipient.country = country_of(out.recipient.agency);
  out.recipient.classes = class_bit(static_cast<RecipientClass>(3 + chance.below(7)));
  if (chance.below(8) == 0) out.recipient.classes = class_bit(RecipientClass::unknown);
  if (out.recipient.country == "ke") out.recipient.classes |= class_bit(RecipientClass::own_country);
  if (out.recipient.agency == "ke.customs") out.recipient.classes |= class_bit(RecipientClass::own_agency);
  if (chance.below(2) == 0) out.recipient.groups = {"ivory"};
  out.purpose = chance.below(6) == 0 ? "new-purpose" : std::string(names_of(Dim::purpose)[chance.below(11)]);
  out.urgent = chance.below(2) == 0;
  for (std::size_t i = chance.below(3); i > 0; --i) out.handling.emplace_back(names_of(Dim::handling)[2 + chance.below(9)]);
  out.stated.authorisation = static_cast<Authorisation>(chance.below(5));
  out.source_class = static_cast<SourceClass>(chance.below(5));
  out.persons.clear();
  for (std::size_t i = chance.below(4); i > 0; --i) out.persons.push_back({static_cast<Status>(chance.below(10)), static_cast<Nationality>(chance.below(5)), static_cast<Minor>(chance.below(3)), {}, {}, {}});
  return out;
}

// --- the naive interpreter: names and sentences of the design, no bits and no tables ---
std::set<std::string> naive_facts(const Situation& at, Dim dim, const PersonFacts& person) {
  const auto word = [&](auto value) { return std::string(names_of(dim)[static_cast<std::size_t>(value)]); };
  std::set<std::string> out;
  switch (dim) {
    case Dim::purpose: return {find_value(dim, at.purpose) ? at.purpose : "unknown"};
    case Dim::urgency: return {at.urgent ? "urgent" : "routine"};
    case Dim::authorisation: return {word(at.stated.authorisation)};
    case Dim::source_class: return {word(at.source_class)};
    case Dim::status: return {word(person.status)};
    case Dim::minor: return {word(person.minor)};
    case Dim::nationality:
      if (person.nationality == Nationality::own_and_other) return {"own_and_other", "own"};
      return {word(person.nationality)};
    case Dim::handling:
      out.insert(at.handling.begin(), at.handling.end());
      if (out.empty()) out.insert("none");
      return out;
    case Dim::recipient_class:
      for (unsigned i = 0; i < names_of(dim).size(); ++i)
        if ((at.recipient.classes >> i & 1) != 0) out.insert(word(i));
      return out;
    case Dim::adequacy: return {at.recipient.country == "ke" || at.recipient.country == "fr" ? "yes" : "no"};
    default: return {"unknown"};
  }
}

bool naive_person(const Rule& rule, const Situation& at, const PersonFacts& person) {
  const bool permits = rule.effect == Effect::disclose;
  for (const auto& condition : rule.when.conditions) {
    const auto facts = naive_facts(at, condition.dim, person);
    bool some = false, every = true;
    for (const auto& fact : facts) {
      const bool known = fact != "unknown";
      const bool listed = known ? (condition.written >> *find_value(condition.dim, fact) & 1) != 0 : !permits;
      some = some || listed;
      every = every && listed;
    }
    if (!(permits && condition.dim == Dim::handling ? every : some)) return false;
  }
  const auto named = [](const auto& list, const std::string& value) { return list.empty() || std::find(list.begin(), list.end(), value) != list.end(); };
  return named(rule.when.recipients, at.recipient.agency) && named(rule.when.countries, at.recipient.country) && (rule.when.groups.empty() || !at.recipient.groups.empty());
}

bool naive_matches(const Rule& rule, const Situation& at, bool per_person) {
  const auto asks = std::any_of(rule.when.conditions.begin(), rule.when.conditions.end(), [](const auto& one) { return of_person(one.dim); });
  if (per_person) return naive_person(rule, at, at.persons.empty() ? PersonFacts{} : at.persons[0]);
  if (!asks) return naive_person(rule, at, {});
  std::size_t matching = 0;
  for (const auto& person : at.persons) matching += naive_person(rule, at, person) ? 1 : 0;
  if (rule.effect != Effect::disclose) return matching > 0;
  auto rest = rule;
  std::erase_if(rest.when.conditions, [](const auto& one) { return of_person(one.dim); });
  return matching == at.persons.size() && naive_person(rest, at, {});
}

// Only the paths of `targets`.
bool naive_covers(const PolicyText& text, const Rule& rule, const std::string& path) {
  const std::string& named = rule.selection.paths[0];
  bool own = false;
  for (const auto& other : text.rules) own = own || other.selection.paths[0] == "persons[].birth#year";
  const auto under = [&](const std::string& stem) { return path == stem || path.starts_with(stem + ".") || path.starts_with(stem + "#") || path.starts_with(stem + "["); };
  if (named == "**") return true;
  if (named == "persons[].**") return under("persons[]");
  if (named == "persons") return path == "persons" || (rule.effect == Effect::opaque && under("persons"));
  if (path == "persons[].birth#year" && named == "persons[].birth") return !own || rule.effect == Effect::opaque;
  if (path == "persons[].birth_text" && named == "persons[].birth") return true;
  if (path == "persons[].family_name#initials" && named == "persons[].family_name") return true;
  return path == named;
}

Effect naive(const PolicyText& text, const std::string& path, const Situation& at) {
  Effect strictest = Effect::withhold;
  bool found = false;
  for (const Rule& rule : text.rules) {
    if (!naive_covers(text, rule, path) || !naive_matches(rule, at, path.starts_with("persons[]"))) continue;
    strictest = found ? std::min(strictest, rule.effect) : rule.effect;
    found = true;
  }
  return strictest;
}

const std::vector<std::string> asked{"offence", "persons", "persons[].family_name", "persons[].family_name#initials", "persons[].birth", "persons[].birth_text", "persons[].birth#year", "discovery_method", "companies[].names", "additional_information"};

std::shared_ptr<const Policy> built(const PolicyText& text) { return *build_policy(text, Strictness::lenient); }

}  // namespace

TEST(Oracle, ten_thousand_random_policies_agree_with_a_naive_interpreter) {
  Chance chance(20260304);
  for (int round = 0; round < 10'000; ++round) {
    const PolicyText text = random_text(chance);
    const auto policy = built(text);
    for (int i = 0; i < 3; ++i) {
      const Situation at = random_situation(chance);
      const auto effects = policy->decide_fields(fields(), at);
      for (const auto& path : asked) ASSERT_EQ(effects[field(path)].effect, naive(text, path, at)) << "round " << round << " " << path;
    }
  }
}

TEST(Oracle, a_rule_that_restricts_discloses_no_new_cell) {
  Chance chance(7);
  for (int round = 0; round < 500; ++round) {
    PolicyText text = random_text(chance);
    const auto before = built(text);
    Rule more;
    more.id = "MORE";
    more.effect = static_cast<Effect>(chance.below(2) + 1);
    more.selection.paths = {chance.one_of(targets)};
    more.when = random_when(chance, more.effect);
    if (more.selection.paths[0].find('#') != std::string::npos) continue;  // a first rule on a derived value frees it from its base's
    text.rules.push_back(more);
    const auto after = built(text);
    for (int i = 0; i < 20; ++i) {
      const Situation at = random_situation(chance);
      const auto old = before->decide_fields(fields(), at), now = after->decide_fields(fields(), at);
      for (std::size_t f = 0; f < old.size(); ++f) ASSERT_FALSE(now[f].effect == Effect::disclose && old[f].effect != Effect::disclose) << fields().fields()[f].name;
    }
  }
}

TEST(Oracle, what_is_not_known_discloses_no_more_than_any_value) {
  Chance chance(11);
  for (int round = 0; round < 500; ++round) {
    const auto policy = built(random_text(chance));
    Situation known = random_situation(chance), unknown = known;
    if (known.persons.empty()) continue;
    switch (chance.below(4)) {
      case 0: unknown.persons[0].nationality = Nationality::unknown; break;
      case 1: unknown.persons[0].status = Status::unknown; break;
      case 2: unknown.stated.authorisation = Authorisation::unknown; break;
      default: unknown.purpose = "a purpose of tomorrow"; break;
    }
    const auto with = policy->decide_fields(fields(), known), without = policy->decide_fields(fields(), unknown);
    for (std::size_t f = 0; f < with.size(); ++f) ASSERT_FALSE(without[f].effect == Effect::disclose && with[f].effect != Effect::disclose) << fields().fields()[f].name;
  }
}
