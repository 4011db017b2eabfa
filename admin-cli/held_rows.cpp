// See held_rows.h. Names, codes and dotted fields only; values stand in the view of the recipient.
#include "admin-cli/held_rows.h"

#include <ostream>

#include "admin-cli/node_client.h"

namespace liaison::cli {
namespace {

std::size_t counting(const api::HeldRow& row) {
  std::size_t count = 0;
  if (row.approvals() != nullptr)
    for (const auto* one : *row.approvals()) count += one->counts() ? 1U : 0U;
  return count;
}

std::string joined(const std::vector<std::string>& items) {
  std::string out;
  for (const auto& item : items) out += (out.empty() ? "" : ", ") + item;
  return out.empty() ? "-" : out;
}

std::string approvals_in_words(const api::HeldRow& row) {
  std::string out;
  if (row.approvals() != nullptr)
    for (const auto* one : *row.approvals()) {
      const std::string person = string_of(one->person());
      out += (out.empty() ? "" : "; ") + (person.empty() ? "a person who is no longer known" : person) + ", " + utc_of_millis(one->at_ms()) + (one->counts() ? "" : " (does not count any more)");
    }
  return out.empty() ? "none" : out;
}

// What a review means for who reads the list.
std::string review_in_words(const api::HeldRow& row) {
  if (row.review_by_ms() == 0) return "-";
  return utc_of_millis(row.review_by_ms()) + (row.overdue() ? " OVERDUE" : "");
}

}  // namespace

void print_held_rows(const Context& context, const api::Held& held) {
  Table table{{"NO.", "SINCE", "WHAT", "STATE", "RECORD", "FROM", "TO", "WHY", "APPROVALS", "REVIEW BY", "EXPIRES"}, {}};
  if (held.rows() != nullptr)
    for (const auto* row : *held.rows()) {
      table.rows.push_back({std::to_string(row->seq()), utc_of_millis(row->since_ms()), string_of(row->what()), string_of(row->state()), id_of(row->record()), string_of(row->from()),
                            string_of(row->recipient()), string_of(row->reason()), std::to_string(counting(*row)) + " of " + std::to_string(row->approvals_needed()), review_in_words(*row),
                            utc_of_millis(row->expires_ms())});
    }
  print_table(context, table, word(context, "nothing_waits"));
}

void print_held_row(const Context& context, const api::HeldRow& row, std::uint32_t approvals_needed) {
  Pairs pairs{{"No.", std::to_string(row.seq())},
              {"What", string_of(row.what()) + ", " + string_of(row.state())},
              {"Record", id_of(row.record()) + " of " + string_of(row.from()) + ", version " + std::to_string(row.version())},
              {"To", string_of(row.recipient())},
              {"Came from", string_of(row.source()).empty() ? "own" : string_of(row.source())},
              {"Why", string_of(row.reason())},
              {"Asked about", joined(strings_of(row.fields()))},
              {"Since", utc_of_millis(row.since_ms())},
              {"Expires", utc_of_millis(row.expires_ms())},
              {"Approvals", std::to_string(counting(row)) + " of " + std::to_string(approvals_needed) + ": " + approvals_in_words(row)},
              {"Emergency", row.emergency_allowed() ? "one person may release at once; reviewed afterwards" : "no"}};
  if (row.review_by_ms() != 0) pairs.emplace_back("Review by", review_in_words(row));
  if (row.decided_ms() != 0) pairs.emplace_back("Decided", utc_of_millis(row.decided_ms()));
  print_pairs(context, pairs);
}

form::Value json_held_row(const api::HeldRow& row) {
  form::Value one = form::Value::object();
  one.add("seq", json_number(row.seq()));
  one.add("what", json_text(string_of(row.what())));
  one.add("state", json_text(string_of(row.state())));
  one.add("from", json_text(string_of(row.from())));
  one.add("record", json_text(id_of(row.record())));
  one.add("version", json_number(row.version()));
  one.add("to", json_text(string_of(row.recipient())));
  one.add("source", json_text(string_of(row.source())));
  one.add("since", json_time(row.since_ms()));
  one.add("expires", json_time(row.expires_ms()));
  one.add("decided", json_time(row.decided_ms()));
  one.add("reason", json_text(string_of(row.reason())));
  one.add("fields", json_list(strings_of(row.fields())));
  form::Value approvals = form::Value::array();
  if (row.approvals() != nullptr)
    for (const auto* approval : *row.approvals()) {
      form::Value entry = form::Value::object();
      entry.add("person", json_text(string_of(approval->person())));
      entry.add("at", json_time(approval->at_ms()));
      entry.add("counts", json_truth(approval->counts()));
      approvals.elements.push_back(std::move(entry));
    }
  one.add("approvals", std::move(approvals));
  one.add("approvals_needed", json_number(row.approvals_needed()));
  one.add("emergency_allowed", json_truth(row.emergency_allowed()));
  one.add("review_by", json_time(row.review_by_ms()));
  one.add("overdue", json_truth(row.overdue()));
  return one;
}

}  // namespace liaison::cli
