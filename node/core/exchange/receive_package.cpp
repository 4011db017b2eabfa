// A received package: verified against the originator's seal and every hop's word, then stored, shown, passed on and answered. What a relay did wrong is
// refused with the envelope kept as proof, evidence and an alarm. Runs on pool threads.
#include <algorithm>

#include "core/exchange/held.h"
#include "core/exchange/receiving.h"
#include "core/exchange/relay.h"
#include "core/exchange/sealed_value.h"
#include "core/exchange/stored_record.h"
#include "core/record/path.h"

namespace liaison::exchange {
namespace {
constexpr std::size_t supersedings_max = 64;  // packages of one record that took each other's place

// Whoever signed the last disclosure, or a hop before it, did what the formats forbid; not a matter of clocks or of what a key was valid for.
bool is_breach(Errc code) {
  constexpr std::array codes{Errc::bad_signature,    Errc::unknown_key,    Errc::commitment_mismatch, Errc::chain_broken,      Errc::group_split,     Errc::structure_broken,
                             Errc::rebuild_mismatch, Errc::permit_missing, Errc::route_not_allowed,   Errc::audience_excludes, Errc::wrong_recipient, Errc::wrong_sender};
  return std::find(codes.begin(), codes.end(), code) != codes.end();
}

class PackageTaker {
 public:
  PackageTaker(Receiving& work, const ParsedEnvelope& envelope, const OpenedEnvelope& opened, ReceivedItem& item)
      : work_(work), context_(work.context), envelope_(envelope), opened_(opened), item_(item) {}

  Result<void> take() {
    LIAISON_TRY(auto package, record::decode_package(opened_.content));
    LIAISON_TRY(const auto manifest, record::parse_manifest(view(package.manifest.text)));
    key_ = {manifest.from, manifest.record.id, manifest.record.version};
    item_.entry->record_from = key_.from;
    item_.entry->record = key_.id;
    item_.entry->version = key_.version;
    item_.entry->purpose = manifest.purpose;
    item_.entry->manifest = crypto::text_hash(view(package.manifest.text));
    LIAISON_CHECK(load_held());
    const bool same_manifest = held_ && crypto::text_hash(view(held_->manifest.text)) == item_.entry->manifest;
    LIAISON_TRY(const auto tombstone, context_.ports.store.get(Table::tombstone, key_of(RecordKey{key_.from, key_.id, 0})));
    if (tombstone && ByteReader(*tombstone).u32() >= key_.version) return fail(Errc::superseded, "erased or recalled");
    const record::VerifyContext verify{context_.realm, context_.agency, envelope_.header.from, work_.now, same_manifest, *context_.schemas, work_.authority};
    auto verified = record::verify(std::move(package), verify, work_.batches);
    if (!verified) return breach(verified.error());
    if (held_ && !same_manifest) {  // both carry the originator's seal: proof of two stories, and an alarm
      item_.alarm = "conflicting_version";
      return fail(Errc::conflicting_version);
    }
    if (auto level = check_level(make_journey(context_, verified->manifest()), context_.agency); !level) return breach(level.error());
    LIAISON_CHECK(check_policies(*verified));
    LIAISON_CHECK(check_superseding(*verified));
    return store(*verified);
  }

 private:
  Error breach(Error error) {
    if (is_breach(error.code)) item_.alarm = "bad_package";
    return error;
  }

  Result<void> load_held() {
    LIAISON_TRY(const auto bytes, context_.ports.store.get(Table::record, key_of(key_)));
    if (!bytes) return {};
    LIAISON_TRY(held_, decode_record_row(*bytes));
    return {};
  }

  // An agency that disclosed under a newer version of its policy does not go back to an older one: both disclosures carry its signature.
  Result<void> check_policies(const record::VerifiedPackage& verified) {
    for (std::size_t k = 0; k < verified.disclosures().size(); ++k) {
      const auto& hop = verified.disclosures()[k];
      const Bytes key = key_of_seen_policy(hop.relay, hop.policy.name);
      LIAISON_TRY(const auto bytes, context_.ports.store.get(Table::meta, key));
      std::optional<SeenPolicy> seen;
      if (bytes) {
        LIAISON_TRY(seen, decode_seen_policy(*bytes));
      }
      if (seen && hop.policy.version < seen->version && hop.at > seen->at) {
        item_.alarm = "old_policy";
        return fail(Errc::superseded, hop.relay + " disclosed under version " + std::to_string(hop.policy.version) + " of its policy after version " + std::to_string(seen->version));
      }
      const Hash disclosure = crypto::text_hash(view(verified.package().disclosures[k].text));
      if (!seen || hop.policy.version > seen->version) item_.ops.push_back({OpKind::put, Table::meta, key, encode(SeenPolicy{hop.policy.version, hop.at, disclosure})});
    }
    return {};
  }

