// See submission.h. Facts are closed lists; a word that is not in its list is refused here, so that a slip of the pen never counts as "unknown".
#include "core/exchange/submission.h"

#include <algorithm>
#include <cstring>

#include "core/base/limits.h"
#include "core/exchange/answers.h"

namespace liaison::exchange {
namespace {
std::optional<Uuid> uuid_of(const flatbuffers::Vector<std::uint8_t>* vector) {
  if (vector == nullptr || vector->size() != 16) return std::nullopt;
  Uuid id;
  std::memcpy(id.bytes.data(), vector->data(), 16);
  return id;
}

// Before anything is copied: FlatBuffers may share one long string a million times.
bool within(const flatbuffers::Vector<flatbuffers::Offset<flatbuffers::String>>* list, std::size_t count_max) {
  if (list == nullptr) return true;
  if (list->size() > count_max) return false;
  for (const auto* entry : *list)
    if (entry->size() > limits::code_bytes_max) return false;
  return true;
}
bool within(const flatbuffers::String* code) { return code == nullptr || code->size() <= limits::code_bytes_max; }
bool within(const flatbuffers::Vector<flatbuffers::Offset<api::Excuse>>* list) {
  if (list == nullptr) return true;
  return list->size() <= limits::items_named_max && std::all_of(list->begin(), list->end(), [](const auto* one) {
    return one->item() != nullptr && within(one->item()) && one->reason() != nullptr && one->reason()->size() > 0 && one->reason()->size() <= limits::statement_bytes_max;
  });
}
bool within(const api::Facts* facts) {
  if (facts == nullptr) return true;
  if (!within(facts->authorisation()) || !within(facts->offence_class()) || !within(facts->confidentiality())) return false;
  if (facts->origins() == nullptr) return true;
  return facts->origins()->size() <= limits::leaves_max && std::all_of(facts->origins()->begin(), facts->origins()->end(), [](const auto* one) {
    return within(one->path()) && (one->words() == nullptr || one->words()->size() <= limits::statement_bytes_max);
  });
}
bool within_limits(const api::Submit& submit) {
  return within(submit.to(), limits::recipients_max) && within(submit.handling(), limits::handling_codes_max) && within(submit.kind()) && within(submit.purpose()) &&
         within(submit.urgency_reason()) && within(submit.channel()) && within(submit.level()) && within(submit.facts()) && within(submit.no_repetition()) && within(submit.withhold(), limits::items_named_max);
}

Submission to_submission(const api::Submit& submit, ByteView call, std::string person) {
  Submission submission;
  submission.id = uuid_of(submit.submission()).value_or(Uuid{});
  submission.digest = merkle::sha256(call);
  submission.person = std::move(person);
  submission.kind = string_of(submit.kind());
  submission.message = to_bytes(bytes_of(submit.message()));
  if (submit.to() != nullptr)
    for (const auto* agency : *submit.to()) submission.to.push_back(agency->str());
  submission.purpose = string_of(submit.purpose());
  submission.urgency = submit.urgency() == 1 ? Lane::urgent : Lane::routine;
  submission.urgency_reason = string_of(submit.urgency_reason());
  submission.channel = string_of(submit.channel());
  submission.level = string_of(submit.level());
  if (submit.handling() != nullptr)
    for (const auto* code : *submit.handling()) submission.handling.push_back(code->str());
  submission.review = time_from_millis(submit.review_ms());
  submission.expires = time_from_millis(submit.expires_ms());
  submission.thread = uuid_of(submit.thread());
  submission.answers = uuid_of(submit.answers());
  submission.permit_relays = submit.permit_relays();
  if (submit.no_repetition() != nullptr)
    for (const auto* one : *submit.no_repetition()) submission.facts.no_repetition.push_back({one->item()->str(), one->reason()->str()});
  if (submit.withhold() != nullptr)
    for (const auto* item : *submit.withhold()) submission.withhold.push_back(item->str());
  return submission;
}

template <class Enum>
Result<Enum> read_fact(const flatbuffers::String* word, std::string_view field, const char* const* names, Enum last) {
  if (word == nullptr || word->size() == 0) return Enum::unknown;
  std::string known;
  for (int value = 0; value <= static_cast<int>(last); ++value) {
    if (word->string_view() == names[value]) return static_cast<Enum>(value);
    known += (known.empty() ? "" : ", ") + std::string(names[value]);
  }
  return fail(Errc::invalid_argument, "unknown " + std::string(field) + " (known: " + known + ")");
}

Result<void> read_facts(const api::Facts& in, RecordFacts& out) {
  LIAISON_TRY(out.stated.authorisation, read_fact(in.authorisation(), "authorisation", policy::fb::EnumNamesAuthorisation(), policy::Authorisation::MAX));
  LIAISON_TRY(out.stated.offence_class, read_fact(in.offence_class(), "offence class", policy::fb::EnumNamesOffenceClass(), policy::OffenceClass::MAX));
  LIAISON_TRY(out.stated.confidentiality, read_fact(in.confidentiality(), "confidentiality", policy::fb::EnumNamesConfidentiality(), policy::Confidentiality::MAX));
  if (in.origins() != nullptr)
    for (const auto* one : *in.origins()) out.origins.push_back({string_of(one->path()), string_of(one->words())});
  return {};
}
}  // namespace

Result<Submission> read_submission(const api::Submit& submit, ByteView call, std::string person) {
  if (submit.message() == nullptr || submit.message()->size() > limits::message_bytes_max)
    return fail(Errc::limit_exceeded, "a message of at most " + std::to_string(limits::message_bytes_max) + " bytes is needed");
  if (!within_limits(submit))
    return fail(Errc::limit_exceeded, "at most " + std::to_string(limits::recipients_max) + " recipients, " + std::to_string(limits::handling_codes_max) + " handling codes, " +
                                          std::to_string(limits::code_bytes_max) + " bytes per code or reason, " + std::to_string(limits::items_named_max) + " items, each with a reason of at most " +
                                          std::to_string(limits::statement_bytes_max) + " bytes");
  Submission submission = to_submission(submit, call, std::move(person));
  if (submit.facts() != nullptr) LIAISON_CHECK(read_facts(*submit.facts(), submission.facts));
  return submission;
}

}  // namespace liaison::exchange
