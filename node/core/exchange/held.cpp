// Steps of people over one held item (held.h). Every step is one write set: the item as it was is a precondition, and so are the approvers' own rows and
// the policy in force, so that nothing is decided on what changed meanwhile.
#include "core/exchange/held.h"

#include <algorithm>

#include "core/exchange/codes.h"
#include "core/exchange/directory_store.h"
#include "core/exchange/policy_store.h"
#include "core/exchange/relay.h"
#include "core/exchange/sealed_value.h"

namespace liaison::exchange {
namespace {
constexpr std::string_view action_names[] = {"release", "withhold", "return", "accept", "refuse", "confirm", "object"};
constexpr auto review_default = std::chrono::hours{24};

audit::Entry entry_of(const Context& context, const HeldRow& row, audit::Event event, std::string reason) {
  audit::Entry entry = context.entry(event);
  entry.peer = row.what == HeldWhat::screening ? row.source : row.recipient;
  entry.record_from = row.record.from;
  entry.record = row.record.id;
  entry.version = row.record.version;
  entry.reason = std::move(reason);
  entry.policy = context.policy->ref().fingerprint;
  return entry;
}

class Step {
 public:
  Step(const Context& context, const HeldRow& before, const HeldDecision& decision, const Approvers& approvers)
      : context_(context), before_(before), decision_(decision), approvers_(approvers), person_(context.commit_to_person(decision.person)), now_(context.ports.clock.now()) {
    step_.row = before;
  }

  Result<HeldStep> run() {
    LIAISON_CHECK(check());
    switch (decision_.action) {
      case HeldAction::release:
      case HeldAction::withhold: LIAISON_CHECK(decide()); break;
      case HeldAction::give_back: give_back(); break;
      case HeldAction::accept: LIAISON_CHECK(accept()); break;
      case HeldAction::refuse: refuse(); break;
      case HeldAction::confirm:
      case HeldAction::object: review(); break;
    }
    LIAISON_CHECK(add_note());
    finish();
    return std::move(step_);
  }

 private:
  Error cannot(std::string why) const { return fail(Errc::not_permitted, std::move(why)); }

  Result<void> check() const {
    const auto approver = approvers_.find(person_);
    if (approver == approvers_.end() || !approver->second.may_release) return cannot("only a releasing officer decides on what waits");
    const bool reviewing = decision_.action == HeldAction::confirm || decision_.action == HeldAction::object;
    const HeldState needed = reviewing ? HeldState::unreviewed : HeldState::waiting;
    if (before_.state != needed) return fail(Errc::conflict, "item " + std::to_string(decision_.seq) + " is " + std::string(name(before_.state)));
    if (!reviewing && before_.expires <= now_) return fail(Errc::expired, "item " + std::to_string(decision_.seq) + " waited until its end");
    if (!fits()) return cannot(std::string(name(decision_.action)) + " is not possible for an item of kind " + std::string(name(before_.what)));
    if (reviewing && std::any_of(before_.approvals.begin(), before_.approvals.end(), [&](const auto& one) { return one.person == person_; }))
      return cannot("who released it cannot review it");
    return {};
  }

  bool fits() const {
    const bool screening = before_.what == HeldWhat::screening, asked = before_.what == HeldWhat::release;
    switch (decision_.action) {
      case HeldAction::release: return !screening;
      case HeldAction::withhold:
      case HeldAction::give_back: return !screening && !asked;
      case HeldAction::accept: return screening;
      case HeldAction::refuse: return screening || is_later(before_.what);
      case HeldAction::confirm:
      case HeldAction::object: return true;
    }
    return false;
  }

  Result<void> decide() {
    LIAISON_TRY(const auto held, load_record(context_, before_.record));
    LIAISON_TRY(const auto proposal, make_proposal(context_, before_, held, decision_.action, decision_.items));
    LIAISON_TRY(const auto schema, schema_of(context_, held.manifest));
    LIAISON_CHECK(check_possible(*schema, held, proposal));
    if (!decision_.digest) return fail(Errc::invalid_argument, "the digest of what was shown is needed; see: liaison held show");
    if (*decision_.digest != proposal.digest) return fail(Errc::conflict, "the decision changed since it was shown (policy, facts or directory); look at it again");
    auto& row = step_.row;
    row.action = name(decision_.action);
    row.items = decision_.items;
    row.approvals_needed = proposal.approvals_needed;
    std::erase_if(row.approvals, [&](const Approval& one) { return one.digest != proposal.digest || one.person == person_; });
    if (decision_.emergency) return release_at_once(held, proposal);
    if (person_ == before_.submitter && before_.what != HeldWhat::release) return cannot("who submitted it does not approve it; ask another releasing officer");
    row.approvals.push_back({person_, proposal.digest, now_});
    digest_ = proposal.digest;
    const auto counted = count();
    if (counted < proposal.approvals_needed) {
      reason_ = "approved";
      step_.done = "approved by " + std::to_string(counted) + " of " + std::to_string(proposal.approvals_needed) + " persons";
      return {};
    }
    leave(held, proposal);
    return {};
  }

