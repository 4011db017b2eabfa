// Requests about the disclosure policy: which one is in force, and loading a newer one between two messages. A refused file leaves the old one in force;
// what was prepared under the old one is prepared again, because every transaction names the policy it was decided under.
#include "core/base/limits.h"
#include "core/exchange/answers.h"
#include "core/exchange/policy_store.h"
#include "core/exchange/requests.h"

namespace liaison::exchange {
namespace {
constexpr std::size_t signatures_max = 8;

Bytes policy_answer(const policy::Policy& policy, const PolicyRow& row, bool with_text) {
  flatbuffers::FlatBufferBuilder builder(4096);
  const auto policy_name = builder.CreateString(policy.ref().name);
  const auto fingerprint = put_bytes(builder, policy.ref().fingerprint);
  const auto json = put_bytes(builder, with_text ? ByteView(row.json) : ByteView{});
  std::vector<flatbuffers::Offset<wire::SignedText>> signatures;
  for (const auto& one : row.signatures) signatures.push_back(put_signed(builder, one));
  const auto list = builder.CreateVector(signatures);
  return finish_answer(builder, api::CreatePolicyInForce(builder, policy_name, policy.ref().version, fingerprint, millis(row.loaded), json, list, policy.relays()));
}
}  // namespace

void Requests::on_policy(const Caller& caller, const api::AskPolicy& ask) {
  if (!node_.context_->policy_stored) return answer(caller, policy_answer(*node_.context_->policy, {}, false));
  auto stored = load_policy_in_force(node_.engine_.ports().store);
  if (!stored) return refuse(caller, stored.error());
  if (!*stored) return refuse(caller, Errc::store_corrupt, "the policy in force is missing in the store");
  answer(caller, policy_answer(*(*stored)->policy, (*stored)->row, ask.text()));
}

void Requests::on_load_policy(const Caller& caller, const api::LoadPolicy& load) {
  const ByteView json = bytes_of(load.json());
  if (json.empty() || json.size() > limits::policy_bytes_max) return refuse(caller, Errc::limit_exceeded, "a policy file of 1 to " + std::to_string(limits::policy_bytes_max) + " bytes is needed");
  std::vector<link::SignedText> signatures;
  if (load.signatures() != nullptr) {
    if (load.signatures()->size() > signatures_max) return refuse(caller, Errc::limit_exceeded, "at most " + std::to_string(signatures_max) + " signatures");
    for (const auto* one : *load.signatures()) signatures.push_back({std::string(text(bytes_of(one->text()))), std::string(text(bytes_of(one->sigs())))});
  }
  if (loading_policy_) return refuse(caller, Errc::busy, "another policy is being loaded; try again");
  loading_policy_ = true;
  ++node_.tasks_;
  node_.engine_.run(false, [this, caller, file = to_bytes(json), signatures, context = node_.context_]() -> Finish {
    auto next = std::make_shared<Result<NewPolicy>>(check_new_policy(*context, file, signatures));
    return [this, caller, next] {
      --node_.tasks_;
      if (*next) return commit_policy(caller, std::move(**next));
      loading_policy_ = false;
      audit_refusal(caller, next->error().code, api::Request::LoadPolicy);
      refuse(caller, next->error());
    };
  });
}

void Requests::commit_policy(const Caller& caller, NewPolicy next) {
  audit::Entry entry = node_.context_->entry(audit::Event::policy);
  entry.person = node_.context_->commit_to_person(caller.person);
  entry.reason = "policy_loaded";
  entry.policy = next.policy->ref().fingerprint;
  next.set.ops.push_back(append_audit(entry));
  WriteSet set = std::move(next.set);
  node_.hold_decisions(true);  // nothing decided under the old one is committed after the new one is stored
  node_.engine_.commit(std::move(set), [this, caller, policy = next.policy, row = next.row](Outcome outcome) {
    loading_policy_ = false;
    if (outcome == Outcome::unknown) {  // it may be in force: what the store holds decides, before anything else is decided
      auto stored = load_policy_in_force(node_.engine_.ports().store);
      if (stored && *stored && (*stored)->policy->ref().fingerprint == policy->ref().fingerprint && (*stored)->policy->ref().version == policy->ref().version) outcome = Outcome::committed;
    }
    if (outcome != Outcome::committed) {
      node_.hold_decisions(false);
      return refuse(caller, outcome == Outcome::conflict ? Errc::conflict : Errc::outcome_unknown, "the policy was not stored; the old one stays in force; load it again");
    }
    auto context = std::make_shared<Context>(*node_.context_);
    context->policy = policy;
    context->policy_stored = true;
    node_.replace_context(std::move(context));
    node_.hold_decisions(false);
    node_.engine_.log(Severity::info, "policy " + policy->ref().name + " version " + std::to_string(policy->ref().version) + " is in force");
    answer(caller, policy_answer(*policy, row, false));
  });
}

}  // namespace liaison::exchange
