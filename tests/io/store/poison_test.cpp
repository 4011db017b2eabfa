// The poison guard with real processes: a node that dies by SIGKILL while it opens one envelope, twice, ledgers it unopened the third time.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "io/store/opening_notes.h"
#include "tests/support/temporary_directory.h"
#include "tests/unit/exchange/pair.h"

namespace liaison::store {
namespace {
using exchange::Table;

// The process is gone between the note and the end of the opening, as a bug in a decoder would have it.
class DeadlyNotes final : public exchange::OpeningNotes {
 public:
  explicit DeadlyNotes(exchange::OpeningNotes& notes) : notes_(notes) {}
  void begin(const exchange::LogKey& log, std::uint64_t index) override {
    notes_.begin(log, index);
    ::raise(SIGKILL);
  }
  void end() override { notes_.end(); }
  bool suspect(const exchange::LogKey& log, std::uint64_t index) const override { return notes_.suspect(log, index); }

 private:
  exchange::OpeningNotes& notes_;
};

struct Poison : testing::Test, exchange::test::Pair {
  support::TemporaryDirectory folder;
  std::unique_ptr<MappedOpeningNotes> open_notes() { return MappedOpeningNotes::open(folder / "opening").value(); }

  // A copy of this process plays on with the same stores and dies in the middle of the envelope; what it did in memory is gone with it.
  void die_while_opening() {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      const auto notes = open_notes();
      DeadlyNotes deadly(*notes);
      ke.site.opening_notes = &deadly;
      restart(ke);
      settle();
      ::_exit(0);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << "the envelope was never opened";
  }
  std::size_t quarantined() const { return ke.site.disk.memory.scan(Table::quarantine, {}, 100)->size(); }
};
}  // namespace

TEST_F(Poison, one_death_is_not_held_against_an_envelope) {
  const Uuid id = submit(gs, 1);
  die_while_opening();
  const auto notes = open_notes();
  ke.site.opening_notes = notes.get();
  restart(ke);
  settle();
  EXPECT_EQ(times_in_inbox(ke, id), 1U);
  EXPECT_FALSE(has_alarm(ke, "poison"));
  ke.site.machine.reset();
}

TEST_F(Poison, two_deaths_leave_it_unopened_and_the_node_up) {
  const Uuid id = submit(gs, 1);
  die_while_opening();
  die_while_opening();
  const auto notes = open_notes();
  ke.site.opening_notes = notes.get();
  restart(ke);
  settle();
  EXPECT_EQ(times_in_inbox(ke, id), 0U);
  EXPECT_TRUE(has_alarm(ke, "poison"));
  EXPECT_EQ(quarantined(), 1U);
  const auto copy = head(ke, log(gs, exchange::Direction::inbound));
  EXPECT_EQ(copy.frontier.size(), 1U) << "ledgered";
  EXPECT_EQ(copy.frontier, head(gs, log(ke, exchange::Direction::outbound)).frontier);
  const exchange::RecordKey record{"int.gs", id, 1};
  const auto row = gs.site.disk.memory.get(Table::disclosure, exchange::key_of(record, "ke.customs")).value();
  ASSERT_TRUE(row.has_value());
  EXPECT_EQ(exchange::decode_disclosure_row(*row)->state, exchange::DisclosureState::refused) << "the sender is told";
  const Uuid next = submit(gs, 2);
  settle();
  EXPECT_EQ(times_in_inbox(ke, next), 1U) << "what follows is opened as ever";
  ke.site.machine.reset();
}

}  // namespace liaison::store
