// Agencies in a row (chain.h) with releasing officers at each of them, whose steps are taken by hand.
#pragma once
#include "tests/unit/exchange/chain.h"
#include "tests/unit/exchange/desk.h"

namespace liaison::exchange::test {

struct ChainPeople : testing::Test {
  Chain chain;
  std::uint64_t number = 900;

  void use(const std::string& agency, std::shared_ptr<const policy::Policy> policy) {
    auto changed = std::make_shared<Context>(*chain.at(agency).context);
    changed->policy = std::move(policy);
    chain.at(agency).context = std::move(changed);
  }
  static Submission sent(const std::string& words) {
    Submission made = over_bureaus({"int.gs"});
    made.message = message_with(words);
    return made;
  }
  HeldRow row(const std::string& agency, std::uint64_t seq) { return decode_held_row(*chain.at(agency).site.disk.memory.get(Table::held, key_of(seq)).value()).value(); }
  std::size_t held_rows(const std::string& agency) { return chain.at(agency).site.disk.memory.scan(Table::held, {}, 100)->size(); }

  Approvers approvers(const std::string& agency) {
    Approvers all;
    for (const char* name : {"release-1", "release-2"}) all[chain.at(agency).context->commit_to_person(name)] = Approver{name, {"releasing-officer", Bytes(32, 50), false, start}, true};
    return all;
  }
  Result<HeldStep> decide(const std::string& agency, const HeldRow& before, std::uint64_t seq, HeldAction action, const std::string& person = "release-1", const std::string& code = "",
                          const std::vector<std::string>& items = {}) {
    Party& party = chain.at(agency);
    HeldDecision decision{seq, action, items, std::nullopt, person, "seen", code, false};
    if (action == HeldAction::release || action == HeldAction::withhold) {
      LIAISON_TRY(const auto stored, load_record(*party.context, before.record));
      LIAISON_TRY(const auto proposal, make_proposal(*party.context, before, stored, action, items));
      decision.digest = proposal.digest;
    }
    return take_held_step(*party.context, before, decision, approvers(agency));
  }
  Result<HeldStep> decide(const std::string& agency, std::uint64_t seq, HeldAction action, const std::string& code = "") { return decide(agency, row(agency, seq), seq, action, "release-1", code); }
  // The write set of a step; the chain's parties have no table of persons.
  void commit(const std::string& agency, HeldStep step) {
    step.set.preconditions.clear();
    if (step.outbox) step.set.ops.push_back({OpKind::insert, Table::outbox, key_of_outbox(step.row.recipient, step.row.lane, ++number), encode(*step.outbox)});
    chain.commit(chain.at(agency), step.set);
  }
  // Two persons agree on what waits; false: it still waits.
  bool release(const std::string& agency, std::uint64_t seq) {
    for (const char* person : {"release-1", "release-2"}) {
      if (row(agency, seq).state != HeldState::waiting) break;
      auto step = decide(agency, row(agency, seq), seq, HeldAction::release, person);
      EXPECT_TRUE(step) << step.error().message();
      if (!step) return false;
      commit(agency, std::move(*step));
    }
    return row(agency, seq).state == HeldState::released;
  }
  // Two persons release an item to an agency that was not given it.
  void release_later(const std::string& agency, const RecordKey& key, const std::string& to, const std::string& item) {
    auto asked = ask_release(*chain.at(agency).context, {key, to, "release-1", "the court allowed it", {item}}, approvers(agency));
    ASSERT_TRUE(asked) << asked.error().message();
    WriteSet set;
    set.ops.push_back({OpKind::insert, Table::held, key_of(++number), encode(*asked)});
    chain.commit(chain.at(agency), set);
    EXPECT_TRUE(release(agency, number));
  }
  bool sees(const std::string& agency, const RecordKey& key, const std::string& item) {
    const auto held = load_record(*chain.at(agency).context, key).value();
    return !leaves_named(*schema_of(*chain.at(agency).context, held.manifest).value(), held.package.openings, item).empty();
  }
};

}  // namespace liaison::exchange::test
