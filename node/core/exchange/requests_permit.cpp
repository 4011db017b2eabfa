// `liaison permit`: the originator permits relays to pass on a record it sent before. Answered when the permit is stored and queued, audited with it.
#include <algorithm>

#include "core/exchange/answers.h"
#include "core/exchange/permits.h"
#include "core/exchange/requests.h"
#include "core/exchange/stored_record.h"

namespace liaison::exchange {

void Requests::on_give_permit(const Caller& caller, const api::GivePermit& give) {
  const auto context = node_.context_;
  auto key = find_record(bytes_of(give.record()), context->agency, give.version());
  if (!key) return refuse(caller, key.error());
  auto held = load_record(*context, *key);
  if (!held) return refuse(caller, held.error());
  std::vector<std::string> recipients = held->row.recipients;
  if (give.to() != nullptr && give.to()->size() > 0) {
    recipients.clear();
    for (const auto* agency : *give.to()) recipients.push_back(agency->str());
  }
  for (const auto& recipient : recipients)
    if (std::find(held->row.recipients.begin(), held->row.recipients.end(), recipient) == held->row.recipients.end())
      return refuse(caller, Errc::invalid_argument, "the record is not addressed to " + recipient + "; its recipients: liaison track");
  auto permits = make_permits(*context, held->manifest, held->manifest_hash(), recipients);
  if (!permits) return refuse(caller, permits.error());
  if (permits->empty()) return refuse(caller, Errc::invalid_argument, "no relay lies on the way to these recipients: nothing needs a permit");
  WriteSet set;
  auto queued = std::make_shared<std::vector<Queued>>();
  const auto next_seq = [this](const std::string& peer, Lane lane) { return node_.next_outbox_seq(peer, lane); };
  for (auto& permit : *permits) {
    set.ops.push_back(std::move(permit.op));
    queue_report(make_permit_report(*context, permit), next_seq, set.ops, *queued);
  }
  audit::Entry entry = context->entry(audit::Event::accepted);
  entry.person = context->commit_to_person(caller.person);
  entry.record_from = key->from;
  entry.record = key->id;
  entry.version = key->version;
  entry.reason = "permit";
  set.ops.push_back(append_audit(entry));
  node_.engine_.commit(std::move(set), [this, caller, queued](Outcome outcome) {
    node_.on_queued(std::move(*queued), outcome);
    if (outcome != Outcome::committed) return refuse(caller, Errc::disk_full, "the permit could not be stored; nothing was permitted; free disk space and try again");
    flatbuffers::FlatBufferBuilder builder(128);
    answer(caller, finish_answer(builder, api::CreateDone(builder, builder.CreateString("permitted"))));
  });
}

}  // namespace liaison::exchange
