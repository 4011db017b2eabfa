// See proposals.h. Each fact has one reader; what it cannot read clearly it leaves to the person who is asked.
#include "core/form/proposals.h"

#include <algorithm>

#include "core/form/formats.h"
#include "core/form/phrases.h"
#include "core/form/text.h"
#include "core/record/derive.h"

namespace liaison::form {

using record::Words;

namespace {

constexpr std::size_t words_shown_bytes = 120;
constexpr std::size_t negation_reach = 3;  // words before a phrase in which "no" and the like refuse it

struct Item { std::string number; std::string_view text; };

std::string text_of(const Value* object, std::string_view key) {
  const Value* value = object == nullptr ? nullptr : object->find(key);
  return value != nullptr && value->is(Value::Kind::string) && !is_blank(value->text) && !is_unknown(value->text) ? value->text : std::string{};
}

// The first element a text has, without cutting a character.
std::string shown(std::string_view chars) {
  std::size_t end = std::min(chars.size(), words_shown_bytes);
  while (end < chars.size() && end > 0 && (static_cast<unsigned char>(chars[end]) & 0xC0U) == 0x80U) --end;
  return std::string(chars.substr(0, end)) + (end < chars.size() ? "…" : "");
}

// An item's text with every word classified: a country, a sign, or neither.
struct Reading {
  explicit Reading(std::string_view chars) : text(chars), words(chars), signs(find_phrases(sign_phrases(), words, chars)) {}
  bool has(std::string_view sign) const {
    return std::any_of(signs.begin(), signs.end(), [&](const PhraseAt& at) { return at.phrase->meanings.contains(std::string(sign)); });
  }
  // The sign stands among the words [first, last).
  bool has(std::string_view sign, std::size_t first, std::size_t last) const {
    return std::any_of(signs.begin(), signs.end(), [&](const PhraseAt& at) { return at.first >= first && at.first < last && at.phrase->meanings.contains(std::string(sign)); });
  }
  bool denied(std::size_t word) const { return has("negation", word - std::min(word, negation_reach), word); }

  std::string_view text;
  Words words;
  std::vector<PhraseAt> signs;
};

struct Nationalities {
  std::vector<std::set<std::string>> current, former;
  std::size_t unread = 0;  // words that are neither a country nor a sign
};

Nationalities read_nationalities(const Reading& reading) {
  Nationalities out;
  const auto countries = find_phrases(country_phrases(), reading.words, reading.text);
  std::vector<bool> read(reading.words.size());
  for (const auto& list : {std::cref(countries), std::cref(reading.signs)})
    for (const PhraseAt& at : list.get()) std::fill(read.begin() + static_cast<std::ptrdiff_t>(at.first), read.begin() + static_cast<std::ptrdiff_t>(at.last) + 1, true);
  out.unread = static_cast<std::size_t>(std::count(read.begin(), read.end(), false));
  for (const PhraseAt& at : countries) {
    std::size_t first = at.first;  // back to the begin of this part of the sentence
    while (first > 0 && reading.words[first].before != record::Gap::comma && reading.words[first].before != record::Gap::sentence) --first;
    const bool after = at.last + 1 < reading.words.size() && reading.words[at.last + 1].before != record::Gap::comma && reading.has("former", at.last + 1, at.last + 2);
    (reading.has("former", first, at.first) || after ? out.former : out.current).push_back(at.phrase->meanings);
  }
  return out;
}

struct Relation { std::string value; Confidence confidence{}; };

// Own, other or both, seen from `own`; dual or doubtful counts as own. Nullopt: not clear enough to say anything.
std::optional<Relation> relate(const Reading& reading, const Nationalities& found, const std::string& own) {
  if (reading.has("stateless")) return found.current.empty() && !reading.has("doubt") ? std::optional(Relation{"stateless", Confidence::clear}) : std::nullopt;
  if (reading.has("negation") || (found.current.empty() && found.former.empty())) return std::nullopt;
  const auto names_own = [&](const std::set<std::string>& one) { return one.contains(own); };
  const auto is_sure = [](const std::set<std::string>& one) { return one.size() == 1; };
  const bool doubt = reading.has("doubt") || !std::all_of(found.current.begin(), found.current.end(), is_sure);
  const bool own_now = std::any_of(found.current.begin(), found.current.end(), names_own);
  const bool own_before = std::any_of(found.former.begin(), found.former.end(), names_own);
  const bool other_now = !std::all_of(found.current.begin(), found.current.end(), names_own);
  if (own_now || own_before) {
    const bool sure = own_now && !doubt && !own_before;
    const Confidence confidence = !sure ? Confidence::doubtful : found.unread > 0 ? Confidence::likely : Confidence::clear;
    return Relation{other_now ? "own_and_other" : "own", confidence};
  }
  if (reading.has("doubt")) return std::nullopt;
  return Relation{"other", found.unread > 0 || !found.former.empty() || found.current.empty() ? Confidence::likely : Confidence::clear};
}

class Proposer {
 public:
  Proposer(const Value& root, std::string_view own_country, Time now) : root_(root), facts_(root.find("structured")), now_(now) {
    for (const char c : own_country) own_ += static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  }

