// What ports.h promises of a Store, run on the LMDB store and on the store in memory alike, so that the simulator tests the same rules.
#include <gtest/gtest.h>

#include "core/base/limits.h"
#include "core/merkle/tree.h"
#include "io/store/lmdb_store.h"
#include "tests/io/store/sets.h"
#include "tests/support/memory_store.h"
#include "tests/support/temporary_directory.h"

namespace liaison::store::test {
namespace {

struct OnLmdb {
  support::TemporaryDirectory directory;
  std::unique_ptr<LmdbStore> store = *LmdbStore::open({.path = directory / "node", .agency = "ke.customs", .realm = "demo"});
};
struct OnMemory {
  std::unique_ptr<support::MemoryStore> store = std::make_unique<support::MemoryStore>("ke.customs", "demo");
};

template <class Backend>
class StoreContract : public testing::Test {
 protected:
  Backend backend;
  exchange::Store& store() { return *backend.store; }
  auto& real() { return *backend.store; }
};
using Backends = testing::Types<OnLmdb, OnMemory>;
TYPED_TEST_SUITE(StoreContract, Backends);

TYPED_TEST(StoreContract, returns_what_was_put_and_nothing_else) {
  EXPECT_EQ(commit_one(this->store(), set_of({put_op(Table::person, "anna", "1"), put_op(Table::person, "ben", "")})), Outcome::committed);
  EXPECT_EQ(get_text(this->store(), Table::person, "anna"), "1");
  EXPECT_EQ(get_text(this->store(), Table::person, "ben"), "");
  EXPECT_EQ(get_text(this->store(), Table::person, "carl"), "(absent)");
  EXPECT_EQ(get_text(this->store(), Table::cursor, "anna"), "(absent)");
  EXPECT_EQ(get_text(this->store(), Table::person, ""), "(absent)");
}

TYPED_TEST(StoreContract, later_sets_of_a_group_see_earlier_ones) {
  WriteSet second = set_of({put_op(Table::person, "ben", "2")});
  second.preconditions.push_back({Table::person, to_bytes("anna"), to_bytes("1")});
  WriteSet third = set_of({put_op(Table::person, "carl", "3")});
  third.preconditions.push_back({Table::person, to_bytes("anna"), std::nullopt});
  const std::vector<WriteSet> group{set_of({put_op(Table::person, "anna", "1")}), second, third};
  EXPECT_EQ(this->store().commit(group), (std::vector{Outcome::committed, Outcome::committed, Outcome::conflict}));
  EXPECT_EQ(get_text(this->store(), Table::person, "ben"), "2");
  EXPECT_EQ(get_text(this->store(), Table::person, "carl"), "(absent)");
}

TYPED_TEST(StoreContract, preconditions_compare_whole_values) {
  ASSERT_EQ(commit_one(this->store(), set_of({put_op(Table::person, "anna", "12")})), Outcome::committed);
  for (const auto& [expected, outcome] : {std::pair{"12", Outcome::committed}, {"1", Outcome::conflict}, {"123", Outcome::conflict}, {"", Outcome::conflict}}) {
    WriteSet set = set_of({});
    set.preconditions.push_back({Table::person, to_bytes("anna"), to_bytes(std::string_view(expected))});
    EXPECT_EQ(commit_one(this->store(), set), outcome) << expected;
  }
}

TYPED_TEST(StoreContract, insert_needs_an_absent_row_and_leaves_nothing_on_conflict) {
  ASSERT_EQ(commit_one(this->store(), set_of({insert_op(Table::record, "r1", "a")})), Outcome::committed);
  EXPECT_EQ(commit_one(this->store(), set_of({put_op(Table::inbox, "s1", "x"), audit_op("no"), insert_op(Table::record, "r1", "b")})), Outcome::conflict);
  EXPECT_EQ(get_text(this->store(), Table::record, "r1"), "a");
  EXPECT_EQ(get_text(this->store(), Table::inbox, "s1"), "(absent)");
  EXPECT_EQ(this->real().audit_size(), 0u);
}

TYPED_TEST(StoreContract, insert_minds_earlier_operations_of_its_own_set) {
  ASSERT_EQ(commit_one(this->store(), set_of({put_op(Table::record, "r1", "a")})), Outcome::committed);
  EXPECT_EQ(commit_one(this->store(), set_of({del_op(Table::record, "r1"), insert_op(Table::record, "r1", "b")})), Outcome::committed);
  EXPECT_EQ(get_text(this->store(), Table::record, "r1"), "b");
  EXPECT_EQ(commit_one(this->store(), set_of({insert_op(Table::record, "r2", "a"), insert_op(Table::record, "r2", "b")})), Outcome::conflict);
  EXPECT_EQ(commit_one(this->store(), set_of({put_op(Table::record, "r3", "a"), insert_op(Table::record, "r3", "b")})), Outcome::conflict);
  EXPECT_EQ(get_text(this->store(), Table::record, "r2"), "(absent)");
  EXPECT_EQ(get_text(this->store(), Table::record, "r3"), "(absent)");
}

TYPED_TEST(StoreContract, deleting_an_absent_row_is_fine) {
  EXPECT_EQ(commit_one(this->store(), set_of({del_op(Table::record, "r1"), put_op(Table::record, "r2", "a")})), Outcome::committed);
  EXPECT_EQ(commit_one(this->store(), set_of({del_op(Table::record, "r2")})), Outcome::committed);
  EXPECT_EQ(get_text(this->store(), Table::record, "r2"), "(absent)");
}

TYPED_TEST(StoreContract, keys_and_entries_over_their_limits_are_refused_and_the_rest_of_the_group_commits) {
  Op entry = audit_op("x");
  entry.value.resize(limits::audit_entry_bytes_max + 1);
  const std::vector<WriteSet> group{set_of({put_op(Table::person, std::string(512, 'k'), "v")}), set_of({put_op(Table::person, "", "v")}), set_of({entry}),
                                    set_of({put_op(Table::person, std::string(511, 'k'), "v")})};
  EXPECT_EQ(this->store().commit(group), (std::vector{Outcome::refused, Outcome::refused, Outcome::refused, Outcome::committed}));
  EXPECT_EQ(get_text(this->store(), Table::person, std::string(511, 'k')), "v");
  EXPECT_EQ(this->real().audit_size(), 0u);
}

TYPED_TEST(StoreContract, scans_in_order_within_the_range_and_the_limit) {
  std::vector<Op> ops;
  for (std::uint64_t i = 10; i > 0; --i) ops.push_back({OpKind::put, Table::inbox, exchange::key_of(i * 100), to_bytes(std::to_string(i))});
  ASSERT_EQ(commit_one(this->store(), set_of(ops)), Outcome::committed);
  const auto values = [&](ByteView from, ByteView to, std::size_t rows_max) {
    std::string out;
    for (const auto& [key, value] : *this->store().scan(Table::inbox, {from, to}, rows_max)) out += std::string(text(value)) + " ";
    return out;
  };
  const Bytes k300 = exchange::key_of(300), k350 = exchange::key_of(350), k700 = exchange::key_of(700), k2000 = exchange::key_of(2000);
  EXPECT_EQ(values({}, {}, 99), "1 2 3 4 5 6 7 8 9 10 ");
  EXPECT_EQ(values(k300, k700, 99), "3 4 5 6 ");
  EXPECT_EQ(values(k350, {}, 2), "4 5 ");
  EXPECT_EQ(values({}, k300, 99), "1 2 ");
  EXPECT_EQ(values(k2000, {}, 99), "");
  EXPECT_EQ(values({}, {}, 0), "");
}

TYPED_TEST(StoreContract, finds_the_last_row_of_a_range) {
  const Bytes k1 = exchange::key_of(1), k2 = exchange::key_of(2), k3 = exchange::key_of(3), k9 = exchange::key_of(9);
  const auto last = [&](ByteView from, ByteView to) -> Bytes {
    const auto row = *this->store().last(Table::inbox, {from, to});
    return row ? row->first : Bytes{};
  };
  EXPECT_EQ(last({}, {}), Bytes{});
  ASSERT_EQ(commit_one(this->store(), set_of({{OpKind::put, Table::inbox, k1, {}}, {OpKind::put, Table::inbox, k3, {}}})), Outcome::committed);
  EXPECT_EQ(last({}, {}), k3);
  EXPECT_EQ(last({}, k3), k1);
  EXPECT_EQ(last(k2, k3), Bytes{});
  EXPECT_EQ(last({}, k9), k3);
  EXPECT_EQ(last(k9, {}), Bytes{});
  EXPECT_EQ(last({}, k1), Bytes{});
}

TYPED_TEST(StoreContract, audit_entries_get_their_index_and_stored_hashes_give_the_root) {
  for (int i = 0; i < 13; ++i) ASSERT_EQ(commit_one(this->store(), set_of({audit_op("a" + std::to_string(i)), audit_op("b")})), Outcome::committed);
  ASSERT_EQ(this->real().audit_size(), 26u);
  std::vector<Hash> leaves;
  for (const auto& [key, value] : *this->store().scan(Table::audit_entry, {}, 99)) {
    const auto entry = audit::decode(value);
    ASSERT_TRUE(entry);
    EXPECT_EQ(entry->index, leaves.size());
    EXPECT_EQ(key, exchange::key_of(leaves.size()));
    leaves.push_back(merkle::leaf_hash(value));
  }
  EXPECT_EQ(merkle::root(leaves), this->real().audit_root());
  const auto read = [&](std::uint64_t index) -> Result<Hash> {
    LIAISON_TRY(const auto row, this->store().get(Table::audit_hash, exchange::key_of(index)));
    if (!row) return fail(Errc::not_found, "hash");
    return ByteReader(*row).hash();
  };
  EXPECT_EQ(*merkle::root_at(26, read), this->real().audit_root());
}

}  // namespace
}  // namespace liaison::store::test
