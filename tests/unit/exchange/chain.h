// Agencies in a row for the tests of relays: whole stages over real stores, carried by hand from outbox to outbox. ke.customs > ke.ncb > int.gs > de.ncb > de.customs.
#pragma once
#include "core/exchange/held.h"
#include "core/exchange/ledger_rows.h"
#include "core/exchange/relay.h"
#include "core/exchange/stored_record.h"
#include "tests/unit/exchange/party.h"

namespace liaison::exchange::test {

// What one carrying over one link did.
struct Carried {
  std::vector<ReceivedItem> items;              // as received, ops already committed
  std::vector<link::Element> elements;
  std::vector<DispatchItem> dropped;            // what D did not send
  const ReceivedItem& only() const {
    liaison_assert(items.size() == 1);
    return items.front();
  }
};

class Chain {
 public:
  Party& at(const std::string& agency) {
    auto& party = parties_[agency];
    if (!party) {
      party = std::make_unique<Party>(agency);
      party->now = now;
    }
    return *party;
  }
  // T1 at its originator; answers the record's key. Stops the test when refused.
  RecordKey accept(const std::string& from, Submission what) {
    Party& party = at(from);
    std::vector<ValidMessage> valid;
    auto checked = validate(*party.context, std::move(what));
    if (!checked) assertion_failed(checked.error().message().c_str(), __FILE__, __LINE__);
    valid.push_back(std::move(*checked));
    const auto sealed = seal_records(*party.context, std::move(valid));
    auto accepted = make_accept(*party.context, *sealed.front()).value();
    std::vector<Queued> queued;
    for (auto& [next, row] : accepted.outbox) queue_onwards({next, lane_of(sealed.front()->hot()->manifest), std::move(row), nullptr}, seqs(from), accepted.set.ops, queued);
    commit(party, accepted.set);
    return sealed.front()->key();
  }
  // D at `from` of everything that waits for `to`, over the link, and T2 there.
  Carried carry(const std::string& from, const std::string& to, Lane lane = Lane::routine) {
    Carried carried = dispatch(from, to, lane);
    receive(from, to, lane, carried);
    return carried;
  }
  Carried dispatch(const std::string& from, const std::string& to, Lane lane = Lane::routine) {
    Party& party = at(from);
    std::vector<OutboxRef> refs;
    for (const auto& [key, value] : outbox(from, to, lane)) refs.push_back({parse_number(key).value(), decode_outbox_row(value).value(), nullptr});
    auto prepared = prepare_dispatch(*party.context, to, *sealing(party, to), std::move(refs)).value();
    Carried carried;
    for (const auto& item : prepared.items)
      if (!item.element) carried.dropped.push_back(item);
    auto& log = logs_[{from, to, lane}];
    log.key = {to, Direction::outbound, 0, lane, 0};
    auto done = finish_dispatch(*party.context, log, std::move(prepared), {seqs(from), held_seqs()}).value();
    carried.elements = std::move(done.elements);
    commit(party, done.set);
    return carried;
  }
  void receive(const std::string& from, const std::string& to, Lane lane, Carried& carried) {
    Party& party = at(to);
    if (carried.elements.empty()) return;
    auto result = received_elements(party, from, carried.elements, lane);
    InboundBatch batch;
    batch.log = {from, Direction::inbound, 0, lane, 0};
    batch.before = load_head(party.site.disk.memory, batch.log).value();
    batch.first = batch.before.frontier.size();
    batch.after = batch.before;
    batch.after.head = {"head", "sig"};  // the link's, which is not there
    for (const auto& element : carried.elements) {
      batch.entries.push_back(element.entry);
      batch.after.frontier.append(merkle::leaf_hash(element.entry), &batch.completed);
    }
    carried.items = result.items;
    ReceiveNumbers numbers{inbox_, seqs(to), held_seqs()};
    const auto done = finish_receive(*party.context, batch, {std::move(result.items), std::move(result.reports), party.context->policy->ref().fingerprint, party.context->directory->hash(), 0}, numbers);
    inbox_ = numbers.inbox_next;
    commit(party, done.set);
  }
  // Texts on their own, as if a transaction at `from` had made them.
  void queue(const std::string& from, Reports reports) {
    WriteSet set;
    std::vector<Queued> queued;
    for (auto& report : std::move(reports).finish(*at(from).context).value()) queue_report(std::move(report), seqs(from), set.ops, queued);
    commit(at(from), set);
  }
  std::vector<Row> outbox(const std::string& from, const std::string& to, Lane lane = Lane::routine) {
    const Bytes low = key_of_outbox(to, lane, 0);
    return at(from).site.disk.memory.scan(Table::outbox, {low, after_prefix(ByteView(low).first(low.size() - 8))}, 1000).value();
  }
  std::size_t inbox(const std::string& agency) { return at(agency).site.disk.memory.scan(Table::inbox, {}, 1000)->size(); }
  // "event reason by" of every evidence about the record, sorted.
  std::vector<std::string> evidence(const std::string& agency, const RecordKey& key) {
    std::vector<std::string> all;
    const Bytes low = key_of(key);
    for (const auto& row : at(agency).site.disk.memory.scan(Table::evidence, {low, after_prefix(low)}, 1000).value()) {
      const auto one = parse_evidence(view(decode_signed_text(row.second)->text)).value();
      all.push_back(one.event + " " + one.reason + " " + one.from);
    }
    std::sort(all.begin(), all.end());
    return all;
  }
  record::Package held(const std::string& agency, const RecordKey& key) { return load_record(*at(agency).context, key).value().package; }
  static Lane lane_of(const record::Manifest& manifest) { return manifest.urgent ? Lane::urgent : Lane::routine; }
  void commit(Party& party, const WriteSet& set) { liaison_assert(party.site.disk.memory.commit(std::span(&set, 1)).front() == Outcome::committed); }

  Time now = start;

 private:
  NextHeldSeq held_seqs() {
    return [this] { return ++held_; };
  }
  NextOutboxSeq seqs(const std::string& agency) {
    return [this, agency](const std::string&, Lane) { return ++seq_[agency]; };
  }
  std::map<std::string, std::unique_ptr<Party>> parties_;
  std::map<std::tuple<std::string, std::string, Lane>, OutboundLog> logs_;
  std::map<std::string, std::uint64_t> seq_;
  std::uint64_t inbox_ = 1, held_ = 0;
};

inline Submission over_bureaus(std::vector<std::string> to) {
  Submission made = submission("");
  made.to = std::move(to);
  made.channel = "interpol";
  return made;
}

}  // namespace liaison::exchange::test
