// Reading and running test files. A test's facts that are left out are unknown, as in a message; recipients are stated by the file, not by a directory.
#include "core/policy/test_cases.h"

#include <algorithm>

namespace liaison::policy {
namespace {

template <class Enum>
Enum enum_of(Values bit) {
  unsigned value = 0;
  while (bit >> value != 1) ++value;
  return static_cast<Enum>(value);
}

std::string in_quotes(std::string_view chars) { return "\"" + std::string(chars) + "\""; }

// A path pattern, else a form item, else a category.
FieldSet resolve(const FieldTable& fields, std::string_view what) {
  const auto any = [](const FieldSet& set) { return std::find(set.begin(), set.end(), true) != set.end(); };
  FieldSet out = fields.by_path(what);
  if (!any(out)) out = fields.by_item(what);
  return any(out) ? out : fields.by_category(what);
}

class TestReader {
 public:
  explicit TestReader(const SourceNode& file) : file_(file) {}

  Result<TestFile> run() {
    for (const auto& node : file_["recipients"].items) LIAISON_CHECK(recipient(node));
    for (const auto& node : file_["cases"].items) LIAISON_CHECK(one_case(node));
    for (const auto& node : file_["screening"].items) LIAISON_CHECK(screen_case(node));
    if (out_.cases.empty() && out_.screening.empty()) return source_error(file_.line, "no cases", "state \"cases\" or \"screening\"");
    return std::move(out_);
  }

 private:
  Result<void> recipient(const SourceNode& node) {
    Recipient out;
    out.agency = node["agency"].text;
    if (out.agency.find('.') == std::string::npos || !is_agency_id(out.agency)) return source_error(node.line, "a recipient without agency id", "state \"agency\", such as de.bka");
    out.country = country_of(out.agency);
    for (const Recipient& other : recipients_)
      if (other.agency == out.agency) return source_error(node.line, "recipient " + out.agency + " stands twice", "keep one");
    if (node["classes"].stated()) {
      LIAISON_TRY(out.classes, read_values(node["classes"], Dim::recipient_class, "classes"));
      constexpr Classes own = class_bit(RecipientClass::own_agency), near = class_bit(RecipientClass::own_country);
      if ((out.classes & own) != 0) out.classes |= near;
      if ((out.classes & ~(own | near)) == 0) out.classes |= class_bit(RecipientClass::unknown);
    }
    out.groups = read_strings(node["groups"]);
    std::sort(out.groups.begin(), out.groups.end());
    recipients_.push_back(std::move(out));
    return {};
  }

  Result<std::vector<Recipient>> named(const SourceNode& list, int line) {
    std::vector<Recipient> out;
    for (const auto& item : list.items) {
      const auto found = std::find_if(recipients_.begin(), recipients_.end(), [&](const Recipient& one) { return one.agency == item.text; });
      if (found == recipients_.end()) return source_error(item.line, in_quotes(item.text) + " is not among the file's recipients", "describe it under \"recipients\"");
      out.push_back(*found);
    }
    if (out.empty()) return source_error(line, "a case for nobody", "list agencies of \"recipients\"");
    return out;
  }

  Result<std::vector<std::string>> purposes(const SourceNode& list, int line) {
    LIAISON_TRY(const auto known, read_values(list, Dim::purpose, "purposes"));
    if (known == 0) return source_error(line, "a case without purpose", "list \"purposes\"");
    return read_strings(list);
  }

  Result<Values> one_value(const SourceNode& facts, Dim dim) {
    const SourceNode& node = facts[key_of(dim)];
    if (!node.stated()) return unknown_value;
    const auto value = find_value(dim, node.text);
    if (!value) return source_error(node.line, in_quotes(key_of(dim)) + " has no value " + in_quotes(node.text), "there are: " + list_names(dim, all_values(dim)));
    return Values{1} << *value;
  }

  template <class Enum>
  Result<void> put(const SourceNode& facts, Dim dim, Enum& out) {
    LIAISON_TRY(const auto bit, one_value(facts, dim));
    out = enum_of<Enum>(bit);
    return {};
  }