  Result<void> check_possible(const record::Schema& schema, const StoredRecord& held, const Proposal& proposal) const {
    std::string places;
    const auto add = [&](ByteView path, std::string_view why) {
      const auto facts = describe_leaf(schema, path);
      places += (places.empty() ? "" : "; ") + (facts ? (facts->item.empty() ? facts->name : facts->item + " (" + facts->name + ")") : to_hex(path)) + ": " + std::string(why);
    };
    for (const auto& path : proposal.stuck) add(path, "cannot be decided this way: never to be disclosed, bound to other fields, or with the recipient already; decide otherwise or return it");
    for (const auto& repeat : proposal.repeats) add(held.package.openings.path(repeat.found_in), "a value held back stands here again; hold it back too");
    if (places.empty()) return {};
    return fail(proposal.stuck.empty() ? Errc::repeated_value : Errc::not_permitted, places);
  }

  // Distinct persons, enabled and of the right role now. Their rows are preconditions: who is disabled meanwhile has not agreed.
  std::uint32_t count() {
    std::uint32_t counted = 0;
    for (const auto& one : step_.row.approvals) {
      const auto approver = approvers_.find(one.person);
      if (approver == approvers_.end() || !approver->second.may_release) continue;
      step_.set.preconditions.push_back({Table::person, to_bytes(approver->second.name), encode(approver->second.row)});
      ++counted;
    }
    return counted;
  }

  Result<void> release_at_once(const StoredRecord& held, const Proposal& proposal) {
    if (!before_.emergency_allowed || decision_.action != HeldAction::release) return cannot("the policy does not allow an emergency release here");
    step_.row.approvals = {{person_, proposal.digest, now_}};
    digest_ = proposal.digest;
    static_cast<void>(count());
    leave(held, proposal);
    const auto within = before_.review_within.count() == 0 ? review_default : before_.review_within;
    step_.row.state = HeldState::unreviewed;
    step_.row.review_by = now_ + within;
    reason_ = "emergency_release";
    step_.done = "released in an emergency; a second person reviews it until " + to_string(*step_.row.review_by);
    return {};
  }

  void leave(const StoredRecord& held, const Proposal& proposal) {
    OutboxRow out;
    out.record = before_.record;
    out.msg_id = before_.msg_id;
    out.expires = before_.expires;
    out.accepted = before_.since;
    out.bytes = static_cast<std::uint32_t>(held.package.openings.packed().size() + 4096);
    out.overrides = proposal.overrides;
    out.supersedes = before_.supersedes;
    out.decision = proposal.decided.digest;
    out.approved = true;
    step_.outbox = std::move(out);
    close(HeldState::released);
    reason_ = decision_.action == HeldAction::release ? "released" : "withheld_by_officer";
    step_.done = decision_.action == HeldAction::release ? "released; it leaves with the next dispatch" : "goes on without what was held back";
    if (!is_later(before_.what)) step_.set.ops.push_back({OpKind::del, Table::disclosure, key_of(before_.record, before_.recipient), {}});
  }

  void give_back() {
    close(HeldState::returned);
    step_.row.reason = "returned";
    reason_ = "returned";
    if (!is_later(before_.what)) step_.set.ops.push_back(disclosure_state(context_, decision_.seq, before_, DisclosureState::returned, "returned"));
    if (!before_.source.empty()) step_.evidence = HeldEvidence{"returned", (decision_.code.empty() ? "question" : decision_.code) + ":" + before_.recipient};
    step_.done = before_.source.empty() ? "returned to the submitter" : "returned to " + before_.source;
  }

  Result<void> accept() {
    LIAISON_TRY(const auto held, load_record(context_, before_.record));
    if (!held.row.only_relayed) step_.inbox = InboxRow{before_.record, before_.kind, held.manifest.purpose, held.manifest.level, before_.lane, now_,
                                                           held.package.disclosures.size() > 1 ? held.row.via : "", !held.package.withheld.empty()};
    if (context_.policy->relays()) {
      LIAISON_TRY(const auto plan, plan_relay(context_, held.manifest, held.package, held.row.via));
      auto hot = std::make_shared<HotRecord>(HotRecord{held.manifest, held.package, held.row.via, {}});
      LIAISON_TRY(step_.onwards, pass_on(context_, before_.record, hot, before_.expires, plan.next));
    }
    close(HeldState::accepted);
    event_ = audit::Event::received;
    reason_ = "accepted_after_screening";
    step_.evidence = HeldEvidence{"accepted", "-"};
    step_.done = held.row.only_relayed ? "accepted; it goes on" : "accepted; it stands in the inbox";
    return {};
  }

