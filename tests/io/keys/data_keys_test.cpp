// Data keys: durable before use, ids never repeated over clean and unclean restarts, gone once destroyed, unreadable without their month's KEK.
// A crash is a copy of the environment's file taken while the keys were in use.
#include "io/keys/data_keys.h"

#include <gtest/gtest.h>

#include <atomic>

#include "io/runtime/random.h"
#include "tests/support/temporary_directory.h"

namespace liaison::keys::test {
namespace {

class FixedClock final : public exchange::Clock {
 public:
  Time now() const override { return *parse_time(text_); }
  std::chrono::nanoseconds monotonic() const override { return {}; }
  std::string text_ = "2026-11-22T08:00:00.000Z";
};

class DataKeysTest : public testing::Test {
 protected:
  std::unique_ptr<DataKeys> open(Keks& keks, const std::filesystem::path& path, std::size_t block = 16) {
    auto keys = DataKeys::open({.path = path, .block_keys = block, .cache_keys = 4, .map_bytes = 64 << 20}, keks, clock, random);
    if (!keys) ADD_FAILURE() << keys.error().message();
    return keys ? std::move(*keys) : nullptr;
  }
  std::filesystem::path place() { return directory / "keys"; }
  support::TemporaryDirectory directory;
  FixedClock clock;
  runtime::SystemRandom random;
  Keks shared_keks{directory / "kek", SecretBytes(), random};
};

TEST_F(DataKeysTest, every_key_is_new_and_found_again_after_a_restart) {
  std::map<std::uint64_t, Bytes> handed_out;
  {
    const auto keys = open(shared_keks, place());
    for (int i = 0; i < 50; ++i) {
      const auto key = keys->next();
      ASSERT_TRUE(key);
      ASSERT_EQ(key->key.reveal().size(), 32u);
      EXPECT_TRUE(handed_out.emplace(key->id, to_bytes(key->key.reveal())).second);
      EXPECT_TRUE(equal(keys->find(key->id)->reveal(), key->key.reveal()));
    }
  }
  Keks again(directory / "kek", SecretBytes(), random);
  const auto keys = open(again, place());
  for (const auto& [id, key] : handed_out) EXPECT_TRUE(equal(keys->find(id)->reveal(), key)) << id;
  EXPECT_FALSE(handed_out.contains(keys->next()->id));
}

TEST_F(DataKeysTest, a_key_is_on_disk_before_it_is_handed_out_and_no_id_repeats_after_a_crash) {
  std::vector<exchange::KeyHolder::DataKey> handed_out;
  const auto keys = open(shared_keks, place());
  for (int i = 0; i < 20; ++i) handed_out.push_back(*keys->next());
  ASSERT_TRUE(store::make_private_directory(directory / "crashed"));
  std::filesystem::copy_file(place() / "data.mdb", directory / "crashed" / "data.mdb");
  const auto after = open(shared_keks, directory / "crashed");
  std::set<std::uint64_t> ids;
  for (const auto& key : handed_out) {
    EXPECT_TRUE(equal(after->find(key.id)->reveal(), key.key.reveal()));
    ids.insert(key.id);
  }
  for (int i = 0; i < 40; ++i) EXPECT_TRUE(ids.insert(after->next()->id).second);
}

TEST_F(DataKeysTest, many_threads_never_get_the_same_key) {
  const auto keys = open(shared_keks, place());
  std::mutex mutex;
  std::set<std::uint64_t> ids;
  std::atomic<int> repeated{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 100; ++i) {
        const auto key = keys->next();
        const std::lock_guard lock(mutex);
        if (!key || !ids.insert(key->id).second) ++repeated;
      }
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(repeated, 0);
  EXPECT_EQ(ids.size(), 400u);
}

TEST_F(DataKeysTest, a_destroyed_key_is_not_found_even_when_it_was_cached) {
  auto keys = open(shared_keks, place());
  const auto first = *keys->next();
  const std::uint64_t second = keys->next()->id;
  ASSERT_TRUE(keys->find(first.id));
  const std::uint64_t gone[] = {first.id, 999'999};
  ASSERT_TRUE(keys->destroy(gone));
  EXPECT_EQ(keys->find(first.id).error().code, Errc::not_found);
  EXPECT_TRUE(keys->find(second));
  keys.reset();
  keys = open(shared_keks, place());
  EXPECT_EQ(keys->find(first.id).error().code, Errc::not_found);
  EXPECT_NE(keys->next()->id, first.id);
}

TEST_F(DataKeysTest, each_month_has_its_own_kek_and_a_lost_one_is_named) {
  std::uint64_t november = 0, december = 0;
  {
    const auto keys = open(shared_keks, place());
    november = keys->next()->id;
  }
  clock.text_ = "2026-12-01T00:00:00.000Z";
  {
    const auto keys = open(shared_keks, place());
    december = keys->next()->id;
  }
  EXPECT_TRUE(std::filesystem::exists(directory / "kek" / "2026-11.kek"));
  std::filesystem::remove(directory / "kek" / "2026-11.kek");
  Keks again(directory / "kek", SecretBytes(), random);
  const auto keys = open(again, place());
  EXPECT_TRUE(keys->find(december));
  const auto lost = keys->find(november);
  EXPECT_EQ(lost.error().code, Errc::key_missing);
  EXPECT_NE(lost.error().detail.find("2026-11.kek"), std::string::npos);
}

TEST_F(DataKeysTest, rows_do_not_hold_the_key_in_clear) {
  const auto keys = open(shared_keks, place());
  const auto key = *keys->next();
  const Bytes file = *store::read_file(place() / "data.mdb", 64 << 20);
  EXPECT_EQ(text(file).find(text(key.key.reveal())), std::string_view::npos);
}

TEST_F(DataKeysTest, the_cache_stays_within_its_bound_and_keeps_what_is_used) {
  KeyCache cache(10);
  for (std::uint64_t id = 0; id < 100; ++id) {
    cache.put(id, SecretBytes(32));
    EXPECT_LE(cache.size(), 12u);
    if (id > 0) {
      EXPECT_TRUE(cache.find(id - 1));
    }
  }
  EXPECT_FALSE(cache.find(1));
}

class KekTest : public DataKeysTest {};

TEST_F(KekTest, a_passphrase_protects_the_file_and_a_wrong_one_is_named) {
  Keks sealed(directory / "kek", SecretBytes(view("correct horse")), random);
  const auto key = sealed.key(202611, Keks::Missing::make);
  ASSERT_TRUE(key);
  const auto file = directory / "kek" / "2026-11.kek";
  EXPECT_EQ(text(*store::read_file(file, 256)).find(text(key->reveal())), std::string_view::npos);
  Keks again(directory / "kek", SecretBytes(view("correct horse")), random);
  EXPECT_TRUE(equal(again.key(202611, Keks::Missing::refuse)->reveal(), key->reveal()));
  Keks wrong(directory / "kek", SecretBytes(view("wrong")), random);
  EXPECT_EQ(wrong.key(202611, Keks::Missing::make).error().code, Errc::key_missing);
  Keks none(directory / "kek", SecretBytes(), random);
  EXPECT_NE(none.key(202611, Keks::Missing::make).error().detail.find("passphrase_file"), std::string::npos);
}

TEST_F(KekTest, cut_files_and_open_files_are_refused_and_never_replaced) {
  ASSERT_TRUE(shared_keks.key(202611, Keks::Missing::make));
  const auto file = directory / "kek" / "2026-11.kek";
  const Bytes good = *store::read_file(file, 256);
  for (std::size_t size = 0; size < good.size(); ++size) {
    ASSERT_TRUE(store::write_durably(file, ByteView(good).first(size)));
    Keks again(directory / "kek", SecretBytes(), random);
    EXPECT_EQ(again.key(202611, Keks::Missing::make).error().code, Errc::key_missing) << size;
    EXPECT_EQ(std::filesystem::file_size(file), size);
  }
  ASSERT_TRUE(store::write_durably(file, good, 0640));
  std::filesystem::permissions(file, std::filesystem::perms(0640));
  Keks again(directory / "kek", SecretBytes(), random);
  EXPECT_EQ(again.key(202611, Keks::Missing::make).error().code, Errc::key_unprotected);
}

TEST(MonthTest, follows_the_calendar) {
  EXPECT_EQ(month_of(*parse_time("2026-12-31T23:59:59.999Z")), 202612u);
  EXPECT_EQ(month_of(*parse_time("2027-01-01T00:00:00.000Z")), 202701u);
  EXPECT_EQ(to_string(Month{202701}), "2027-01");
}

}  // namespace
}  // namespace liaison::keys::test