  std::vector<Proposal> run() {
    propose_source();
    const Value* persons = root_.find("5");
    const Value* facts = facts_ == nullptr ? nullptr : facts_->find("persons");
    for (std::size_t i = 0; persons != nullptr && persons->is(Value::Kind::array) && i < persons->elements.size(); ++i) {
      const bool beside = facts != nullptr && facts->is(Value::Kind::array) && i < facts->elements.size();
      number_ = static_cast<std::uint32_t>(i + 1);
      person_facts_ = beside ? &facts->elements[i] : nullptr;
      propose_status(persons->elements[i]);
      propose_birth(persons->elements[i]);
      propose_nationality(persons->elements[i]);
    }
    return std::move(out_);
  }

 private:
  std::string path(std::string_view fact) const { return number_ == 0 ? std::string(fact) : "persons[" + std::to_string(number_ - 1) + "]." + std::string(fact); }

  struct Stated { bool anything = false; std::vector<std::string> values; };
  Stated stated(std::string_view fact) const {
    const Value* object = number_ == 0 ? facts_ : person_facts_;
    const Value* value = object == nullptr ? nullptr : object->find(fact);
    Stated out;
    if (value == nullptr) return out;
    if (value->is(Value::Kind::string) && !value->text.empty()) out.values.push_back(value->text);
    for (const Value& element : value->elements) out.values.push_back(element.text);
    out.anything = !out.values.empty();
    return out;
  }

  void add(std::string_view fact, Proposal proposal, std::vector<std::string> values) {
    const Stated before = stated(fact);
    if (before.anything) {
      const bool contradicts = !values.empty() && before.values != values && !is_unknown(before.values[0]) && proposal.confidence != Confidence::likely;
      if (!contradicts) return;
      for (const auto& value : before.values) proposal.stated += (proposal.stated.empty() ? "" : ", ") + value;
    }
    proposal.path = path(fact);
    proposal.values = std::move(values);
    proposal.number = number_;
    out_.push_back(std::move(proposal));
  }
  static Proposal from(std::string item, std::string_view words, Confidence confidence) {
    Proposal out;
    out.item = std::move(item);
    out.words = shown(words);
    out.confidence = confidence;
    return out;
  }

  void propose_nationality(const Value& person) {
    const std::string text = text_of(&person, "5.g");
    if (text.empty()) return;
    const Reading reading(text);
    const Nationalities found = read_nationalities(reading);
    std::vector<std::string> codes;
    bool sure = !found.current.empty() && !reading.has("negation") && !reading.has("doubt");
    for (const auto& one : found.current) {
      sure = sure && one.size() == 1;
      if (std::find(codes.begin(), codes.end(), *one.begin()) == codes.end()) codes.push_back(*one.begin());
    }
    if (!own_.empty()) {
      const auto relation = relate(reading, found, own_);
      if (relation) add("nationality", from("5.g", text, relation->confidence), {relation->value});
      else add("nationality", from("5.g", text, Confidence::doubtful), {});
    }
    if (sure) add("nationalities", from("5.g", text, found.unread > 0 || !found.former.empty() ? Confidence::likely : Confidence::clear), codes);
  }