  void refuse() {
    close(HeldState::refused);
    event_ = audit::Event::refused;
    if (before_.what == HeldWhat::screening) {
      reason_ = "refused_by_screening";
      step_.evidence = HeldEvidence{"refused", before_.reason};
    } else {
      reason_ = before_.what == HeldWhat::update ? "update_refused" : "release_refused";
      if (before_.what == HeldWhat::update) step_.evidence = HeldEvidence{"not_relayed", std::string(liaison::name(Errc::not_permitted)) + ":" + before_.recipient};
    }
    step_.done = "refused";
  }

  void review() {
    step_.row.state = decision_.action == HeldAction::confirm ? HeldState::confirmed : HeldState::objected;
    step_.row.approvals.push_back({person_, before_.approvals.front().digest, now_});
    static_cast<void>(count());
    digest_ = before_.approvals.front().digest;
    reason_ = decision_.action == HeldAction::confirm ? "emergency_confirmed" : "emergency_objected";
    step_.done = decision_.action == HeldAction::confirm ? "confirmed" : "objected; a recall of the record is for its originator";
  }

  void close(HeldState state) {
    step_.row.state = state;
    step_.row.decided = now_;
  }

  Result<void> add_note() {
    if (decision_.words.empty()) return {};
    LIAISON_TRY(auto notes, load_notes(context_, before_));
    notes.push_back({decision_.person, std::string(name(decision_.action)), decision_.words, now_});
    return seal_notes(context_, step_.row, notes);
  }

  void finish() {
    step_.set.cls = before_.lane == Lane::urgent ? WriteClass::urgent : WriteClass::accept;
    step_.set.preconditions.push_back({Table::held, key_of(decision_.seq), encode(before_)});
    step_.set.preconditions.push_back(policy_in_force(context_));
    step_.set.preconditions.push_back(directory_in_force(context_));
    step_.set.ops.push_back({OpKind::put, Table::held, key_of(decision_.seq), encode(step_.row)});
    audit::Entry entry = entry_of(context_, before_, event_, reason_);
    entry.person = person_;
    entry.decision = digest_;
    step_.set.ops.push_back(append_audit(entry));
  }

  const Context& context_;
  const HeldRow& before_;
  const HeldDecision& decision_;
  const Approvers& approvers_;
  Hash person_{}, digest_{};
  Time now_;
  audit::Event event_ = audit::Event::withheld;
  std::string reason_;
  HeldStep step_;
};
}  // namespace

std::optional<HeldAction> parse_held_action(std::string_view word) {
  const auto found = std::find(std::begin(action_names), std::end(action_names), word);
  if (found == std::end(action_names)) return std::nullopt;
  return static_cast<HeldAction>(found - std::begin(action_names));
}
std::string_view name(HeldAction action) { return action_names[static_cast<std::size_t>(action)]; }

Result<HeldStep> take_held_step(const Context& context, const HeldRow& before, const HeldDecision& decision, const Approvers& approvers) {
  return Step(context, before, decision, approvers).run();
}

Result<std::vector<Report>> report_step(const Context& context, const HeldStep& step) {
  Reports reports;
  if (step.evidence) reports.say({step.row.source, step.row.record, std::nullopt, std::nullopt, std::nullopt, step.evidence->event, step.evidence->reason});
  return std::move(reports).finish(context);
}

HeldStep expire_held(const Context& context, std::uint64_t seq, const HeldRow& before) {
  HeldStep step;
  step.row = before;
  step.row.state = HeldState::expired;
  step.row.decided = context.ports.clock.now();
  step.set.cls = WriteClass::purge;
  step.set.preconditions.push_back({Table::held, key_of(seq), encode(before)});
  step.set.ops.push_back({OpKind::put, Table::held, key_of(seq), encode(step.row)});
  if (!is_later(before.what) && before.what != HeldWhat::screening)
    step.set.ops.push_back(disclosure_state(context, seq, before, DisclosureState::expired, "expired_while_held"));
  step.set.ops.push_back(append_audit(entry_of(context, before, audit::Event::refused, "expired_while_held")));
  if (before.what == HeldWhat::screening) step.evidence = HeldEvidence{"refused", "expired"};
  else if (!before.source.empty()) step.evidence = HeldEvidence{"not_relayed", "expired:" + before.recipient};
  return step;
}

}  // namespace liaison::exchange
