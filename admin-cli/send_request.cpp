// See send_request.h. What check_options has let through is not checked again.
#include "admin-cli/send_request.h"

#include "core/form/text.h"

namespace liaison::cli {
namespace {
using Flat = flatbuffers::FlatBufferBuilder;

// "2027-03-04"; 0 when nothing was said.
Result<std::int64_t> date_of(const std::string& option, const std::string& chars) {
  if (chars.empty()) return std::int64_t{0};
  const auto time = parse_time(chars + "T00:00:00.000Z");
  if (!time) return fail(Errc::invalid_argument, option + " " + form::visible(chars) + ": a date like 2027-03-04 is needed");
  return millis(*time);
}

// The bytes of a record's or thread's id; empty when nothing was said.
Result<Bytes> id_bytes(const std::string& option, const std::string& chars) {
  if (chars.empty()) return Bytes{};
  const auto id = parse_uuid(chars);
  if (!id) return fail(Errc::invalid_argument, option + " " + form::visible(chars) + ": a whole id is needed, as `liaison show` prints it");
  return Bytes(id->bytes.begin(), id->bytes.end());
}

Result<std::uint8_t> urgency_of(const std::string& chars) {
  if (chars.empty()) return std::uint8_t{0};
  if (chars == "routine") return static_cast<std::uint8_t>(api::Urgency::routine);
  if (chars == "urgent") return static_cast<std::uint8_t>(api::Urgency::urgent);
  return fail(Errc::invalid_argument, "--urgency: routine or urgent");
}

// "12=the ship is named after him"
Result<void> check_excuses(const Send& send) {
  for (const auto& excuse : send.no_repetition) {
    const auto at = excuse.find('=');
    if (at == 0 || at == std::string::npos || at + 1 == excuse.size()) return fail(Errc::invalid_argument, "--no-repetition: ITEM=REASON, for example 12=\"the ship has the same name\"");
  }
  return {};
}

flatbuffers::Offset<api::Facts> make_facts(Flat& builder, const Send& send) {
  std::vector<flatbuffers::Offset<api::Origin>> origins;
  for (const auto& origin : send.confirmed.origins) {
    const auto path = builder.CreateString(origin.path);
    origins.push_back(api::CreateOrigin(builder, path, builder.CreateString(origin.words)));
  }
  const auto authorisation = builder.CreateString(send.authorisation);
  const auto offence_class = builder.CreateString(send.offence_class);
  const auto confidentiality = builder.CreateString(send.confidentiality);
  return api::CreateFacts(builder, authorisation, offence_class, confidentiality, builder.CreateVector(origins));
}

using Excuses = std::vector<flatbuffers::Offset<api::Excuse>>;
Excuses make_excuses(Flat& builder, const Send& send) {
  Excuses out;
  for (const auto& excuse : send.no_repetition) {
    const auto item = builder.CreateString(excuse.substr(0, excuse.find('=')));
    out.push_back(api::CreateExcuse(builder, item, builder.CreateString(excuse.substr(excuse.find('=') + 1))));
  }
  return out;
}
}  // namespace

Result<void> check_options(const Send& send) {
  LIAISON_CHECK(urgency_of(send.urgency));
  LIAISON_CHECK(check_excuses(send));
  LIAISON_CHECK(date_of("--review", send.review));
  LIAISON_CHECK(date_of("--expires", send.expires));
  LIAISON_CHECK(id_bytes("--thread", send.thread));
  LIAISON_CHECK(id_bytes("--answers-to", send.answers_to));
  return {};
}

flatbuffers::Offset<api::Submit> make_submit(Flat& builder, const Send& send, const Bytes& message, const Uuid& submission) {
  const auto id = builder.CreateVector(submission.bytes.data(), submission.bytes.size());
  const auto kind = builder.CreateString("ecomessage");
  const auto body = builder.CreateVector(message);
  const auto to = builder.CreateVectorOfStrings(send.to);
  const auto purpose = builder.CreateString(send.purpose);
  const auto reason = builder.CreateString(send.reason);
  const auto channel = builder.CreateString(send.channel);
  const auto level = builder.CreateString(send.level);
  const auto handling = builder.CreateVectorOfStrings(send.handling);
  const auto thread = builder.CreateVector(*id_bytes("", send.thread));
  const auto answers = builder.CreateVector(*id_bytes("", send.answers_to));
  const auto facts = make_facts(builder, send);
  const auto withhold = builder.CreateVectorOfStrings(send.withhold);
  const auto excuses = builder.CreateVector(make_excuses(builder, send));
  api::SubmitBuilder submit(builder);
  submit.add_submission(id);
  submit.add_kind(kind);
  submit.add_message(body);
  submit.add_to(to);
  submit.add_purpose(purpose);
  submit.add_urgency(*urgency_of(send.urgency));
  submit.add_urgency_reason(reason);
  submit.add_channel(channel);
  submit.add_level(level);
  submit.add_handling(handling);
  submit.add_review_ms(*date_of("", send.review));
  submit.add_expires_ms(*date_of("", send.expires));
  submit.add_thread(thread);
  submit.add_answers(answers);
  submit.add_facts(facts);
  submit.add_permit_relays(send.permit_relays);
  submit.add_withhold(withhold);
  submit.add_no_repetition(excuses);
  return submit.Finish();
}

}  // namespace liaison::cli
