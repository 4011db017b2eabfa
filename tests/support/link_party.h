// One agency's side of a link in memory, as exchange would keep it: logs with stored hashes, heads, receipts, and the answers to a session's events.
// LinkPair joins two of them back to back with chunks of any size. For tests: state is public, so that a test can roll back, fork or lose it.
#pragma once
#include <map>
#include <random>

#include "core/link/session.h"
#include "schemas/envelope_generated.h"

namespace liaison::support {

inline const Time link_epoch = time_from_millis(1'760'000'000'000);

// The same P-256 key for the same number, so that failures replay.
inline crypto::PrivateKey numbered_key(std::uint8_t number) { return crypto::derive_key_pair(Bytes(32, number)).value(); }

struct EnvelopeSpec {
  std::string realm, from, to;
  std::uint64_t number = 0;       // becomes the msg_id
  std::size_t payload_bytes = 64;
};
inline Uuid numbered_id(std::uint64_t number) {
  std::array<std::uint8_t, 10> random{};
  for (int i = 0; i < 8; ++i) random[static_cast<std::size_t>(2 + i)] = static_cast<std::uint8_t>(number >> (56 - 8 * i));
  return make_uuid(link_epoch, random);
}
inline Bytes make_core(const EnvelopeSpec& spec) {
  flatbuffers::FlatBufferBuilder builder;
  const Uuid id = numbered_id(spec.number);
  const Hash none{};
  const auto realm = builder.CreateString(spec.realm);
  const auto msg_id = builder.CreateVector(id.bytes.data(), id.bytes.size());
  const auto from = builder.CreateString(spec.from);
  const auto to = builder.CreateString(spec.to);
  const auto hash = builder.CreateVector(none.data(), none.size());
  builder.Finish(wire::CreateEnvelopeCore(builder, 1, 1, realm, msg_id, from, to, 2, hash, 1, 0, 0, hash));
  return {builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()};
}
inline Bytes wrap_core(ByteView core, std::size_t payload_bytes) {
  flatbuffers::FlatBufferBuilder builder;
  const auto core_bytes = builder.CreateVector(core.data(), core.size());
  const auto enc = builder.CreateVector(Bytes(65, 4));
  const auto payload = builder.CreateVector(Bytes(payload_bytes, 7));
  builder.Finish(wire::CreateEnvelope(builder, core_bytes, enc, payload));
  return {builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()};
}
inline link::Element make_element(const EnvelopeSpec& spec) {
  const Bytes core = make_core(spec);
  const Bytes envelope = wrap_core(core, spec.payload_bytes);
  const link::Entry entry{link::EntryType::envelope, 0, static_cast<std::uint32_t>(envelope.size()), numbered_id(spec.number), merkle::sha256(core)};
  return {link::encode(entry), envelope};
}

class LinkParty {
 public:
  struct StoredReceipt { link::SignedText receipt, head; };
  struct Log {
    std::vector<link::Element> elements;
    std::vector<Hash> nodes;
    merkle::Frontier frontier;
    link::SignedText head;
    std::map<std::uint64_t, StoredReceipt> receipts;  // by size
    std::uint64_t receipted = 0;
    std::optional<link::StopReason> stopped;
    std::optional<Hash> opening;
  };

  LinkParty(std::string agency_id, std::string peer_id, std::uint8_t key_number)
      : agency(std::move(agency_id)), peer(std::move(peer_id)), key(numbered_key(key_number)) {
    for (const Lane lane : {Lane::urgent, Lane::routine}) {
      written[{0, lane, 0}];
      kept[{0, lane, 0}];
    }
  }

  link::SignedText sign(const std::string& text) const {
    const Bytes der = key.sign(view(text)).value();
    return {text, crypto::format_signature({key.public_key().hash(), 1, der, 0, 0, {}})};
  }
  link::SignedText head_of(const link::LogId& id, std::uint64_t size, const Hash& root) const {
    return sign(link::make_text(link::Head{realm, agency, peer, id, size, root, link_epoch, key.public_key().hash()}));
  }

  link::SessionConfig config(const crypto::PublicKey& peer_key) {
    link::SessionConfig out;
    out.realm = realm;
    out.self = agency;
    out.peer = peer;
    out.directory_version = 3;
    for (const auto& [id, log] : written) out.sending.push_back(snapshot(id, log));
    for (const auto& [id, log] : kept) out.receiving.push_back(snapshot(id, log));
    out.peer_link_key = only(peer_key);
    out.own_link_key = only(key.public_key());
    out.root_at = [this](link::Side side, const link::LogId& id, std::uint64_t size) {
      const Log& log = (side == link::Side::sending ? written : kept).at(id);
      return merkle::root_at(size, [&log](std::uint64_t index) -> Result<Hash> {
        if (index >= log.nodes.size()) return fail(Errc::not_found, std::to_string(index));
        return log.nodes[index];
      });
    };
    out.window_bytes = window_bytes;
    return out;
  }