  // A package that supersedes must come from the same sender and open everything that was open before; what was superseded never comes back (formats 2.4).
  // One that came over another route takes the place of the one held if it opens all of that and more.
  Result<void> check_superseding(const record::VerifiedPackage& next) {
    if (!held_ || held_->own) return {};
    const auto known = [&](const auto& one) { return one.disclosure == next.last_disclosure_hash(); };
    if (std::any_of(held_->superseded.begin(), held_->superseded.end(), known)) {
      item_.alarm = "bad_package";
      return fail(Errc::superseded, "a package that was superseded before");
    }
    const bool named = next.disclosures().back().supersedes == held_->last_disclosure;
    LIAISON_TRY(const auto before, load_record(context_, key_));
    const auto& old = before.package.openings;
    const auto& now = next.package().openings;
    std::size_t kept = 0, lost = 0, shown = 0;  // decoys do not count: every hop hides some, each time anew
    for (std::size_t i = 0; i < old.size(); ++i)
      if (!record::is_decoy(old.path(i))) ++(now.find(old.path(i)) ? kept : lost);
    for (std::size_t i = 0; i < now.size(); ++i) shown += record::is_decoy(now.path(i)) ? 0 : 1;
    if (named) {
      LIAISON_TRY(const auto last, record::parse_disclosure(view(before.package.disclosures.back().text)));
      if (last.relay != next.disclosures().back().relay) return fail(Errc::superseded, "by another sender");
      if (lost > 0) return breach(fail(Errc::chain_broken, "supersedes and opens less than before"));
    } else if (lost > 0 || shown == kept) {
      return {};  // another route, and nothing that takes the place of what is held
    }
    if (held_->superseded.size() >= supersedings_max) return fail(Errc::limit_exceeded, "superseding packages of one record");
    held_->superseded.push_back({held_->last_disclosure, paths_of(old)});
    takes_place_ = true;
    return {};
  }

  Result<void> store(const record::VerifiedPackage& verified) {
    item_.entry->disclosure = verified.last_disclosure_hash();
    const auto received = OpKind::insert;
    if (held_ && !takes_place_) {
      item_.ops.push_back({received, Table::received, key_of_received(envelope_.header.from, envelope_.header.msg_id), encode(ReceivedRow{key_, {}})});
      item_.entry->reason = "duplicate";
      return {};
    }
    auto plan = plan_relay(context_, verified.manifest(), verified.package(), envelope_.header.from);
    if (!plan) return breach(plan.error());
    const bool relays = context_.policy->relays();
    if (!plan->for_self && plan->next.empty() && plan->waiting.empty()) return plan->unreachable.front().error;
    if (!plan->for_self && !relays) return fail(Errc::not_permitted, "the policy passes nothing on");
    LIAISON_TRY(const auto screened, screen(verified));
    if (screened.verdict == policy::Screen::refuse) {
      item_.public_reason = screened.public_reason;
      return fail(Errc::not_permitted, "screening refuses it, rule " + screened.rule);
    }
    item_.ops.push_back({received, Table::received, key_of_received(envelope_.header.from, envelope_.header.msg_id), encode(ReceivedRow{key_, {}})});
    LIAISON_CHECK(put_record(verified, *plan));
    if (screened.verdict == policy::Screen::hold) return hold(verified.manifest(), screened);
    if (plan->for_self) show(verified);
    if (relays) LIAISON_CHECK(go_on(verified, plan->next));
    report(verified, *plan, relays);
    return {};
  }

  // What people of this agency may see at all, by its own policy.
  Result<policy::Screened> screen(const record::VerifiedPackage& verified) const {
    if (context_.policy->screening().empty()) return policy::Screened{};
    policy::ScreenFacts facts;
    auto sender = policy::describe_recipient(*context_.directory, context_.agency, envelope_.header.from, work_.now);
    const auto& manifest = verified.manifest();
    const auto schema = context_.schemas->find(manifest.kind, manifest.schema_number, manifest.schema);
    if (schema == nullptr) return fail(Errc::unknown_schema, manifest.kind);
    LIAISON_TRY(facts.situation, policy::make_situation(*schema, manifest, verified.package().openings, std::move(sender), {}, country_of(context_.agency)));
    facts.bytes = opened_.content.size();
    return context_.policy->screen(facts);
  }

