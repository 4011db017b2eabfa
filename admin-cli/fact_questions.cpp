// See fact_questions.h. A wrong answer at the terminal is asked again; in a file all wrong ones are named at once and nothing is sent.
#include "admin-cli/fact_questions.h"

#include <algorithm>
#include <istream>
#include <ostream>

#include "admin-cli/print.h"
#include "core/form/json_reader.h"
#include "core/form/labels.h"
#include "core/form/message.h"
#include "core/form/text.h"
#include "io/store/files.h"

namespace liaison::cli {
namespace {

using form::Answer;
using form::Proposal;
using form::Value;

constexpr std::size_t answers_bytes_max = 256 << 10;

std::string joined(const std::vector<std::string>& values) {
  std::string out;
  for (const auto& value : values) out += (out.empty() ? "" : ", ") + value;
  return out;
}

std::vector<std::string> split(const std::string& chars) {
  std::vector<std::string> out(1);
  for (const char c : chars) {
    if (c == ',') out.emplace_back();
    else if (c != ' ' || !out.back().empty()) out.back() += c;
  }
  return out;
}

// "5.g (1) 'Kenyan'"
std::string place_of(const Proposal& proposal) {
  return proposal.item + (proposal.number == 0 ? "" : " (" + std::to_string(proposal.number) + ")") + " '" + form::visible(proposal.words) + "'";
}
std::string fact_of(const Context& context, const Proposal& proposal) {
  return std::string(form::fact_label(std::string_view(proposal.path).substr(proposal.path.rfind('.') + 1), language_of(context)));
}

std::string line_of(const Context& context, const Proposal& proposal) {
  std::string out = place_of(proposal) + "  " + fact_of(context, proposal) + ": ";
  if (proposal.values.empty()) return out + word(context, "facts_open");
  out += joined(proposal.values);
  if (!proposal.meaning.empty()) out += " (" + word(context, proposal.meaning) + ")";
  out += "  [" + word(context, "confidence_" + std::string(form::name(proposal.confidence))) + "]";
  if (!proposal.stated.empty()) out += "  ! " + form::filled(form::phrase("facts_stated", language_of(context)), {form::visible(proposal.stated)});
  return out;
}

class Questions {
 public:
  Questions(Context& context, Value root, const FactQuestions& how) : context_(context), root_(std::move(root)), how_(how) {}

  Result<ConfirmedFacts> run(const Bytes& message) {
    const std::string country = how_.country.size() == 2 ? how_.country : "";
    const auto proposals = form::propose_facts(root_, country, wall_now());
    if (!how_.answers_file.empty()) LIAISON_CHECK(read_answers(proposals));
    if (!context_.json && !proposals.empty()) context_.out() << word(context_, "facts_title") << "\n";
    for (const Proposal& proposal : proposals) {
      if (!context_.json) context_.out() << "  " << line_of(context_, proposal) << "\n";
      if (is_settled(proposal.path)) continue;
      if (how_.may_ask) ask(proposal);
      if (!is_settled(proposal.path)) out_.unanswered.push_back(proposal.path);
    }
    if (!context_.json) print_unanswered(proposals);
    return finish(message);
  }

 private:
  bool is_settled(const std::string& path) const { return std::find(settled_.begin(), settled_.end(), path) != settled_.end(); }
  void settle(const std::string& path, std::vector<std::string> values, std::string words) {
    settled_.push_back(path);
    if (values.empty()) return;
    out_.answers.push_back({path, std::move(values)});
    out_.origins.push_back({path, std::move(words)});
  }
  void confirm(const Proposal& proposal, std::vector<std::string> values) {
    const bool same = values == proposal.values;
    settle(proposal.path, std::move(values), proposal.item + " '" + proposal.words + "', " + (same ? "confirmed" : "corrected") + " by the sender");
  }

  Result<void> read_answers(const std::vector<Proposal>& proposals) {
    auto bytes = store::read_file(how_.answers_file, answers_bytes_max);
    const std::string file = form::visible(how_.answers_file);
    if (!bytes) return fail(Errc::invalid_argument, "cannot read " + file + ": check the name and the rights");
    const auto parsed = form::read_json(text(*bytes));
    if (!parsed.problems.empty() || !parsed.root.is(Value::Kind::object)) {
      const std::string place = parsed.problems.empty() ? "" : ":" + std::to_string(parsed.problems[0].place.line);
      return fail(Errc::invalid_argument, file + place + R"(: one JSON object of answers is needed, like {"persons[0].nationality": "own"})");
    }
    std::string faults;
    for (const auto& member : parsed.root.members) {
      const std::string fault = take(member, proposals);
      if (!fault.empty()) faults += (faults.empty() ? "" : "\n  ") + file + ":" + std::to_string(member.place.line) + ": " + form::visible(member.key) + ": " + fault;
    }
    if (!faults.empty()) return fail(Errc::invalid_argument, faults);
    return {};
  }

