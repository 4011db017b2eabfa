// The LMDB store on disk: what survives a restart, what opening refuses and says, groups that meet a full map, backups.
// Process-wide faults of the disk are in store_fault_test.cpp.
#include "io/store/lmdb_store.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <thread>

#include "tests/io/store/sets.h"
#include "tests/support/temporary_directory.h"

namespace liaison::store::test {
namespace {

class LmdbStoreTest : public testing::Test {
 protected:
  StoreOptions options() { return {.path = directory / "node", .map_bytes = 64 << 20, .agency = "ke.customs", .realm = "demo"}; }
  std::unique_ptr<LmdbStore> open() {
    auto store = LmdbStore::open(options());
    if (!store) ADD_FAILURE() << store.error().message();
    return store ? std::move(*store) : nullptr;
  }
  Error refusal(const StoreOptions& wanted) {
    auto store = LmdbStore::open(wanted);
    return store ? Error{} : store.error();
  }
  // Changes rows behind the store's back, as a bug or a damaged disk would.
  void meddle(std::string_view table, ByteView key, std::optional<Bytes> value) {
    const auto environment = *Environment::open({.path = directory / "node", .map_bytes = 64 << 20});
    Txn txn;
    ASSERT_EQ(environment->begin_write(txn), 0);
    MDB_dbi dbi = 0;
    ASSERT_EQ(mdb_dbi_open(txn.get(), std::string(table).c_str(), 0, &dbi), 0);
    MDB_val name = to_val(key), row = to_val(value ? ByteView(*value) : ByteView());
    ASSERT_EQ(value ? mdb_put(txn.get(), dbi, &name, &row, 0) : mdb_del(txn.get(), dbi, &name, nullptr), 0);
    ASSERT_EQ(environment->commit(txn), 0);
  }
  support::TemporaryDirectory directory;
};

TEST_F(LmdbStoreTest, keeps_rows_audit_log_and_raises_the_term_over_restarts) {
  auto store = open();
  EXPECT_EQ(store->term(), 1u);
  ASSERT_EQ(commit_one(*store, set_of({put_op(Table::person, "anna", "1"), audit_op("x"), audit_op("y"), audit_op("z")})), Outcome::committed);
  const Hash root = store->audit_root();
  store.reset();
  store = open();
  EXPECT_EQ(store->term(), 2u);
  EXPECT_EQ(*store->get(Table::meta, view("term")), exchange::key_of(std::uint64_t{2}));
  EXPECT_EQ(get_text(*store, Table::person, "anna"), "1");
  EXPECT_EQ(store->audit_size(), 3u);
  EXPECT_EQ(store->audit_root(), root);
  ASSERT_EQ(commit_one(*store, set_of({audit_op("w")})), Outcome::committed);
  EXPECT_EQ(store->audit_size(), 4u);
}

TEST_F(LmdbStoreTest, an_old_term_cannot_write) {
  auto store = open();
  const std::uint64_t before = store->term();
  store.reset();
  store = open();
  WriteSet set = set_of({put_op(Table::person, "anna", "1")});
  set.preconditions.push_back({Table::meta, to_bytes("term"), exchange::key_of(before)});
  EXPECT_EQ(commit_one(*store, set), Outcome::conflict);
}

TEST_F(LmdbStoreTest, a_full_map_refuses_only_the_guilty_set_and_rolls_the_audit_log_back_with_it) {
  auto wanted = options();
  wanted.map_bytes = 2 << 20;
  auto store = *LmdbStore::open(wanted);
  ASSERT_EQ(commit_one(*store, set_of({audit_op("first")})), Outcome::committed);
  const std::vector<WriteSet> group{set_of({put_op(Table::person, "anna", "1"), audit_op("small")}),
                                    set_of({audit_op("big"), put_op(Table::record, "big", std::string(4 << 20, 'x'))}), set_of({put_op(Table::person, "ben", "2"), audit_op("after")})};
  EXPECT_EQ(store->commit(group), (std::vector{Outcome::committed, Outcome::refused, Outcome::committed}));
  EXPECT_EQ(store->audit_size(), 3u);
  EXPECT_EQ(get_text(*store, Table::record, "big"), "(absent)");
  ASSERT_TRUE(store->last_refusal());
  EXPECT_EQ(store->last_refusal()->code, Errc::disk_full);
  const Hash root = store->audit_root();
  store.reset();
  store = open();  // the log's edge is checked again on opening
  EXPECT_EQ(store->audit_root(), root);
}

TEST_F(LmdbStoreTest, little_disk_space_refuses_and_leaves_room_for_purging) {
  auto store = open();
  store.reset();
  auto wanted = options();
  wanted.reserve_bytes = ~std::uint64_t{0} >> 1;
  EXPECT_EQ(refusal(wanted).code, Errc::disk_full);
  const std::uint64_t left = *free_bytes(directory.path());
  wanted.reserve_bytes = left - (64 << 20);
  store = *LmdbStore::open(wanted);
  const std::string large(48 << 20, 'x');  // four times its size must be free beyond the reserve
  EXPECT_EQ(commit_one(*store, set_of({put_op(Table::record, "a", large)})), Outcome::refused);
  EXPECT_EQ(store->last_refusal()->code, Errc::disk_full);
  EXPECT_EQ(commit_one(*store, set_of({put_op(Table::record, "a", "x")}, WriteClass::purge)), Outcome::committed);
}

TEST_F(LmdbStoreTest, reads_from_many_threads_while_it_commits) {
  auto store = open();
  ASSERT_EQ(commit_one(*store, set_of({put_op(Table::cursor, "n", "0000")})), Outcome::committed);
  std::atomic<bool> stop{false};
  std::atomic<int> wrong{0};
  std::vector<std::thread> readers;
  for (int i = 0; i < 4; ++i)
    readers.emplace_back([&] {
      std::string seen = "0000";
      while (!stop) {
        const std::string now = get_text(*store, Table::cursor, "n");
        if (now < seen || now.size() != 4) ++wrong;
        seen = now;
      }
    });
  for (int i = 1; i <= 100; ++i) {
    const std::string value = std::to_string(1000 + i);
    ASSERT_EQ(commit_one(*store, set_of({put_op(Table::cursor, "n", value), audit_op("x")})), Outcome::committed);
    ASSERT_EQ(get_text(*store, Table::cursor, "n"), value);
  }
  stop = true;
  for (auto& reader : readers) reader.join();
  EXPECT_EQ(wrong, 0);
}

TEST_F(LmdbStoreTest, refuses_a_file_an_open_directory_and_a_second_opener) {
  auto wanted = options();
  std::ofstream(directory / "plain") << "x";
  wanted.path = directory / "plain";
  EXPECT_EQ(refusal(wanted).code, Errc::invalid_settings);
  EXPECT_NE(refusal(wanted).detail.find("is not a directory"), std::string::npos);

  std::filesystem::create_directory(directory / "open");
  ::chmod((directory / "open").c_str(), 0755);
  wanted.path = directory / "open";
  EXPECT_EQ(refusal(wanted).code, Errc::key_unprotected);
  EXPECT_NE(refusal(wanted).detail.find("chmod 700 " + wanted.path.string()), std::string::npos);

  wanted.path = directory / "none" / "deep";
  EXPECT_EQ(refusal(wanted).code, Errc::store_failed);

  const auto store = open();
  EXPECT_EQ(refusal(options()).code, Errc::busy);
  EXPECT_NE(refusal(options()).detail.find("process " + std::to_string(::getpid())), std::string::npos);
}

TEST_F(LmdbStoreTest, refuses_another_agencys_realms_or_versions_store) {
  open().reset();
  auto wanted = options();
  wanted.agency = "ke.ncb";
  EXPECT_EQ(refusal(wanted).code, Errc::invalid_settings);
  EXPECT_NE(refusal(wanted).detail.find("agency ke.customs"), std::string::npos);
  wanted = options();
  wanted.realm = "other";
  EXPECT_EQ(refusal(wanted).code, Errc::invalid_settings);
  meddle("meta", view("format"), exchange::key_of(std::uint64_t{2}));
  EXPECT_EQ(refusal(options()).code, Errc::store_failed);
  meddle("meta", view("format"), std::nullopt);
  EXPECT_EQ(refusal(options()).code, Errc::store_corrupt);
}

TEST_F(LmdbStoreTest, notices_an_audit_log_whose_edge_does_not_agree) {
  auto store = open();
  for (int i = 0; i < 5; ++i) ASSERT_EQ(commit_one(*store, set_of({audit_op("x" + std::to_string(i))})), Outcome::committed);
  const Bytes last = exchange::key_of(std::uint64_t{4});
  const Bytes edge = exchange::key_of(merkle::stored_index(2, 0));
  const Bytes entry = **store->get(Table::audit_entry, last);
  const Bytes hash = **store->get(Table::audit_hash, edge);
  const Bytes frontier = **store->get(Table::meta, view("audit_frontier"));
  store.reset();
  const auto expect_corrupt = [&](std::string_view table, ByteView key, const Bytes& good) {
    Bytes bad = good;
    bad.back() ^= 1;
    meddle(table, key, bad);
    EXPECT_EQ(refusal(options()).code, Errc::store_corrupt) << table;
    meddle(table, key, std::nullopt);
    EXPECT_EQ(refusal(options()).code, Errc::store_corrupt) << table;
    meddle(table, key, good);
  };
  expect_corrupt("audit_entry", last, entry);
  expect_corrupt("audit_hash", edge, hash);
  expect_corrupt("meta", view("audit_frontier"), frontier);
  EXPECT_NE(open(), nullptr);
}

TEST_F(LmdbStoreTest, a_backup_opens_and_holds_the_same) {
  auto store = open();
  for (int i = 0; i < 50; ++i) ASSERT_EQ(commit_one(*store, set_of({put_op(Table::record, "r" + std::to_string(i), std::string(5000, 'x')), audit_op("x")})), Outcome::committed);
  ASSERT_TRUE(store->backup(directory / "copy"));
  EXPECT_EQ(store->backup(directory / "copy").error().code, Errc::already_exists);
  struct stat info {};
  ASSERT_EQ(::stat((directory / "copy").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 077, 0u);
  auto wanted = options();
  wanted.path = directory / "copy";
  const auto copy = LmdbStore::open(wanted);
  ASSERT_TRUE(copy) << copy.error().message();
  EXPECT_EQ((*copy)->audit_root(), store->audit_root());
  EXPECT_EQ(get_text(**copy, Table::record, "r49").size(), 5000u);
}

TEST_F(LmdbStoreTest, writing_the_log_directly_is_our_own_bug) {
  const auto store = open();
  EXPECT_DEATH(commit_one(*store, set_of({put_op(Table::audit_entry, "12345678", "x")})), "broken rule");
  EXPECT_DEATH(commit_one(*store, set_of({del_op(Table::audit_hash, "12345678")})), "broken rule");
}

}  // namespace
}  // namespace liaison::store::test