  Result<Situation> facts(const SourceNode& node) {
    Situation out;
    for (const Dim dim : {Dim::channel, Dim::level, Dim::urgency}) LIAISON_CHECK(one_value(node, dim));
    out.channel = node["channel"].text;
    out.level = node["level"].text;
    out.urgent = node["urgency"].text == "urgent";
    out.kind = node["kind"].stated() ? node["kind"].text : shipped_fields().front().kind();
    const auto& kinds = shipped_fields();
    if (std::none_of(kinds.begin(), kinds.end(), [&](const FieldTable& table) { return table.kind() == out.kind; })) return source_error(node["kind"].line, "unknown record kind", "there is: " + kinds.front().kind());
    LIAISON_CHECK(read_values(node["handling"], Dim::handling, "handling"));
    out.handling = read_strings(node["handling"]);
    std::erase(out.handling, "none");
    LIAISON_CHECK(put(node, Dim::confidentiality, out.stated.confidentiality));
    LIAISON_CHECK(put(node, Dim::offence_class, out.stated.offence_class));
    LIAISON_CHECK(put(node, Dim::authorisation, out.stated.authorisation));
    LIAISON_CHECK(put(node, Dim::source_class, out.source_class));
    LIAISON_CHECK(put(node, Dim::source_grade, out.source_grade));
    LIAISON_CHECK(put(node, Dim::information_grade, out.information_grade));
    PersonFacts person;
    LIAISON_CHECK(put(node, Dim::status, person.status));
    LIAISON_CHECK(put(node, Dim::nationality, person.nationality));
    LIAISON_CHECK(put(node, Dim::minor, person.minor));
    if (!node["no_person"].is_true()) out.persons.push_back(person);
    return out;
  }

  Result<void> check_fields(const SourceNode& item) {
    const auto& tables = shipped_fields();
    const auto known = [&](const FieldTable& table) {
      const FieldSet set = resolve(table, item.text);
      return std::find(set.begin(), set.end(), true) != set.end();
    };
    if (std::any_of(tables.begin(), tables.end(), known)) return {};
    return source_error(item.line, "no field is called " + in_quotes(item.text), "write a path, a form item or a category");
  }

  Result<void> one_case(const SourceNode& node) {
    TestCase test;
    test.name = node["name"].text;
    test.line = node.line;
    if (test.name.empty()) return source_error(node.line, "a case without name", "say under \"name\" what it shows");
    LIAISON_TRY(test.recipients, named(node["recipients"], node.line));
    LIAISON_TRY(test.purposes, purposes(node["purposes"], node.line));
    LIAISON_TRY(test.facts, facts(node["facts"]));
    for (const Effect effect : {Effect::opaque, Effect::withhold, Effect::refer, Effect::disclose}) {
      for (const auto& item : node["expect"][name(effect)].items) {
        LIAISON_CHECK(check_fields(item));
        test.expected.push_back({effect, item.text, item.line});
      }
    }
    if (const auto& only = node["only_disclosed"]; only.stated()) {
      for (const auto& item : only.items) LIAISON_CHECK(check_fields(item));
      test.only_disclosed = read_strings(only);
      test.only_line = only.line;
    }
    if (test.expected.empty() && !test.only_disclosed) return source_error(node.line, "case " + in_quotes(test.name) + " expects nothing", "state \"expect\" or \"only_disclosed\"");
    out_.cases.push_back(std::move(test));
    return {};
  }

  Result<void> screen_case(const SourceNode& node) {
    ScreenTestCase test;
    test.name = node["name"].text;
    test.line = node.line;
    if (test.name.empty()) return source_error(node.line, "a case without name", "say under \"name\" what it shows");
    LIAISON_TRY(test.senders, named(node["senders"], node.line));
    LIAISON_TRY(test.purposes, purposes(node["purposes"], node.line));
    LIAISON_TRY(test.facts.situation, facts(node["facts"]));
    test.facts.bytes = node["bytes"].number();
    test.reason = node["reason"].text;
    for (const Screen value : {Screen::accept, Screen::hold, Screen::refuse})
      if (node["expect"].text == name(value)) test.expected = value;
    if (test.expected == Screen{}) return source_error(node.line, "case " + in_quotes(test.name) + " expects nothing", "state \"expect\": accept, hold or refuse");
    out_.screening.push_back(std::move(test));
    return {};
  }