  // One member of the file of answers; the fault, or nothing.
  std::string take(const form::Member& member, const std::vector<Proposal>& proposals) {
    const auto proposal = std::find_if(proposals.begin(), proposals.end(), [&](const Proposal& one) { return one.path == member.key; });
    const Value& value = member.value;
    if (value.is(Value::Kind::boolean)) {
      if (proposal == proposals.end() || (value.truth && proposal->values.empty())) return "nothing is proposed for it; state a value";
      if (value.truth) confirm(*proposal, proposal->values);
      else settle(proposal->path, {}, {});
      return {};
    }
    std::vector<std::string> values;
    if (value.is(Value::Kind::string)) values.push_back(value.text);
    for (const Value& element : value.elements) values.push_back(element.text);
    Value trial = root_;
    if (const auto done = form::apply_answers(trial, {{member.key, values}}); !done) return done.error().detail;
    if (proposal != proposals.end()) confirm(*proposal, std::move(values));
    else settle(member.key, std::move(values), "stated by the sender");
    return {};
  }

  void ask(const Proposal& proposal) {
    const bool open = proposal.values.empty();
    for (;;) {
      context_.out() << "    " << word(context_, "facts_answer") << " " << std::flush;
      std::string answer;
      if (!std::getline(context_.streams.in, answer)) return;
      while (!answer.empty() && (answer.back() == ' ' || answer.back() == '\r')) answer.pop_back();
      if (answer.empty()) return;
      if (is_no(answer)) return settle(proposal.path, {}, {});
      if (is_yes(answer) && !open) return confirm(proposal, proposal.values);
      Value trial = root_;
      const std::vector<std::string> values = split(answer);
      if (const auto done = form::apply_answers(trial, {{proposal.path, values}}); done) return confirm(proposal, values);
      else context_.out() << "    " << form::visible(done.error().detail) << "\n";
    }
  }

  void print_unanswered(const std::vector<Proposal>& proposals) const {
    for (const bool stated : {false, true}) {
      std::vector<std::string> paths;
      for (const Proposal& one : proposals)
        if (one.stated.empty() != stated && std::find(out_.unanswered.begin(), out_.unanswered.end(), one.path) != out_.unanswered.end()) paths.push_back(one.path);
      if (!paths.empty()) context_.out() << word(context_, stated ? "facts_kept" : "facts_unanswered") << ": " << joined(paths) << "\n";
    }
  }

  Result<ConfirmedFacts> finish(const Bytes& message) {
    out_.message = message;
    if (out_.answers.empty()) return std::move(out_);
    LIAISON_CHECK(form::apply_answers(root_, out_.answers));
    form::Built built = form::build_message(root_);
    if (!built.message) return fail(Errc::bad_format, built.problems.empty() ? "the message cannot be built" : form::problem_line(built.problems[0], language_of(context_)));
    out_.message = std::move(*built.message);
    return std::move(out_);
  }

  Context& context_;
  Value root_;
  const FactQuestions& how_;
  ConfirmedFacts out_;
  std::vector<std::string> settled_;
};

}  // namespace

Result<ConfirmedFacts> confirm_facts(Context& context, const Bytes& message, const FactQuestions& questions) {
  LIAISON_TRY(Value root, form::read_message(message));
  return Questions(context, std::move(root), questions).run(message);
}

void print_proposals(const Context& context, const std::vector<Proposal>& proposals) {
  context.out() << word(context, proposals.empty() ? "facts_none" : "facts_title") << "\n";
  for (const Proposal& proposal : proposals) context.out() << "  " << line_of(context, proposal) << "\n";
}

Value proposals_as_json(const std::vector<Proposal>& proposals) {
  Value list = Value::array();
  for (const Proposal& proposal : proposals) {
    Value one = Value::object();
    one.add("path", json_text(proposal.path));
    one.add("values", json_list(proposal.values));
    one.add("item", json_text(proposal.item));
    one.add("number", json_number(proposal.number));
    one.add("words", json_text(proposal.words));
    one.add("confidence", json_text(std::string(form::name(proposal.confidence))));
    one.add("stated", json_text(proposal.stated));
    one.add("meaning", json_text(proposal.meaning));
    list.elements.push_back(std::move(one));
  }
  return list;
}

}  // namespace liaison::cli
