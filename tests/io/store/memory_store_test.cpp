// The store in memory as a tool: scripted faults come in pairs, and a whole state can be kept and put back.
#include "tests/support/memory_store.h"

#include <gtest/gtest.h>

#include "tests/io/store/sets.h"

namespace liaison::store::test {
namespace {
using support::Fault;
using support::MemoryStore;

TEST(MemoryStoreTest, faults_come_in_pairs_failed_and_not_applied_or_failed_but_applied) {
  MemoryStore store("ke.customs", "demo");
  store.script({Fault::refuse, Fault::lose, Fault::apply_and_unknown});
  std::vector<WriteSet> group;
  for (const char* key : {"a", "b", "c", "d"}) group.push_back(set_of({put_op(Table::person, key, "1"), audit_op(key)}));
  EXPECT_EQ(store.commit(group), (std::vector{Outcome::refused, Outcome::unknown, Outcome::unknown, Outcome::committed}));
  EXPECT_EQ(get_text(store, Table::person, "a"), "(absent)");
  EXPECT_EQ(get_text(store, Table::person, "b"), "(absent)");
  EXPECT_EQ(get_text(store, Table::person, "c"), "1");
  EXPECT_EQ(get_text(store, Table::person, "d"), "1");
  EXPECT_EQ(store.audit_size(), 2u);
}

TEST(MemoryStoreTest, a_chooser_decides_where_nothing_is_scripted) {
  MemoryStore store("ke.customs", "demo");
  store.choose_faults([](const WriteSet& set) { return set.cls == WriteClass::receive ? Fault::lose : Fault::none; });
  EXPECT_EQ(commit_one(store, set_of({put_op(Table::person, "a", "1")}, WriteClass::receive)), Outcome::unknown);
  EXPECT_EQ(commit_one(store, set_of({put_op(Table::person, "b", "1")})), Outcome::committed);
}

TEST(MemoryStoreTest, goes_back_to_a_snapshot_and_raises_the_term_on_reopening) {
  MemoryStore store("ke.customs", "demo");
  ASSERT_EQ(commit_one(store, set_of({put_op(Table::person, "a", "1"), audit_op("x")})), Outcome::committed);
  const auto before = store.snapshot();
  ASSERT_EQ(commit_one(store, set_of({put_op(Table::person, "a", "2"), audit_op("y")})), Outcome::committed);
  EXPECT_FALSE(store.state() == before);
  store.restore(before);
  EXPECT_EQ(get_text(store, Table::person, "a"), "1");
  EXPECT_EQ(store.audit_size(), 1u);
  store.reopen();
  EXPECT_EQ(store.term(), 2u);
}

TEST(MemoryStoreTest, reads_fail_when_told) {
  MemoryStore store("ke.customs", "demo");
  store.fail_reads(true);
  EXPECT_EQ(store.get(Table::meta, view("term")).error().code, Errc::store_failed);
  EXPECT_FALSE(store.scan(Table::meta, {}, 1));
  EXPECT_FALSE(store.last(Table::meta, {}));
}

}  // namespace
}  // namespace liaison::store::test
