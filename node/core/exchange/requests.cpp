// Decoding a Call, the rights check, and the dispatch to handlers: the one place where a request's kind meets its code.
#include "core/exchange/requests.h"

#include "core/base/limits.h"
#include "core/exchange/answers.h"

namespace liaison::exchange {

Bytes make_refusal(const Refused& refused) {
  flatbuffers::FlatBufferBuilder builder(512);
  std::vector<std::string> places;
  std::string_view rest = refused.text;
  for (auto cut = rest.find("; "); cut != std::string_view::npos; cut = rest.find("; ")) {
    places.emplace_back(rest.substr(0, cut));
    rest.remove_prefix(cut + 2);
  }
  places.emplace_back(rest);
  const bool retry = disposition(refused.code) == Disposition::retry_later;
  return finish_answer(builder, api::CreateRefusal(builder, builder.CreateString(std::string(name(refused.code))), builder.CreateString(refused.text),
                                                   builder.CreateVectorOfStrings(places), retry));
}

void Requests::refuse(const Caller& caller, Errc code, std::string text) { answer(caller, make_refusal({code, std::move(text)})); }

void Requests::audit_refusal(const Caller& caller, Errc code, api::Request asked) {
  audit::Entry entry = node_.context_->entry(audit::Event::refused);
  entry.person = node_.context_->commit_to_person(caller.person);
  entry.reason = std::string(name(code));
  entry.purpose = api::EnumNameRequest(asked);
  WriteSet set;
  set.cls = WriteClass::hand_over;
  set.ops.push_back(append_audit(entry));
  node_.engine_.commit(std::move(set), [](Outcome) {});
}

void Requests::on_call(RequestToken token, std::string_view person, Bytes bytes) {
  Caller caller{token, std::string(person)};
  flatbuffers::Verifier verifier(bytes.data(), bytes.size(), 8, 4096);
  if (!verifier.VerifyBuffer<api::Call>()) return refuse(caller, Errc::bad_format, "the request is not a Call of api.fbs");
  const auto* call = flatbuffers::GetRoot<api::Call>(bytes.data());
  const auto found = node_.persons_.find(caller.person);
  if (found == node_.persons_.end() || found->second.disabled) return refuse(caller, Errc::not_permitted, "this key belongs to no person of this node");
  if (call->request() == nullptr) return refuse(caller, Errc::bad_format, "the Call holds no request this node knows");
  if (!may(found->second.role, call->request_type())) {
    audit_refusal(caller, Errc::not_permitted, call->request_type());
    return refuse(caller, Errc::not_permitted, "the role " + found->second.role + " does not allow this");
  }
  switch (call->request_type()) {
    case api::Request::Submit: return on_submit(std::move(caller), *call->request_as_Submit(), bytes);
    case api::Request::AskDefaults: return on_defaults(caller);
    case api::Request::AskInbox: return on_inbox(caller, *call->request_as_AskInbox());
    case api::Request::Fetch: return on_fetch(caller, *call->request_as_Fetch());
    case api::Request::AskRecord: return on_record(caller, *call->request_as_AskRecord());
    case api::Request::AskTrack: return on_track(caller, *call->request_as_AskTrack());
    case api::Request::AskOutgoing: return on_outgoing(caller, *call->request_as_AskOutgoing());
    case api::Request::AskAudit: return on_audit(caller, *call->request_as_AskAudit());
    case api::Request::AskAuditProof: return on_audit_proof(caller, *call->request_as_AskAuditProof());
    case api::Request::CheckLog: return on_verify(caller, *call->request_as_CheckLog());
    case api::Request::AskStatus: return on_status(caller);
    case api::Request::Reconnect: {
      const std::string peer = call->request_as_Reconnect()->peer() ? call->request_as_Reconnect()->peer()->str() : "";
      if (node_.context_->directory->find(peer) == nullptr) return refuse(caller, Errc::not_found, "agency " + peer + " is not in the directory");
      node_.engine_.emit(RedialPeer{peer});
      flatbuffers::FlatBufferBuilder builder(128);
      return answer(caller, finish_answer(builder, api::CreateDone(builder, builder.CreateString("dialling " + peer + " now"))));
    }
    case api::Request::PersonAdd: return on_person_add(caller, *call->request_as_PersonAdd());
    case api::Request::PersonDisable: return on_person_disable(caller, *call->request_as_PersonDisable());
    case api::Request::AskPersons: return on_persons(caller);
    case api::Request::GivePermit: return on_give_permit(caller, *call->request_as_GivePermit());
    case api::Request::Preview: return on_preview(caller, *call->request_as_Preview(), bytes);
    case api::Request::AskHeld: return on_held(caller, *call->request_as_AskHeld());
    case api::Request::AskHeldItem: return on_held_item(caller, *call->request_as_AskHeldItem());
    case api::Request::DecideHeld: return on_decide_held(caller, *call->request_as_DecideHeld());
    case api::Request::Release: return on_release(caller, *call->request_as_Release());
    case api::Request::LoadPolicy: return on_load_policy(caller, *call->request_as_LoadPolicy());
    case api::Request::AskPolicy: return on_policy(caller, *call->request_as_AskPolicy());
    case api::Request::AskLedgers: return on_ledgers(caller, *call->request_as_AskLedgers());
    case api::Request::RepairLedger: return on_repair(caller, *call->request_as_RepairLedger());
    case api::Request::AskHealth: return on_health(caller);
    case api::Request::Ping: return on_ping(caller, *call->request_as_Ping());
    case api::Request::PublishDirectory: return on_publish_directory(caller, *call->request_as_PublishDirectory());
    case api::Request::OverrideDirectory: return on_override_directory(caller, *call->request_as_OverrideDirectory());
    case api::Request::NONE: break;
  }
  refuse(caller, Errc::bad_format, "unknown request");
}

}  // namespace liaison::exchange
