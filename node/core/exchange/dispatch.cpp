// The stages of D. Pure over the context; disclosure is decided and signed here, under the policy and directory valid now.
#include "core/exchange/dispatch.h"

#include <algorithm>
#include <map>
#include <set>

#include "core/base/limits.h"
#include "core/exchange/directory_store.h"
#include "core/exchange/held.h"
#include "core/exchange/ledger_rows.h"
#include "core/exchange/policy_store.h"
#include "core/exchange/relay.h"
#include "core/exchange/stored_record.h"

namespace liaison::exchange {
namespace {
// The record to send, from memory or from the store.
Result<HotRecord> load_source(const Context& context, const OutboxRef& ref) {
  if (ref.hot != nullptr) return *ref.hot;
  LIAISON_TRY(auto held, load_record(context, ref.row.record));
  return HotRecord{std::move(held.manifest), std::move(held.package), std::move(held.row.via), std::move(held.facts)};
}

struct Draft {  // an item whose package waits for the signature on its disclosure
  std::size_t item;
  record::Package package;
};

void drop(DispatchItem& item, DisclosureState state, std::string reason, Time now) {
  item.disclosure.state = state;
  item.disclosure.reason = reason;
  item.disclosure.dispatched = now;
  item.entry.event = audit::Event::refused;
  item.entry.reason = std::move(reason);
}

EnvelopeHeader header_of(const Context& context, std::string_view recipient, const OutboxRow& row, bool urgent, Content content) {
  const Time now = context.ports.clock.now();
  return {context.realm, context.agency, std::string(recipient), row.msg_id, urgent ? Lane::urgent : Lane::routine, content, now,
          std::clamp(row.expires, now, now + limits::envelope_life_max)};  // the clock may have been set back since
}

Result<link::Element> make_element(const Context& context, const SealingContext& sealing, const EnvelopeHeader& header, ByteView content) {
  LIAISON_TRY(auto sealed, seal_envelope(sealing, header, content, context.ports.random));
  link::Entry entry;
  entry.size = static_cast<std::uint32_t>(sealed.bytes.size());
  entry.msg_id = header.msg_id;
  entry.core = sealed.core;
  return link::Element{link::encode(entry), std::move(sealed.bytes)};
}

// Of two packages of one record for one recipient in one dispatch the second takes the place of the first, which the store does not know yet.
class Drafted {
 public:
  Drafted(const std::vector<OutboxRef>& refs, const std::string& peer) {
    std::set<Bytes> seen;
    for (const auto& ref : refs)
      if (ref.row.of_record() && !ref.row.record.from.empty() && !seen.insert(key(ref.row, peer)).second) twice_.insert(key(ref.row, peer));
  }
  const Earlier* find(const OutboxRow& row, const std::string& peer) const {
    const auto found = twice_.empty() ? made_.end() : made_.find(key(row, peer));
    return found == made_.end() ? nullptr : &found->second;
  }
  void note(const OutboxRow& row, const std::string& peer, const record::Package& package, const record::Openings& held, const std::vector<record::LeafEffect>& effects) {
    if (!twice_.empty() && twice_.contains(key(row, peer))) made_[key(row, peer)] = {crypto::text_hash(view(package.disclosures.back().text)), paths_of(held), effects};
  }