  void propose_birth(const Value& person) {
    const std::string text = text_of(&person, "5.f");
    if (text.empty()) return;
    const Reading reading(text);
    const auto dates = record::find_dates(reading.words);
    if (dates.size() != 1 || reading.denied(dates[0].first)) return;
    const auto& date = dates[0];
    const auto two = [](int value) { return (value < 10 ? "-0" : "-") + std::to_string(value); };
    std::string value = std::to_string(date.year) + (date.month != 0 ? two(date.month) : "") + (date.day != 0 ? two(date.day) : "");
    const std::string today = to_string(now_).substr(0, 10);
    if (find_format_problem(Format::date, value) || value > today.substr(0, value.size())) return;
    Proposal proposal = from("5.f", text, reading.has("doubt", 0, date.first) ? Confidence::doubtful : Confidence::clear);
    const auto age = record::derive(record::Derived::adult, view(value), now_);
    if (age) proposal.meaning = std::string(liaison::text(age->value));
    const Stated before = stated("birth");
    if (before.anything && (before.values[0].starts_with(value) || value.starts_with(before.values[0]))) return;
    add("birth", std::move(proposal), {value});
  }

  void propose_status(const Value& person) {
    const std::string arrest = text_of(&person, "5.a"), other = text_of(&person, "5.l");
    std::set<std::string> meanings;
    Item source;
    bool denied = false;
    for (const Item& item : {Item{"5.a", arrest}, Item{"5.l", other}}) {
      const Reading reading(item.text);
      for (const PhraseAt& at : find_phrases(status_phrases(), reading.words, item.text)) {
        denied = denied || reading.denied(at.first) || reading.has("former", at.first - std::min<std::size_t>(at.first, 2), at.first);
        meanings.insert(at.phrase->meanings.begin(), at.phrase->meanings.end());
        if (source.text.empty()) source = item;
      }
    }
    if (denied || meanings.size() > 1) return;
    if (meanings.size() == 1) return add("status", from(source.number, source.text, Confidence::clear), {*meanings.begin()});
    const Reading reading(arrest);
    const auto dates = record::find_dates(reading.words);
    if (dates.size() == 1 && !reading.has("negation")) add("status", from("5.a", arrest, Confidence::likely), {"suspect"});
  }

  // A human source counts before everything that was done with what it said.
  void propose_source() {
    const std::string text = text_of(&root_, "2.2");
    if (text.empty()) return;
    const Reading reading(text);
    std::set<std::string> found;
    for (const PhraseAt& at : find_phrases(source_phrases(), reading.words, text)) {
      if (reading.denied(at.first) || (at.last + 1 < reading.words.size() && reading.has("negation", at.last + 1, at.last + 2))) return;
      found.insert(at.phrase->meanings.begin(), at.phrase->meanings.end());
    }
    const Confidence confidence = found.size() == 1 ? Confidence::clear : Confidence::likely;
    for (const char* kind : {"informant", "private_person", "ngo", "official"})
      if (found.contains(kind)) return add("source_class", from("2.2", text, confidence), {kind});
  }

  const Value& root_;
  const Value* facts_;
  const Value* person_facts_ = nullptr;
  Time now_;
  std::string own_;
  std::uint32_t number_ = 0;
  std::vector<Proposal> out_;
};

}  // namespace

std::string_view name(Confidence confidence) {
  switch (confidence) {
    case Confidence::clear: return "clear";
    case Confidence::likely: return "likely";
    case Confidence::doubtful: return "doubtful";
  }
  return "doubtful";
}

std::vector<Proposal> propose_facts(const Value& root, std::string_view own_country, Time now) { return Proposer(root, own_country, now).run(); }

}  // namespace liaison::form
