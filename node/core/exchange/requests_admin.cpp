// Proof, status and persons. Checkpoints are signed on demand, after the guard outside the environment has noted them.
#include <algorithm>

#include "core/audit/checkpoint.h"
#include "core/base/limits.h"
#include "core/exchange/answers.h"
#include "core/exchange/requests.h"
#include "core/exchange/verify_log.h"

namespace liaison::exchange {
namespace {
constexpr std::uint32_t audit_rows_max = 1000;
constexpr std::uint64_t audit_rows_read_max = 1'000'000;
constexpr std::size_t alarms_shown = 20;

struct AuditQuery {
  std::uint64_t first = 0, size = 0;
  std::uint32_t most = 0;
  bool newest_first = false;
  Bytes record;  // empty: all
};

// Entries of one record are found by reading; an answer reads at most a budget and then says where to go on (the last row's index).
Result<Bytes> list_audit(const Context& context, const AuditQuery& query, const std::string& note) {
  std::vector<Row> found;
  std::uint64_t next = query.first;
  while (found.size() < query.most && next < query.size && next - query.first < audit_rows_read_max) {
    LIAISON_TRY(auto rows, context.ports.store.scan(Table::audit_entry, {key_of(next), {}}, audit_rows_max));
    if (rows.empty()) break;
    for (auto& row : rows) {
      if (found.size() == query.most) break;
      ++next;
      if (!query.record.empty()) {
        LIAISON_TRY(const auto entry, audit::decode(row.second));
        if (!equal(entry.record.bytes, query.record)) continue;
      }
      found.push_back(std::move(row));
    }
  }
  if (query.newest_first) std::reverse(found.begin(), found.end());
  flatbuffers::FlatBufferBuilder builder(64 << 10);
  std::vector<flatbuffers::Offset<api::AuditRow>> out;
  for (const auto& row : found) {
    LIAISON_TRY(const auto index, parse_number(row.first));
    out.push_back(api::CreateAuditRow(builder, index, put_bytes(builder, row.second)));
  }
  const auto list = builder.CreateVector(out);
  return finish_answer(builder, api::CreateAuditRows(builder, list, query.size, builder.CreateString(note), next));
}

std::string origin_of(const Context& context) { return context.agency + "/" + to_string(context.ports.clock.now()).substr(0, 4); }
}  // namespace

// The head of the audit log as a signed note; an empty log has none.
Result<std::string> Requests::checkpoint() {
  const auto& context = *node_.context_;
  auto& audit_log = context.ports.audit;
  const merkle::Frontier frontier = audit_log.frontier();
  const audit::Checkpoint head{origin_of(context), frontier.size(), frontier.root()};
  auto noted = audit_log.before_signing(head.origin, {head.size, head.root});
  if (!noted) {
    node_.engine_.alarm("rolled_back", "the audit log is older than what this node signed before: an old backup was restored; no checkpoint is signed", [&] {
      audit::Entry entry = context.entry(audit::Event::alarm);
      entry.reason = "rolled_back";
      return append_audit(entry);
    });
    return noted.error();
  }
  LIAISON_TRY(const auto key, context.ports.keys.public_key(crypto::KeyRole::log));
  return audit::sign_checkpoint(head, key, [&](ByteView body) { return context.ports.keys.sign(crypto::KeyRole::log, body); });
}

void Requests::on_audit(const Caller& caller, const api::AskAudit& ask) {
  auto note = checkpoint();
  if (!note) return refuse(caller, note.error());
  const std::uint64_t size = node_.context_->ports.audit.frontier().size();
  const std::uint32_t most = std::clamp<std::uint32_t>(ask.max(), 1, audit_rows_max);
  const AuditQuery query{ask.newest_first() ? (size > most ? size - most : 0) : ask.first(), size, most, ask.newest_first(), to_bytes(bytes_of(ask.record()))};
  ++node_.tasks_;
  node_.engine_.run(false, [this, caller, query, note = *note, context = node_.context_]() -> Finish {
    auto answered = std::make_shared<Result<Bytes>>(list_audit(*context, query, note));
    return [this, caller, answered] {
      --node_.tasks_;
      if (*answered) answer(caller, std::move(**answered));
      else refuse(caller, answered->error());
    };
  });
}

void Requests::on_audit_proof(const Caller& caller, const api::AskAuditProof& ask) {
  const auto& store = node_.engine_.ports().store;
  auto entry = store.get(Table::audit_entry, key_of(ask.index()));
  if (!entry) return refuse(caller, entry.error());
  if (!*entry) return refuse(caller, Errc::not_found, "the audit log has no entry " + std::to_string(ask.index()));
  auto note = checkpoint();
  if (!note) return refuse(caller, note.error());
  auto head = audit::parse_checkpoint(*note);
  if (!head) return refuse(caller, head.error());
  auto path = merkle::inclusion_proof(ask.index(), head->size, [&](std::uint64_t index) -> Result<Hash> {
    LIAISON_TRY(const auto bytes, store.get(Table::audit_hash, key_of(index)));
    if (!bytes || bytes->size() != sizeof(Hash)) return fail(Errc::store_corrupt, "audit tree hash " + std::to_string(index));
    return ByteReader(*bytes).hash();
  });
  if (!path) return refuse(caller, path.error());
  flatbuffers::FlatBufferBuilder builder(8192);
  const auto bytes = put_bytes(builder, **entry);
  answer(caller, finish_answer(builder, api::CreateAuditProof(builder, ask.index(), bytes, builder.CreateString(audit::make_proof(ask.index(), *path, *note)))));
}

void Requests::on_verify(const Caller& caller, const api::CheckLog& verify) {
  const std::string what = string_of(verify.what());
  const std::string peer = string_of(verify.peer());
  if (what != "audit" && what != "ledger") return refuse(caller, Errc::invalid_argument, "verify what: audit or ledger");
  if (what == "ledger" && node_.context_->directory->find(peer) == nullptr) return refuse(caller, Errc::not_found, "agency " + peer + " is not in the directory");
  // Reading a whole log takes a thread of the pool for long; the others stay for the links.
  if (verifying_) return refuse(caller, Errc::busy, "another check of a log is running; ask again when it is done");
  std::string note;
  if (what == "audit") {
    auto signed_note = checkpoint();
    if (!signed_note) return refuse(caller, signed_note.error());
    note = std::move(*signed_note);
  }
  const merkle::Frontier frontier = node_.context_->ports.audit.frontier();
  ++node_.tasks_;
  verifying_ = true;
  node_.engine_.run(false, [this, caller, what, peer, note, frontier, context = node_.context_]() -> Finish {
    auto lines = std::make_shared<std::vector<VerifyLine>>(what == "audit" ? verify_audit(*context, frontier) : verify_ledgers(*context, peer));
    if (what == "audit") {
      const auto key = context->ports.keys.public_key(crypto::KeyRole::log);
      const auto checked = key ? audit::verify_checkpoint(note, origin_of(*context), *key) : Result<audit::Checkpoint>(key.error());
      lines->push_back({"checkpoint", checked ? checked->size : 0, checked.has_value(), checked ? "signed by key " + to_base64(key->hash()) : checked.error().message()});
    }
    return [this, caller, lines] {
      --node_.tasks_;
      verifying_ = false;
      flatbuffers::FlatBufferBuilder builder(2048);
      std::vector<flatbuffers::Offset<api::VerifyLine>> out;
      bool ok = true;
      for (const auto& line : *lines) {
        ok = ok && line.ok;
        const auto name_offset = builder.CreateString(line.what);
        out.push_back(api::CreateVerifyLine(builder, name_offset, line.entries, line.ok, builder.CreateString(line.detail)));
      }
      answer(caller, finish_answer(builder, api::CreateVerified(builder, builder.CreateVector(out), ok)));
    };
  });
}

// Oldest first. Keys are times, so it walks back from the end.
Result<std::vector<std::pair<Time, AlarmRow>>> Requests::newest_alarms(std::size_t most) const {
  std::vector<std::pair<Time, AlarmRow>> alarms;
  Bytes end;
  while (alarms.size() < most) {
    LIAISON_TRY(auto row, node_.engine_.ports().store.last(Table::alarm, {{}, end}));
    if (!row) break;
    end = row->first;
    LIAISON_TRY(auto alarm, decode_alarm_row(row->second));
    alarms.emplace_back(time_from_millis(static_cast<std::int64_t>(ByteReader(end).u64())), std::move(alarm));
  }
  std::reverse(alarms.begin(), alarms.end());
  return alarms;
}

void Requests::on_status(const Caller& caller) {
  const auto& context = *node_.context_;
  flatbuffers::FlatBufferBuilder builder(8192);
  std::vector<flatbuffers::Offset<api::PeerStatus>> peers;
  for (const auto& [id, peer] : node_.peers_) {
    const auto status = peer->status();
    const auto agency = builder.CreateString(id);
    const auto state = builder.CreateString(status.state);
    const auto detail = builder.CreateString(status.detail);
    peers.push_back(api::CreatePeerStatus(builder, agency, status.connected, millis(status.since), status.waiting[0], status.waiting[1], status.unreceipted, state, detail));
  }
  const auto newest = newest_alarms(alarms_shown);
  if (!newest) return refuse(caller, newest.error());
  std::vector<flatbuffers::Offset<api::Alarm>> alarms;
  for (const auto& [at, alarm] : *newest) {
    const auto code = builder.CreateString(alarm.code);
    alarms.push_back(api::CreateAlarm(builder, millis(at), code, builder.CreateString(alarm.text)));
  }
  const auto agency = builder.CreateString(context.agency);
  const auto realm = builder.CreateString(context.realm);
  const auto version = builder.CreateString(node_.options_.version);
  const auto peer_list = builder.CreateVector(peers);
  const auto alarm_list = builder.CreateVector(alarms);
  const auto& directory = *context.directory;
  const auto directory_hash = put_bytes(builder, directory.hash());
  answer(caller, finish_answer(builder, api::CreateStatus(builder, agency, realm, version, millis(node_.started_), millis(node_.engine_.now()), directory.version(),
                                                          millis(directory.expires()), millis(directory.grace()), peer_list, context.ports.audit.frontier().size(),
                                                          node_.inbox_next_ - 1, alarm_list, node_.options_.link_port, millis(directory.issued()), directory_hash,
                                                          context.directory_override ? millis(*context.directory_override) : 0)));
}

void Requests::on_defaults(const Caller& caller) {
  const auto& context = *node_.context_;
  flatbuffers::FlatBufferBuilder builder(1024);
  std::vector<std::string> agencies;
  for (const auto& [id, agency] : context.directory->agencies())
    if (id != context.agency && context.directory->has_channel(id, context.defaults.channel)) agencies.push_back(id);
  const auto agency = builder.CreateString(context.agency);
  const auto purpose = builder.CreateString(context.defaults.purpose);
  const auto channel = builder.CreateString(context.defaults.channel);
  const auto level = builder.CreateString(context.defaults.level);
  const auto handling = builder.CreateVectorOfStrings(context.defaults.handling);
  const auto list = builder.CreateVectorOfStrings(agencies);
  answer(caller, finish_answer(builder, api::CreateDefaults(builder, agency, purpose, static_cast<std::uint8_t>(Lane::routine), channel, level, handling,
                                                            context.defaults.review_days, list)));
}

namespace {
constexpr std::size_t reason_chars_max = 64;

Result<std::string> administrative_reason(const flatbuffers::String* given) {
  std::string reason = string_of(given);
  if (!reason.empty() && (reason.size() > reason_chars_max || !crypto::is_token(reason)))
    return fail(Errc::invalid_argument, "reason: a code or reference of at most 64 letters, digits and . _ : + / = , -, for example left-service or ticket-1234");
  return reason;
}
}  // namespace

void Requests::commit_person(const Caller& caller, const std::string& person, PersonRow row, const std::string& reason, std::string done) {
  WriteSet set;
  set.cls = WriteClass::hand_over;
  set.ops.push_back({OpKind::put, Table::person, to_bytes(person), encode(row)});
  audit::Entry entry = node_.context_->entry(audit::Event::key);
  entry.person = node_.context_->commit_to_person(caller.person);
  entry.reason = row.disabled ? "person_disabled" : "person_added";
  entry.purpose = reason;
  entry.decision = node_.context_->commit_to_person(person);
  set.ops.push_back(append_audit(entry));
  node_.engine_.commit(std::move(set), [this, caller, person, row, done](Outcome outcome) {
    if (outcome != Outcome::committed) return refuse(caller, Errc::disk_full, "the person could not be stored; nothing was changed");
    node_.persons_[person] = row;
    ++node_.persons_version_;
    flatbuffers::FlatBufferBuilder builder(128);
    answer(caller, finish_answer(builder, api::CreateDone(builder, builder.CreateString(done))));
  });
}

void Requests::on_person_add(const Caller& caller, const api::PersonAdd& add) {
  const std::string person = string_of(add.name());
  const std::string role = string_of(add.role());
  const ByteView key = bytes_of(add.public_key());
  const bool form = !person.empty() && person.size() <= 64 && std::all_of(person.begin(), person.end(), [](unsigned char c) { return std::isalnum(c) || c == '.' || c == '-' || c == '_'; });
  if (!form) return refuse(caller, Errc::invalid_argument, "name: 1 to 64 letters, digits, dot, hyphen or underscore");
  if (!is_role(role)) return refuse(caller, Errc::invalid_argument, "unknown role; known: " + known_roles());
  if (key.size() != 32) return refuse(caller, Errc::invalid_argument, "public key: 32 bytes are needed");
  if (node_.persons_.contains(person)) return refuse(caller, Errc::already_exists, "a person of that name exists; names are never used again");
  if (node_.persons_.size() >= limits::persons_max) return refuse(caller, Errc::limit_exceeded, "too many persons");
  for (const auto& [other, row] : node_.persons_)
    if (equal(row.public_key, key)) return refuse(caller, Errc::already_exists, "this key belongs to another person of this node");
  const auto reason = administrative_reason(add.reason());
  if (!reason) return refuse(caller, reason.error());
  commit_person(caller, person, {role, to_bytes(key), false, node_.engine_.now()}, *reason, person + " may now connect as " + role);
}

void Requests::on_person_disable(const Caller& caller, const api::PersonDisable& disable) {
  const std::string person = string_of(disable.name());
  const auto found = node_.persons_.find(person);
  if (found == node_.persons_.end()) return refuse(caller, Errc::not_found, "no person of that name; see: liaison person list");
  if (person == caller.person) return refuse(caller, Errc::not_permitted, "nobody disables themselves; ask another administrator");
  const auto reason = administrative_reason(disable.reason());
  if (!reason) return refuse(caller, reason.error());
  if (reason->empty()) return refuse(caller, Errc::invalid_argument, "say why: --reason left-service, or the reference of the decision; the audit log keeps it");
  PersonRow row = found->second;
  row.disabled = true;
  row.since = node_.engine_.now();
  commit_person(caller, person, row, *reason, person + " is disabled, open sessions included");
}

void Requests::on_persons(const Caller& caller) {
  flatbuffers::FlatBufferBuilder builder(4096);
  std::vector<flatbuffers::Offset<api::Person>> rows;
  for (const auto& [person, row] : node_.persons_) {
    const auto name_offset = builder.CreateString(person);
    const auto role = builder.CreateString(row.role);
    rows.push_back(api::CreatePerson(builder, name_offset, role, put_bytes(builder, row.public_key), row.disabled, millis(row.since)));
  }
  answer(caller, finish_answer(builder, api::CreatePersons(builder, builder.CreateVector(rows))));
}

}  // namespace liaison::exchange