 private:
  static Bytes key(const OutboxRow& row, const std::string& peer) { return key_of(row.record, row.recipient.empty() ? peer : row.recipient); }
  std::set<Bytes> twice_;
  std::map<Bytes, Earlier> made_;
};

// Decision and disclosure text of one record; none when it goes back to people. Refusals of this record alone are noted in the item.
Result<std::optional<record::Package>> draft_record(const Context& context, std::string_view recipient, const OutboxRef& ref, Drafted& drafted, DispatchItem& item) {
  LIAISON_TRY(auto source, load_source(context, ref));
  const auto& manifest = source.manifest;
  LIAISON_TRY(const auto schema, schema_of(context, manifest));
  item.entry.purpose = manifest.purpose;
  item.entry.manifest = crypto::text_hash(view(source.package.manifest.text));
  item.disclosure.lane = manifest.urgent ? Lane::urgent : Lane::routine;
  item.disclosure.via = source.via;
  LIAISON_CHECK(check_onward(context, manifest, source.package, recipient));
  record::Hop hop;
  hop.relay = context.agency;
  hop.key = context.seal_key;
  hop.recipient = recipient;
  hop.purpose = manifest.purpose;
  hop.policy = context.policy->ref();
  hop.at = context.ports.clock.now();
  if (!source.package.disclosures.empty()) {  // the clock of the hop before may be ahead of ours
    LIAISON_TRY(const auto before, record::parse_disclosure(view(source.package.disclosures.back().text)));
    hop.at = std::max(hop.at, before.at);
  }
  LIAISON_TRY(hop.permits, use_permits(context, manifest, source.package, recipient));
  OutboxRow row = ref.row;
  const Earlier* earlier = drafted.find(ref.row, std::string(recipient));
  LIAISON_TRY(auto decision, decide_hop(context, {*schema, manifest, source.package, recipient, &source.facts, ref.row.overrides}, row, earlier));
  if (decision.given) hop.supersedes = decision.given->disclosure;
  if (ref.row.supersedes && hop.supersedes != ref.row.supersedes) return fail(Errc::superseded, "the recipient got something else meanwhile");
  if (decision.held) {
    item.held = std::move(decision.held);
    return std::optional<record::Package>{};
  }
  const auto& decided = decision.decided;
  LIAISON_TRY(auto disclosed, record::disclose(source.package, decided.leaves, hop, context.random_fill()));
  item.entry.policy = context.policy->ref().fingerprint;
  item.entry.decision = decided.digest;
  item.disclosure.policy = context.policy->ref();
  item.disclosure.dispatched = hop.at;
  for (const auto& leaf : decided.leaves) item.disclosure.effects.push_back(leaf.effect);
  drafted.note(ref.row, std::string(recipient), disclosed, source.package.openings, item.disclosure.effects);
  return std::optional(std::move(disclosed));
}

// Of a record of another agency: who sent it to us.
Result<std::string> came_from(const Context& context, const OutboxRef& ref) {
  if (ref.hot != nullptr) return ref.hot->via;
  if (ref.row.record.from.empty() || ref.row.record.from == context.agency) return std::string{};
  return load_via(context.ports.store, ref.row.record);
}

DispatchItem start_item(const Context& context, std::string_view recipient, const OutboxRef& ref) {
  DispatchItem item;
  item.seq = ref.seq;
  item.row = ref.row;
  item.disclosure.msg_id = ref.row.msg_id;
  item.entry = context.entry(audit::Event::disclosed);
  item.entry.peer = recipient;
  item.entry.record_from = ref.row.record.from;
  item.entry.record = ref.row.record.id;
  item.entry.version = ref.row.record.from.empty() ? 0 : ref.row.record.version;
  return item;
}

const std::string& recipient_of(const OutboxRow& row, const std::string& peer) { return row.recipient.empty() ? peer : row.recipient; }

// HPKE contexts towards the peer and towards those behind it for whom it forwards unopened; the latter are made anew for every group.
class Sealer {
 public:
  Sealer(const Context& context, std::string peer, const SealingContext& to_peer) : context_(context), peer_(std::move(peer)), to_peer_(to_peer) {}
  const std::string& peer() const { return peer_; }

  Result<link::Element> seal(const EnvelopeHeader& header, ByteView content) {
    if (header.to == peer_) return make_element(context_, to_peer_, header, content);
    auto& behind = behind_[header.to];
    if (behind == nullptr) {
      const Time now = context_.ports.clock.now();
      LIAISON_TRY(const auto box, context_.directory->current_key(header.to, crypto::KeyRole::box, now));
      LIAISON_TRY(behind, make_sealing_context(context_.realm, context_.agency, box, now, context_.ports.random));
    }
    return make_element(context_, *behind, header, content);
  }

