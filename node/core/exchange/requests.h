// Requests of people over the local interface (schemas/api.fbs): decoded, checked against the table of rights, answered when what they did is durable.
// One thread (the engine's); reading and decrypting runs on the pool.
#pragma once
#include "core/exchange/held.h"
#include "core/exchange/node.h"
#include "core/exchange/policy_store.h"

namespace liaison::exchange {

struct Refused {
  Errc code{};
  std::string text;
};
Bytes make_refusal(const Refused& refused);

class Requests {
 public:
  explicit Requests(Node& node) : node_(node) {}
  void on_call(RequestToken token, std::string_view person, Bytes call);
  void on_echoes(const std::vector<Echo>& echoes);
  void on_tick();                            // ends pings that nobody answered
  Time next_deadline() const;

 private:
  struct Caller {
    RequestToken token = 0;
    std::string person;
  };
  struct Waiting {
    Caller caller;
    Submission submission;
    std::size_t bytes = 0;
  };
  void refuse(const Caller& caller, Errc code, std::string text);
  void refuse(const Caller& caller, const Error& error) { refuse(caller, error.code, error.detail); }
  void answer(const Caller& caller, Bytes bytes) { node_.engine_.emit(SendReply{caller.token, std::move(bytes)}); }
  void audit_refusal(const Caller& caller, Errc code, api::Request asked);

  // submissions (requests_submit.cpp)
  void on_submit(Caller caller, const api::Submit& submit, ByteView call);
  void pump_submissions();
  struct Sealed {                       // outcome of the pool's work on one submission
    Error error;                        // code 0: none
    std::optional<Accepted> accepted;
    std::shared_ptr<const HotRecord> hot;
    Lane lane = Lane::routine;
  };
  static std::vector<Sealed> seal_all(const Context& context, std::vector<Submission> submissions);
  void accept(const Waiting& waiting, Sealed sealed);
  bool holds(const Uuid& submission, const Uuid& record) const;
  void answer_again(const Caller& caller, const Uuid& submission, const Hash& digest);

  void on_give_permit(const Caller& caller, const api::GivePermit& give);  // requests_permit.cpp
  void on_preview(const Caller& caller, const api::Preview& ask, ByteView call);

  // what waits for a person (requests_held.cpp)
  void on_held(const Caller& caller, const api::AskHeld& ask);
  void on_held_item(const Caller& caller, const api::AskHeldItem& ask);
  void on_decide_held(const Caller& caller, const api::DecideHeld& ask);
  void on_release(const Caller& caller, const api::Release& ask);
  void commit_step(const Caller& caller, std::uint64_t seq, HeldStep step, std::vector<Report> reports);
  Approvers approvers() const;
  Result<HeldRow> held_row(std::uint64_t seq) const;

  // the policy in force (requests_policy.cpp)
  void on_policy(const Caller& caller, const api::AskPolicy& ask);
  void on_load_policy(const Caller& caller, const api::LoadPolicy& load);
  void commit_policy(const Caller& caller, NewPolicy next);

  // the signed directory (requests_directory.cpp)
  void on_publish_directory(const Caller& caller, const api::PublishDirectory& publish);
  void on_override_directory(const Caller& caller, const api::OverrideDirectory& ask);

  // reading and handing over (requests_read.cpp)
  void on_inbox(const Caller& caller, const api::AskInbox& ask);
  void on_fetch(const Caller& caller, const api::Fetch& fetch);
  void on_record(const Caller& caller, const api::AskRecord& ask);
  void on_track(const Caller& caller, const api::AskTrack& ask);
  void on_outgoing(const Caller& caller, const api::AskOutgoing& ask);
  Result<std::vector<Row>> inbox_rows(std::uint64_t first, std::uint32_t most) const;
  Result<RecordKey> find_record(ByteView id, std::string_view from, std::uint32_t version) const;

  // proof, status, persons (requests_admin.cpp)
  void on_audit(const Caller& caller, const api::AskAudit& ask);
  void on_audit_proof(const Caller& caller, const api::AskAuditProof& ask);
  void on_verify(const Caller& caller, const api::CheckLog& verify);
  Result<std::string> checkpoint();
  void on_status(const Caller& caller);
  Result<std::vector<std::pair<Time, AlarmRow>>> newest_alarms(std::size_t most) const;
  void on_defaults(const Caller& caller);
  void on_health(const Caller& caller);      // requests_health.cpp
  void on_person_add(const Caller& caller, const api::PersonAdd& add);
  void on_person_disable(const Caller& caller, const api::PersonDisable& disable);
  void on_persons(const Caller& caller);
  void commit_person(const Caller& caller, const std::string& name, PersonRow row, const std::string& reason, std::string done);

  // is an agency reachable over its relays? (requests_ping.cpp)
  struct Ping {
    Caller caller;
    std::vector<std::string> path;
    Hash question{};
    Time asked{}, until{};
    std::vector<std::pair<Echo, Time>> steps;  // with the time each came in
  };
  void on_ping(const Caller& caller, const api::Ping& ask);
  void send_ping(const Uuid& id, const Ping& ping, Result<std::vector<Report>>& made);
  void answer_ping(const Uuid& id);

  // ledgers that are stopped (requests_ledger.cpp)
  void on_ledgers(const Caller& caller, const api::AskLedgers& ask);
  void on_repair(const Caller& caller, const api::RepairLedger& repair);
  void approve(const Caller& caller, const OutboundLog& log, Repair repair);
  void repair(const Caller& caller, const OutboundLog& log, Repair repair, const std::string& first);

  Node& node_;
  std::map<Uuid, Ping> pings_;
  std::deque<Waiting> waiting_;
  std::size_t waiting_bytes_ = 0;
  std::size_t sealing_ = 0;
  std::size_t previewing_ = 0;
  bool verifying_ = false;
  bool loading_policy_ = false;
};

}  // namespace liaison::exchange