  // Stored, and neither shown nor passed on until a person accepts it.
  Result<void> hold(const record::Manifest& manifest, const policy::Screened& screened) {
    HeldRow row;
    row.what = HeldWhat::screening;
    row.record = key_;
    row.kind = manifest.kind;
    row.recipient = context_.agency;
    row.source = envelope_.header.from;
    row.lane = manifest.urgent ? Lane::urgent : Lane::routine;
    row.msg_id = envelope_.header.msg_id;
    row.since = work_.now;
    row.expires = envelope_.header.expires;
    row.reason = screened.public_reason;
    item_.held.push_back(std::move(row));
    item_.entry->reason = "held_by_screening";
    say("held", screened.public_reason + ":" + context_.agency);
    return {};
  }

  Result<void> put_record(const record::VerifiedPackage& verified, const RelayPlan& plan) {
    LIAISON_TRY(const auto data_key, context_.ports.keys.new_data_key());
    const Bytes record_key = key_of(key_);
    RecordRow row;
    row.manifest = verified.package().manifest;
    row.data_key = data_key.id;
    Bytes plain = opened_.r;
    put(plain, ByteView(opened_.content));
    LIAISON_TRY(row.sealed, seal_value({Table::record, record_key}, data_key, plain, context_.ports.random));
    row.kind = verified.manifest().kind;
    row.stored = work_.now;
    row.last_disclosure = verified.last_disclosure_hash();
    row.core = envelope_.core;
    row.via = envelope_.header.from;
    row.only_relayed = !plan.for_self;
    if (context_.policy->relays())
      row.recipients = plan.next;
    row.recipients.insert(row.recipients.end(), plan.waiting.begin(), plan.waiting.end());
    if (held_) row.superseded = held_->superseded;
    item_.supersedes = verified.disclosures().back().supersedes;
    item_.ops.push_back({held_ ? OpKind::put : OpKind::insert, Table::record, record_key, encode(row)});
    return {};
  }

  void show(const record::VerifiedPackage& verified) {
    const auto& manifest = verified.manifest();
    const auto& hops = verified.disclosures();
    const bool partial = std::any_of(hops.begin(), hops.end(), [](const auto& hop) { return !hop.withheld.empty(); });
    item_.inbox = InboxRow{key_, manifest.kind, manifest.purpose, manifest.level, manifest.urgent ? Lane::urgent : Lane::routine, work_.now, hops.size() > 1 ? hops.back().relay : "", partial};
    item_.hot = std::make_shared<HotMessage>(HotMessage{key_, verified.message(), verified.package().manifest.text});
  }

  Result<void> go_on(const record::VerifiedPackage& verified, const std::vector<std::string>& next) {
    const auto hot = std::make_shared<HotRecord>(HotRecord{verified.manifest(), verified.package(), envelope_.header.from, {}});
    LIAISON_TRY(auto passed, pass_on(context_, key_, hot, envelope_.header.expires, next));
    for (const auto& row : passed.held) say("held", "person:" + row.recipient);
    item_.onwards = std::move(passed.onwards);
    item_.held = std::move(passed.held);
    return {};
  }

  void say(std::string event, std::string reason) {
    work_.reports.say({envelope_.header.from, key_, item_.entry->manifest, item_.entry->disclosure, envelope_.core_hash, std::move(event), std::move(reason)});
  }

  // Whoever got it from its originator directly has the receipt of the link as its proof; over relays the proof has to travel back.
  void report(const record::VerifiedPackage& verified, const RelayPlan& plan, bool relays) {
    if (plan.for_self && (verified.disclosures().size() > 1 || envelope_.header.from != work_.log.peer)) say("delivered", {});
    for (const auto& agency : plan.waiting) say("held", std::string(name(Errc::permit_missing)) + ":" + agency);
    for (const auto& one : plan.unreachable) say("not_relayed", std::string(name(one.error.code)) + ":" + one.agency);
    if (!relays)
      for (const auto& agency : plan.next) say("not_relayed", std::string(name(Errc::not_permitted)) + ":" + agency);
  }

  Receiving& work_;
  const Context& context_;
  const ParsedEnvelope& envelope_;
  const OpenedEnvelope& opened_;
  ReceivedItem& item_;
  RecordKey key_;
  std::optional<RecordRow> held_;
  bool takes_place_ = false;  // of the package held
};
}  // namespace

Result<void> take_package(Receiving& work, const ParsedEnvelope& envelope, const OpenedEnvelope& opened, ReceivedItem& item) {
  return PackageTaker(work, envelope, opened, item).take();
}

}  // namespace liaison::exchange