 private:
  const Context& context_;
  std::string peer_;
  const SealingContext& to_peer_;
  std::map<std::string, std::shared_ptr<const SealingContext>> behind_;
};

// Of somebody else, unopened: its entry says how often it was forwarded.
Result<link::Element> forwarded(const OutboxRow& row) {
  LIAISON_TRY(const auto envelope, parse_envelope(row.envelope));
  link::Entry entry;
  entry.hops = row.hops;
  entry.size = static_cast<std::uint32_t>(row.envelope.size());
  entry.msg_id = envelope.header.msg_id;
  entry.core = envelope.core_hash;
  return link::Element{link::encode(entry), row.envelope};
}

Result<void> seal_drafts(const Context& context, Sealer& sealer, std::vector<Draft> drafts, std::vector<DispatchItem>& items) {
  std::vector<std::string> texts;
  for (const auto& draft : drafts) texts.push_back(draft.package.disclosures.back().text);
  if (texts.empty()) return {};
  LIAISON_TRY(auto blocks, context.seal_texts(texts));
  for (std::size_t i = 0; i < drafts.size(); ++i) {
    auto& disclosure = drafts[i].package.disclosures.back();
    disclosure.signatures = std::move(blocks[i]);
    DispatchItem& item = items[drafts[i].item];
    item.entry.disclosure = crypto::text_hash(view(disclosure.text));
    item.disclosure.disclosure = disclosure;
    const auto header = header_of(context, recipient_of(item.row, sealer.peer()), item.row, item.disclosure.lane == Lane::urgent, Content::package);
    auto element = sealer.seal(header, record::encode_package(drafts[i].package));
    if (element) item.element = std::move(*element);
    else if (disposition(element.error().code) != Disposition::refuse_message) return element.error();
    else drop(item, DisclosureState::refused, std::string(name(element.error().code)), header.created);
  }
  return {};
}
// The agency a record came from learns that it went on, or why not.
Result<std::vector<Report>> report_back(const Context& context, const std::string& peer, const std::vector<DispatchItem>& items) {
  Reports reports;
  for (const auto& item : items) {
    if (!item.element && !item.row.envelope.empty()) say_not_forwarded(item.row, peer, item.disclosure.reason, reports);
    if (item.disclosure.via.empty() || !item.row.of_record()) continue;
    const std::string& recipient = recipient_of(item.row, peer);
    Statement statement{item.disclosure.via, item.row.record, std::nullopt, std::nullopt, std::nullopt, "relayed", recipient};
    if (item.entry.manifest != Hash{}) statement.manifest = item.entry.manifest;
    if (item.element) {
      statement.disclosure = item.entry.disclosure;
    } else if (item.held) {
      statement.event = "held";
      statement.reason = "person:" + std::string(recipient);  // not which rule: that would tell a fact
    } else {
      statement.event = "not_relayed";
      statement.reason = item.disclosure.reason + ":" + recipient;
    }
    reports.say(std::move(statement));
  }
  return std::move(reports).finish(context);
}
// What is not sent does not change what the recipient has.
bool keeps_copy(const Context& context, const OutboxRow& row, const std::string& peer) {
  const auto bytes = context.ports.store.get(Table::disclosure, key_of(row.record, recipient_of(row, peer)));
  const auto before = bytes && *bytes ? decode_disclosure_row(**bytes) : Result<DisclosureRow>(fail(Errc::not_found));
  return before && before->state == DisclosureState::dispatched && !before->disclosure.text.empty();
}
}  // namespace

Result<Prepared> prepare_dispatch(const Context& context, std::string_view peer, const SealingContext& sealing, std::vector<OutboxRef> refs) {
  Prepared prepared;
  prepared.policy = context.policy->ref().fingerprint;
  prepared.directory = context.directory->hash();
  auto& items = prepared.items;
  std::vector<Draft> drafts;
  Sealer sealer(context, std::string(peer), sealing);
  const Time now = context.ports.clock.now();
  Drafted drafted(refs, sealer.peer());
  for (const auto& ref : refs) {
    const std::string& recipient = recipient_of(ref.row, sealer.peer());
    items.push_back(start_item(context, peer, ref));
    DispatchItem& item = items.back();
    if (ref.row.expires <= now) {
      LIAISON_TRY(item.disclosure.via, came_from(context, ref));
      drop(item, DisclosureState::expired, "expired", now);
      continue;
    }
    if (!ref.row.texts.empty()) {
      item.entry.event = audit::Event::forwarded;
      item.entry.reason = "evidence";
      const auto header = header_of(context, recipient, ref.row, false, Content::texts);
      LIAISON_TRY(item.element, sealer.seal(header, encode_texts(ref.row.texts)));
      continue;
    }
    if (!ref.row.envelope.empty()) {
      item.entry.event = audit::Event::forwarded;
      item.entry.reason = "unopened";
      LIAISON_TRY(item.element, forwarded(ref.row));
      continue;
    }
    if (recipient != peer) item.disclosure.over = peer;
    auto package = draft_record(context, recipient, ref, drafted, item);
    if (!package && disposition(package.error().code) != Disposition::refuse_message) return package.error();
    // What can never be sent must not stop what waits behind it.
    if (!package) drop(item, DisclosureState::refused, std::string(name(package.error().code)), now);
    else if (*package) drafts.push_back({items.size() - 1, std::move(**package)});
  }
  LIAISON_CHECK(seal_drafts(context, sealer, std::move(drafts), items));
  LIAISON_TRY(prepared.reports, report_back(context, sealer.peer(), items));
  return prepared;
}

Result<link::SignedText> sign_head(const Context& context, const LogKey& log, const merkle::Frontier& frontier) {
  link::Head head{context.realm, context.agency, log.peer, {log.stream, log.lane, log.epoch}, frontier.size(), frontier.root(), context.ports.clock.now(), context.link_key};
  const std::string body = link::make_text(head);
  const auto sign = [&context](ByteView bytes) { return context.ports.keys.sign(crypto::KeyRole::link, bytes); };
  LIAISON_TRY(auto blocks, crypto::sign_texts(context.realm, context.link_key, std::span(&body, 1), sign));
  return link::SignedText{body, std::move(blocks.front())};
}

Result<Dispatched> finish_dispatch(const Context& context, OutboundLog& log, Prepared prepared, const DispatchNumbers& numbers) {
  liaison_assert(prepared.policy == context.policy->ref().fingerprint && prepared.directory == context.directory->hash());
  Dispatched done;
  done.first = log.head.frontier.size();
  done.set.cls = log.key.lane == Lane::urgent ? WriteClass::urgent : WriteClass::dispatch;
  HeadRow next = log.head;
  std::vector<Hash> completed;
  const std::string ledger = ledger_name(log.key);
  auto& ops = done.set.ops;
  done.set.preconditions.push_back(policy_in_force(context));
  done.set.preconditions.push_back(directory_in_force(context));
  for (auto& item : prepared.items) {
    const Bytes outbox_key = key_of_outbox(log.key.peer, log.key.lane, item.seq);
    done.set.preconditions.push_back({Table::outbox, outbox_key, encode(item.row)});
    ops.push_back({OpKind::del, Table::outbox, outbox_key, {}});
    if (item.held) {
      queue_held(context, {std::move(*item.held)}, numbers.held, ops, done.held);
      continue;
    }
    if (item.element) {
      item.disclosure.index = next.frontier.size();
      item.disclosure.lane = log.key.lane;
      item.disclosure.epoch = log.key.epoch;
      item.entry.ledger = ledger;
      item.entry.ledger_index = item.disclosure.index;
      next.frontier.append(merkle::leaf_hash(item.element->entry), &completed);
      ops.push_back({OpKind::insert, Table::ledger_body, key_of(log.key, item.disclosure.index), *item.element->envelope});
      // Leads from an envelope back to its record, when a refusal can name the envelope only.
      if (item.row.of_record()) ops.push_back({OpKind::put, Table::received, key_of_dispatched(context.agency, item.element->entry), encode(ReceivedRow{item.row.record, {}})});
      done.elements.push_back(std::move(*item.element));
    }
    if (!item.row.record.from.empty() && item.row.of_record() && (item.element || !keeps_copy(context, item.row, log.key.peer))) {
      ops.push_back({OpKind::put, Table::disclosure, key_of(item.row.record, recipient_of(item.row, log.key.peer)), encode(item.disclosure)});
    }
    ops.push_back(append_audit(item.entry));
  }
  for (auto& report : prepared.reports) queue_report(std::move(report), numbers.outbox, ops, done.queued);
  if (!done.elements.empty()) {
    LIAISON_TRY(next.head, sign_head(context, log.key, next.frontier));
    add_ledger_rows(log.key, done.first, done.elements, completed, ops);
    done.set.preconditions.push_back({Table::ledger_head, key_of(log.key), stored_head(log.head)});
    ops.push_back({OpKind::put, Table::ledger_head, key_of(log.key), encode(next)});
    done.head = next.head;
    log.head = std::move(next);
  }
  return done;
}

}  // namespace liaison::exchange