  const SourceNode& file_;
  std::vector<Recipient> recipients_;
  TestFile out_;
};

class Runner {
 public:
  Runner(const Policy& policy, TestRun& out) : policy_(policy), out_(out) {}

  void run(const TestCase& test, const Situation& situation) {
    const auto& tables = shipped_fields();
    const auto fields = std::find_if(tables.begin(), tables.end(), [&](const FieldTable& table) { return table.kind() == situation.kind; });
    const auto effects = policy_.decide_fields(*fields, situation);
    ++out_.combinations;
    for (const auto& expected : test.expected) {
      const FieldSet set = resolve(*fields, expected.what);
      for (std::size_t i = 0; i < set.size(); ++i)
        if (set[i]) check(effects[i].effect == expected.effect, i, *fields, effects[i], {expected.line, test.name, situation.recipient.agency, situation.purpose, {}, std::string(name(expected.effect)), {}, {}});
    }
    if (test.only_disclosed) closed_world(test, situation, *fields, effects);
  }

 private:
  // Lengths and presences follow what is below them; a derived value may be open with its base without being listed.
  void closed_world(const TestCase& test, const Situation& situation, const FieldTable& fields, const std::vector<FieldEffect>& effects) {
    FieldSet listed(effects.size());
    for (const auto& what : *test.only_disclosed) {
      const FieldSet set = resolve(fields, what);
      for (std::size_t i = 0; i < set.size(); ++i) listed[i] = listed[i] || set[i];
    }
    for (std::size_t i = 0; i < effects.size(); ++i) {
      const Field& field = fields.fields()[i];
      if (field.structural) continue;
      const bool disclosed = effects[i].effect == Effect::disclose;
      const bool with_base = field.base >= 0 && listed[static_cast<std::size_t>(field.base)];
      const TestFailure place{test.only_line, test.name, situation.recipient.agency, situation.purpose, {}, listed[i] ? "disclose" : "not disclosed", {}, {}};
      check(disclosed == listed[i] || (disclosed && with_base), i, fields, effects[i], place);
    }
  }

  void check(bool good, std::size_t i, const FieldTable& fields, const FieldEffect& effect, TestFailure failure) {
    ++out_.assertions;
    out_.asserted.emplace(effect.rule, i);
    if (good) return;
    failure.field = fields.fields()[i].name;
    failure.got = name(effect.effect);
    if (effect.rule >= 0) failure.rule = policy_.rules()[static_cast<std::size_t>(effect.rule)].id;
    out_.failures.push_back(std::move(failure));
  }

  const Policy& policy_;
  TestRun& out_;
};

}  // namespace

Result<TestFile> parse_test_file(std::string_view json) {
  LIAISON_TRY(const auto file, parse_source(json, "TestFile"));
  return TestReader(file).run();
}

TestRun run_tests(const Policy& policy, const TestFile& tests) {
  TestRun out;
  Runner runner(policy, out);
  for (const TestCase& test : tests.cases) {
    Situation situation = test.facts;
    for (const Recipient& recipient : test.recipients) {
      for (const auto& purpose : test.purposes) {
        situation.recipient = recipient;
        situation.purpose = purpose;
        runner.run(test, situation);
      }
    }
  }
  for (const ScreenTestCase& test : tests.screening) {
    ScreenFacts facts = test.facts;
    for (const Recipient& sender : test.senders) {
      for (const auto& purpose : test.purposes) {
        facts.situation.recipient = sender;
        facts.situation.purpose = purpose;
        const Screened got = policy.screen(facts);
        ++out.combinations;
        ++out.assertions;
        out.screened.insert(got.rule);
        const bool good = got.verdict == test.expected && (test.reason.empty() || test.reason == got.public_reason);
        if (!good) out.failures.push_back({test.line, test.name, sender.agency, purpose, "screening", std::string(name(test.expected)), std::string(name(got.verdict)), got.rule});
      }
    }
  }
  return out;
}

}  // namespace liaison::policy
