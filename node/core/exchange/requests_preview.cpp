// Preview: what each recipient would get of a draft, decided by the code of T1 and D; nothing is signed, stored or audited, since it is the sender's own.
// Answers are explained in full: they stay inside the agency.
#include "core/base/limits.h"
#include "core/exchange/answers.h"
#include "core/exchange/plan.h"
#include "core/exchange/recipient_view.h"
#include "core/exchange/requests.h"
#include "core/exchange/submission.h"

namespace liaison::exchange {
namespace {
Result<Bytes> preview(const Context& context, Submission submission) {
  LIAISON_TRY(auto valid, validate(context, std::move(submission)));
  LIAISON_TRY(const auto draft, make_draft(context, valid));
  LIAISON_TRY(const auto schema, schema_of(context, draft->manifest));
  LIAISON_TRY(const auto plan, plan_record(context, valid.submission(), *draft));
  if (plan.hops.size() * draft->package.openings.size() > limits::preview_fields_max)
    return fail(Errc::limit_exceeded, "too many fields for one preview; look at fewer recipients at once");
  flatbuffers::FlatBufferBuilder builder(64 << 10);
  std::vector<flatbuffers::Offset<api::RecipientView>> views;
  for (const auto& hop : plan.hops) {
    const DecisionInput input{*schema, draft->manifest, draft->package, hop.next, &valid.submission().facts, hop.row.overrides};
    LIAISON_TRY(const auto one, make_recipient_view(context, builder, input, hop.decision.decided, hop.decision.repeats, ShowValues::no));
    views.push_back(one);
  }
  const auto view_list = builder.CreateVector(views);
  return finish_answer(builder, api::CreatePreviewed(builder, view_list, builder.CreateVectorOfStrings(plan.problems)));
}
}  // namespace

void Requests::on_preview(const Caller& caller, const api::Preview& ask, ByteView call) {
  if (ask.submit() == nullptr) return refuse(caller, Errc::bad_format, "a preview needs what would be submitted");
  auto submission = read_submission(*ask.submit(), call, caller.person);
  if (!submission) return refuse(caller, submission.error());
  if (previewing_ >= limits::previews_max) return refuse(caller, Errc::busy, "other previews are being made; ask again");
  ++previewing_;
  ++node_.tasks_;
  node_.engine_.run(false, [this, caller, draft = std::make_shared<Submission>(std::move(*submission)), context = node_.context_]() -> Finish {
    auto shown = std::make_shared<Result<Bytes>>(preview(*context, std::move(*draft)));
    return [this, caller, shown] {
      --previewing_;
      --node_.tasks_;
      if (*shown) answer(caller, std::move(**shown));
      else refuse(caller, shown->error());
    };
  });
}

}  // namespace liaison::exchange