  // D: appends to the log and signs the head; nothing is sent yet.
  void dispatch(const link::LogId& id, std::vector<link::Element> elements) {
    Log& log = written.at(id);
    for (link::Element& element : elements) append(log, std::move(element));
    log.head = head_of(id, log.frontier.size(), log.frontier.root());
  }
  std::vector<link::Element> fresh(std::size_t count, std::size_t payload_bytes = 64) {
    std::vector<link::Element> out;
    for (std::size_t i = 0; i < count; ++i) out.push_back(make_element({realm, agency, peer, next_number++, payload_bytes}));
    return out;
  }
  // Sends what the log holds beyond `next`, one batch.
  Result<void> send(link::Session& session, const link::LogId& id, std::size_t elements_max = limits::batch_elements_max) {
    const Log& log = written.at(id);
    std::uint64_t& from = next.at(id);
    const std::uint64_t count = std::min<std::uint64_t>(elements_max, log.frontier.size() - from);
    if (count == 0) return {};
    const auto begin = log.elements.begin() + static_cast<std::ptrdiff_t>(from);
    const std::vector<link::Element> batch(begin, begin + static_cast<std::ptrdiff_t>(count));
    const auto node = [&log](std::uint64_t index) -> Result<Hash> { return log.nodes.at(index); };
    LIAISON_CHECK(session.send_batch(id, from, batch, head_of(id, from + count, merkle::root_at(from + count, node).value())));
    from += count;
    return {};
  }

  // What exchange does with events; keeps every event for the test to look at.
  void handle(link::Session& session) {
    // Answers may make further events.
    for (auto taken = session.take_events(); !taken.empty(); taken = session.take_events()) {
      for (link::Event& event : taken) {
        std::visit([&](auto& value) { on(session, value); }, event);
        seen.push_back(std::move(event));
      }
    }
  }
  void send_receipt(link::Session& session, const link::LogId& id) {
    Log& log = kept.at(id);
    const std::uint64_t first = log.receipts.empty() ? 0 : log.receipts.rbegin()->first;
    if (first == log.frontier.size()) return;
    link::Receipt receipt{realm, crypto::text_hash(view(log.head.text)), key.public_key().hash(), first, {}, link_epoch};
    for (std::uint64_t i = first; i < log.frontier.size(); ++i) {
      if (!log.elements[i].envelope) receipt.voids.push_back(i);
    }
    const link::SignedText text = sign(link::make_text(receipt));
    log.receipts[log.frontier.size()] = {text, log.head};
    session.send_receipt(id, text, log.head);
  }

  template <class T>
  std::vector<const T*> events() const {
    std::vector<const T*> out;
    for (const link::Event& event : seen) {
      if (const T* found = std::get_if<T>(&event)) out.push_back(found);
    }
    return out;
  }

  std::string realm = "test-exercise";
  std::string agency, peer;
  crypto::PrivateKey key;
  std::map<link::LogId, Log> written, kept;
  std::map<link::LogId, std::uint64_t> next;
  std::uint64_t next_number = 1;
  std::uint32_t window_bytes = limits::lane_window_bytes;
  bool receipts_at_once = true;
  std::vector<link::Event> seen;

 private:
  static void append(Log& log, link::Element element) {
    log.frontier.append(merkle::leaf_hash(element.entry), &log.nodes);
    log.elements.push_back(std::move(element));
  }
  static link::LogState snapshot(const link::LogId& id, const Log& log) {
    const StoredReceipt last = log.receipts.empty() ? StoredReceipt{} : log.receipts.rbegin()->second;
    return {id, log.frontier, log.head, last.receipt, last.head, log.receipted, log.stopped, log.opening};
  }
  static std::function<Result<crypto::PublicKey>(const Hash&, Time)> only(const crypto::PublicKey& known) {
    return [known](const Hash& wanted, Time) -> Result<crypto::PublicKey> {
      if (wanted != known.hash()) return fail(Errc::unknown_key, "link key");
      return known;
    };
  }
  void send_receipts_above(link::Session& session, const link::LogId& id, std::uint64_t size) {
    const Log& log = kept.at(id);
    for (auto it = log.receipts.upper_bound(size); it != log.receipts.end(); ++it) session.send_receipt(id, it->second.receipt, it->second.head);
    if (receipts_at_once) send_receipt(session, id);
  }

