// The judge judged: with each deliberate mistake of mutations.cpp some scenario fails, and for the reason expected; without it the same seeds hold.
// The nodes are those of core/exchange/node.h. Where the product itself refuses the mistake, the test says so instead.
#include <gtest/gtest.h>

#include <sstream>

#include "tests/sim/world.h"

namespace liaison::sim {
namespace {
constexpr std::uint64_t seeds = 12;
constexpr std::uint64_t fork_seeds = 40;

// Two agencies and only such trouble as the mistake needs to show.
Scenario scenario(Mutation mutation, std::uint64_t seed) {
  Scenario plain{.seed = seed, .sites = 2, .submissions = 6, .trouble_steps = 700, .trouble = {}, .mutation = mutation};
  if (mutation == Mutation::acknowledge_before_commit) plain.trouble.crash = 10;
  if (mutation == Mutation::drop_void) plain.trouble.erased_body = 100;
  if (mutation == Mutation::hide_copy || mutation == Mutation::drop_void) plain.trouble.lost_connection = 6;
  plain.relayed = mutation == Mutation::lose_onward_row || mutation == Mutation::lose_report;
  if (plain.relayed) plain.sites = 4;
  return plain;
}

struct Expected {
  Mutation mutation;
  const char* name;
  const char* problem;  // part of what the judge says, for at least one seed
};
void PrintTo(const Expected& expected, std::ostream* out) { *out << expected.name; }

std::vector<std::string> problems(Mutation mutation, Mutation trouble_of) {
  std::vector<std::string> found;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    Scenario one = scenario(trouble_of, seed);
    one.mutation = mutation;
    if (auto problem = World(one).run()) found.push_back(std::move(*problem));
  }
  return found;
}

class Mutations : public testing::TestWithParam<Expected> {};

TEST_P(Mutations, are_seen_by_the_judge) {
  const auto found = problems(GetParam().mutation, GetParam().mutation);
  const bool named = std::any_of(found.begin(), found.end(), [](const std::string& problem) { return problem.find(GetParam().problem) != std::string::npos; });
  EXPECT_TRUE(named) << (found.empty() ? "every seed held" : "for example: " + found.front());
}

TEST_P(Mutations, same_seeds_hold_without_them) {
  const auto found = problems(Mutation::none, GetParam().mutation);
  EXPECT_TRUE(found.empty()) << found.front();
}

INSTANTIATE_TEST_SUITE_P(All, Mutations,
                         testing::Values(Expected{Mutation::acknowledge_before_commit, "acknowledge_before_commit", "accepted one submission as two records"},
                                         Expected{Mutation::drop_audit, "drop_audit", "without an audit entry"},
                                         Expected{Mutation::deliver_twice, "deliver_twice", "2 times in the inbox"},
                                         Expected{Mutation::lose_outbox_row, "lose_outbox_row", "neither delivered, refused nor expired"},
                                         Expected{Mutation::lose_inbox_row, "lose_inbox_row", "not in the inbox"},
                                         Expected{Mutation::lose_receipt, "lose_receipt", "no rest"},
                                         Expected{Mutation::lose_onward_row, "lose_onward_row", "neither passed on, refused nor expired"},
                                         Expected{Mutation::lose_report, "lose_report", "its originator does not know"},
                                         Expected{Mutation::skip_root_check, "skip_root_check", "does not verify"},
                                         Expected{Mutation::drop_void, "drop_void", "a receipt differs from the one issued"},
                                         Expected{Mutation::hide_copy, "hide_copy", "stopped though nobody lost anything"}),
                         [](const auto& one) { return std::string(one.param.name); });

// What the product must refuse by itself: the hostile connection changes a frame, and the scenario ends as if it had not.
struct Hostile {
  Tampering::Kind kind;
  const char* name;
};
void PrintTo(const Hostile& hostile, std::ostream* out) { *out << hostile.name; }
class HostilePeer : public testing::TestWithParam<Hostile> {};

TEST_P(HostilePeer, changes_nothing_that_is_not_proved) {
  std::uint64_t changed = 0;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    Scenario one{.seed = seed, .sites = 2, .submissions = 6, .trouble_steps = 800, .trouble = {}, .mutation = Mutation::none};
    one.trouble.tampering = 600;
    one.trouble.lost_connection = 5;
    one.hostile = GetParam().kind;
    World world(one);
    const auto problem = world.run();
    EXPECT_FALSE(problem) << "seed " << seed << ": " << *problem;
    changed += world.frames_changed();
  }
  EXPECT_GT(changed, 0U) << "no frame was changed: this test shows nothing";
}

using Kind = Tampering::Kind;
INSTANTIATE_TEST_SUITE_P(All, HostilePeer,
                         testing::Values(Hostile{Kind::flip_byte, "flip_byte"}, Hostile{Kind::wrong_root, "wrong_root"}, Hostile{Kind::other_size, "other_size"},
                                         Hostile{Kind::replay_batch, "replay_batch"}, Hostile{Kind::skip_batch, "skip_batch"}, Hostile{Kind::change_payload, "change_payload"},
                                         Hostile{Kind::readdress, "readdress"}, Hostile{Kind::hello_too_long, "hello_too_long"}, Hostile{Kind::hello_root, "hello_root"},
                                         Hostile{Kind::early_ack, "early_ack"}),
                         [](const auto& one) { return std::string(one.param.name); });

TEST(Simulator, forks_are_repaired_and_everything_accepted_is_delivered_once) {
  std::uint64_t epochs = 0;
  for (std::uint64_t seed = 1; seed <= fork_seeds; ++seed) {
    Scenario one{.seed = seed, .sites = 2, .submissions = 5, .trouble_steps = 1600, .trouble = {}, .mutation = Mutation::none};
    one.fork = true;
    if (seed % 2 == 0) one.trouble = {.crash = 3, .crash_at_commit = 3, .lost_connection = 6};
    World world(one);
    const auto problem = world.run();
    EXPECT_FALSE(problem) << "seed " << seed << ": " << *problem;
    if (const auto asked = world.happened().find("asked for a new epoch"); asked != world.happened().end()) epochs += asked->second;
  }
  EXPECT_GT(epochs, fork_seeds) << "hardly a fork: this test shows nothing";
}

TEST(Simulator, directories_reach_everybody_whatever_happens_on_the_way) {
  std::map<std::string, std::uint64_t> happened;
  for (std::uint64_t seed = 1; seed <= fork_seeds; ++seed) {
    Scenario one{.seed = seed, .sites = 3, .submissions = 6, .trouble_steps = 700, .trouble = {}, .mutation = Mutation::none};
    one.trouble.directory = 12;
    if (seed % 2 == 0) one.trouble = {.crash = 4, .crash_at_commit = 6, .lost_connection = 8, .partition = 6, .commit_fault = 60, .directory = 12};
    World world(one);
    const auto problem = world.run();
    EXPECT_FALSE(problem) << "seed " << seed << ": " << *problem;
    for (const auto& [what, times] : world.happened()) happened[what] += times;
  }
  for (const char* what : {"directory published", "directory forged", "directory conflict", "authorities changed", "agency removed"}) EXPECT_GT(happened[what], 10U) << what;
}

TEST(Simulator, same_seed_same_steps) {
  for (const std::uint64_t seed : {7U, 11U, 301U}) {
    std::ostringstream once, again;
    World(draw_scenario(seed), &once).run();
    World(draw_scenario(seed), &again).run();
    EXPECT_GT(once.str().size(), 1000U);
    EXPECT_EQ(once.str(), again.str());
  }
}

}  // namespace
}  // namespace liaison::sim
