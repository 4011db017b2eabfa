// The stages of D. Pure over the context; disclosure is decided and signed here, under the policy and directory valid now.
#include "core/exchange/dispatch.h"

#include <algorithm>

#include "core/base/limits.h"
#include "core/exchange/decision.h"
#include "core/exchange/evidence.h"
#include "core/exchange/ledger_rows.h"
#include "core/exchange/stored_record.h"

namespace liaison::exchange {
namespace {
// The record to send, from memory or from the store.
struct Source {
  record::Manifest manifest;
  record::Package package;
};
Result<Source> load_source(const Context& context, const OutboxRef& ref) {
  Source source;
  if (ref.hot != nullptr) {
    source.manifest = ref.hot->committed.manifest;
    source.package.manifest = {ref.hot->committed.text, ref.hot->signatures};
    source.package.openings = ref.hot->committed.openings;
    return source;
  }
  LIAISON_TRY(auto held, load_record(context, ref.row.record));
  source.manifest = std::move(held.manifest);
  source.package = std::move(held.package);
  return source;
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

// Decision and disclosure text of one record. Refusals of this record alone are noted in the item.
Result<std::optional<record::Package>> draft_record(const Context& context, std::string_view recipient, const OutboxRef& ref, DispatchItem& item) {
  LIAISON_TRY(const auto source, load_source(context, ref));
  const auto& [manifest, held] = source;
  LIAISON_TRY(const auto schema, schema_of(context, manifest));
  const Time now = context.ports.clock.now();
  item.entry.purpose = manifest.purpose;
  item.entry.manifest = crypto::text_hash(view(held.manifest.text));
  item.disclosure.lane = manifest.urgent ? Lane::urgent : Lane::routine;
  auto decided = decide_record(context, {*schema, manifest, held, recipient});
  if (!decided) {
    drop(item, DisclosureState::refused, std::string(name(decided.error().code)), now);
    return std::optional<record::Package>{};
  }
  record::Hop hop;
  hop.relay = context.agency;
  hop.key = context.seal_key;
  hop.recipient = recipient;
  hop.purpose = manifest.purpose;
  hop.policy = context.policy->ref();
  hop.at = now;
  auto disclosed = record::disclose(held, decided->leaves, hop, context.random_fill());
  if (!disclosed) {
    drop(item, DisclosureState::refused, std::string(name(disclosed.error().code)), now);
    return std::optional<record::Package>{};
  }
  item.entry.policy = context.policy->ref().fingerprint;
  item.entry.decision = decided->digest;
  item.disclosure.policy = context.policy->ref();
  item.disclosure.dispatched = now;
  return std::optional<record::Package>(std::move(*disclosed));
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

Result<void> seal_drafts(const Context& context, std::string_view recipient, const SealingContext& sealing, std::vector<Draft> drafts, std::vector<DispatchItem>& items) {
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
    const auto header = header_of(context, recipient, item.row, item.disclosure.lane == Lane::urgent, Content::package);
    auto element = make_element(context, sealing, header, record::encode_package(drafts[i].package));
    if (element) item.element = std::move(*element);
    else if (disposition(element.error().code) != Disposition::refuse_message) return element.error();
    else drop(item, DisclosureState::refused, std::string(name(element.error().code)), header.created);
  }
  return {};
}
}  // namespace

Result<std::vector<DispatchItem>> prepare_dispatch(const Context& context, std::string_view recipient, const SealingContext& sealing, std::vector<OutboxRef> refs) {
  std::vector<DispatchItem> items;
  std::vector<Draft> drafts;
  const Time now = context.ports.clock.now();
  for (const auto& ref : refs) {
    items.push_back(start_item(context, recipient, ref));
    DispatchItem& item = items.back();
    if (ref.row.expires <= now) {
      drop(item, DisclosureState::expired, "expired", now);
      continue;
    }
    if (!ref.row.texts.empty()) {
      item.entry.event = audit::Event::forwarded;
      item.entry.reason = "evidence";
      const auto header = header_of(context, recipient, ref.row, false, Content::texts);
      LIAISON_TRY(item.element, make_element(context, sealing, header, encode_texts(ref.row.texts)));
      continue;
    }
    auto package = draft_record(context, recipient, ref, item);
    if (!package && disposition(package.error().code) != Disposition::refuse_message) return package.error();
    // What can never be sent must not stop what waits behind it.
    if (!package) drop(item, DisclosureState::refused, std::string(name(package.error().code)), now);
    else if (*package) drafts.push_back({items.size() - 1, std::move(**package)});
  }
  LIAISON_CHECK(seal_drafts(context, recipient, sealing, std::move(drafts), items));
  return items;
}

Result<link::SignedText> sign_head(const Context& context, const LogKey& log, const merkle::Frontier& frontier) {
  link::Head head{context.realm, context.agency, log.peer, {log.stream, log.lane, log.epoch}, frontier.size(), frontier.root(), context.ports.clock.now(), context.link_key};
  const std::string body = link::make_text(head);
  const auto sign = [&context](ByteView bytes) { return context.ports.keys.sign(crypto::KeyRole::link, bytes); };
  LIAISON_TRY(auto blocks, crypto::sign_texts(context.realm, context.link_key, std::span(&body, 1), sign));
  return link::SignedText{body, std::move(blocks.front())};
}

Result<Dispatched> finish_dispatch(const Context& context, OutboundLog& log, std::vector<DispatchItem> items) {
  Dispatched done;
  done.first = log.head.frontier.size();
  done.set.cls = log.key.lane == Lane::urgent ? WriteClass::urgent : WriteClass::dispatch;
  HeadRow next = log.head;
  std::vector<Hash> completed;
  const std::string ledger = ledger_name(log.key);
  auto& ops = done.set.ops;
  for (auto& item : items) {
    ops.push_back({OpKind::del, Table::outbox, key_of_outbox(log.key.peer, log.key.lane, item.seq), {}});
    if (item.element) {
      item.disclosure.index = next.frontier.size();
      item.disclosure.lane = log.key.lane;
      item.disclosure.epoch = log.key.epoch;
      item.entry.ledger = ledger;
      item.entry.ledger_index = item.disclosure.index;
      next.frontier.append(merkle::leaf_hash(item.element->entry), &completed);
      ops.push_back({OpKind::insert, Table::ledger_body, key_of(log.key, item.disclosure.index), *item.element->envelope});
      // Leads from an envelope back to its record, when a refusal can name the envelope only.
      const bool of_record = item.row.texts.empty();
      if (of_record) ops.push_back({OpKind::put, Table::received, key_of_dispatched(context.agency, item.element->entry), encode(ReceivedRow{item.row.record, {}})});
      done.elements.push_back(std::move(*item.element));
    }
    if (!item.row.record.from.empty() && item.row.texts.empty()) {
      ops.push_back({OpKind::put, Table::disclosure, key_of(item.row.record, log.key.peer), encode(item.disclosure)});
    }
    ops.push_back(append_audit(item.entry));
  }
  if (!done.elements.empty()) {
    LIAISON_TRY(next.head, sign_head(context, log.key, next.frontier));
    add_ledger_rows(log.key, done.first, done.elements, completed, ops);
    done.set.preconditions.push_back({Table::ledger_head, key_of(log.key), done.first == 0 && log.head.head.empty() ? std::nullopt : std::optional(encode(log.head))});
    ops.push_back({OpKind::put, Table::ledger_head, key_of(log.key), encode(next)});
    done.head = next.head;
    log.head = std::move(next);
  }
  return done;
}

}  // namespace liaison::exchange