  void on(link::Session& session, link::Ready& ready) {
    for (const auto& start : ready.starts) next[start.log] = start.resume_at;
    for (const auto& copy : ready.receiving) send_receipts_above(session, copy.log, copy.peer_receipted);
  }
  void on(link::Session& session, link::BatchReceived& batch) {
    Log& log = kept.at(batch.log);
    std::size_t bytes = 0;
    for (link::Element& element : batch.elements) {
      if (element.envelope) bytes += element.envelope->size();
      append(log, element);
    }
    liaison_assert(log.frontier == batch.frontier);
    log.head = batch.head;
    session.committed(batch.log, log.frontier.size(), bytes);
    if (receipts_at_once) send_receipt(session, batch.log);
  }
  void on(link::Session&, link::ReceiptReceived& receipt) {
    Log& log = written.at(receipt.log);
    const auto node = [&log](std::uint64_t index) -> Result<Hash> { return log.nodes.at(index); };
    // Heads here bear one time, so that the one a receipt names can be made again.
    log.receipts[receipt.size] = {receipt.receipt, head_of(receipt.log, receipt.size, merkle::root_at(receipt.size, node).value())};
    log.receipted = receipt.size;
  }
  void on(link::Session& session, link::EntriesWanted& wanted) {
    const Log& log = kept.at(wanted.log);
    std::vector<link::EntryBytes> entries;
    for (std::uint64_t i = 0; i < wanted.count; ++i) entries.push_back(log.elements.at(wanted.first + i).entry);
    liaison_assert(session.send_entries(wanted.log, wanted.first, entries, log.head).has_value());
  }
  void on(link::Session&, link::EntriesReceived& received) {
    Log& log = written.at(received.log);
    for (const link::EntryBytes& entry : received.entries) append(log, {entry, std::nullopt});
    liaison_assert(log.frontier == received.frontier);
    log.head = received.head;
    next[received.log] = log.frontier.size();
  }
  void on(link::Session& session, link::WriterRecovered& recovered) { send_receipts_above(session, recovered.log, recovered.peer_receipted); }
  void on(link::Session&, link::LaneStopped& stop) { (stop.side == link::Side::sending ? written : kept).at(stop.log).stopped = stop.reason; }
  void on(link::Session&, link::LaneResumed& resumed) { kept.at(resumed.log).stopped.reset(); }
  void on(link::Session&, link::EntriesShown&) {}
  void on(link::Session&, link::EpochOffered&) {}
  void on(link::Session&, link::Acked&) {}
  void on(link::Session&, link::WeWereRolledBack&) {}
  void on(link::Session&, link::PeerRolledBack&) {}
  void on(link::Session&, link::PeerSaidBye&) {}
  void on(link::Session&, link::DirectoryTold&) {}
  void on(link::Session&, link::DirectoryAsked&) {}
  void on(link::Session&, link::DirectoryCame&) {}
};

// Two parties and one connection between them.
struct LinkPair {
  LinkPair(LinkParty& first, LinkParty& second, std::uint64_t seed = 1)
      : a(first), b(second), at_a(a.config(b.key.public_key()), link_epoch), at_b(b.config(a.key.public_key()), link_epoch), random(seed) {}

  // One chunk of random size each way; false when there was nothing to move. The first error of either side stays in `error`.
  bool step() {
    const bool first = move(at_a, at_b, b);
    const bool second = move(at_b, at_a, a);
    return first || second;
  }
  Result<void> settle() {
    while (step()) {
    }
    if (error) return *error;
    return {};
  }

  LinkParty& a;
  LinkParty& b;
  link::Session at_a, at_b;
  std::mt19937_64 random;
  std::size_t chunk_max = 100'000;
  Time now = link_epoch;
  std::optional<Error> error;

 private:
  bool move(link::Session& from, link::Session& to, LinkParty& party) {
    if (error) return false;
    const Bytes bytes = from.take_output(link_chunk_min + random() % chunk_max);
    if (bytes.empty()) return false;
    // Cut once more, so that segments arrive in pieces.
    const std::size_t cut = random() % (bytes.size() + 1);
    for (const ByteView part : {ByteView(bytes).first(cut), ByteView(bytes).subspan(cut)}) {
      const auto taken = to.on_bytes(part, now);
      if (!taken && !error) error = taken.error();
    }
    party.handle(to);
    return true;
  }
  static constexpr std::size_t link_chunk_min = 5;
};

}  // namespace liaison::support
