// The facts that a form's words suggest, told and asked: by a person at a terminal, from a file of answers, or not at all. What is not answered stays
// unknown (or as the form states it), and is named. Only answers change the message; the words behind each go to the node with it.
#pragma once
#include "admin-cli/context.h"
#include "core/form/proposals.h"

namespace liaison::cli {

struct FactOrigin { std::string path, words; };   // "persons[0].nationality", "5.g 'Kenyan', confirmed by the sender"
struct ConfirmedFacts {
  Bytes message;                                  // with what was confirmed; unchanged when nothing was
  std::vector<form::Answer> answers;
  std::vector<FactOrigin> origins;                // one per answer
  std::vector<std::string> unanswered;
};
struct FactQuestions {
  std::string country;        // of the agency that sends: "ke"; anything but two letters: none
  std::string answers_file;   // JSON: {"persons[0].nationality": true (as proposed) | false (unknown) | "other" | ["KE", "GB"]}
  bool may_ask = false;       // a person is there and wants to be asked
};
// Errors: invalid_argument with every wrong answer (file and question named), bad_format (not a message).
Result<ConfirmedFacts> confirm_facts(Context& context, const Bytes& message, const FactQuestions& questions);

// For people and for machines.
void print_proposals(const Context& context, const std::vector<form::Proposal>& proposals);
form::Value proposals_as_json(const std::vector<form::Proposal>& proposals);

}  // namespace liaison::cli
