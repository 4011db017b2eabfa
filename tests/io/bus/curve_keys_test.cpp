// Key files: what is written is read, and every way a file can be wrong is refused with a reason.
#include "io/bus/curve_keys.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <iterator>

#include "tests/support/temporary_directory.h"

namespace liaison::bus {
namespace {

std::string content_of(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

struct KeyFile {
  support::TemporaryDirectory folder;
  std::string path = (folder / "wanjiru.key").string();
  CurveKeys keys = make_keys("wanjiru");
  void write(const std::string& content) {
    std::ofstream(path) << content;
    liaison_assert(::chmod(path.c_str(), 0600) == 0);
  }
};

TEST(KeyFile, is_private_and_comes_back_as_written) {
  KeyFile file;
  ASSERT_TRUE(create_key_file(file.path, person_key_header, file.keys));
  struct stat facts {};
  ASSERT_EQ(::stat(file.path.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0600u);
  const auto loaded = load_key_file(file.path, person_key_header);
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->name, "wanjiru");
  EXPECT_EQ(loaded->public_z85, file.keys.public_z85);
  EXPECT_TRUE(equal(loaded->secret_z85.reveal(), file.keys.secret_z85.reveal()));
  EXPECT_TRUE(content_of(file.path).starts_with("liaison person key v1\nname wanjiru\npublic "));
}

TEST(KeyFile, is_never_overwritten) {
  KeyFile file;
  ASSERT_TRUE(create_key_file(file.path, person_key_header, file.keys));
  const auto again = create_key_file(file.path, person_key_header, make_keys("otieno"));
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, Errc::already_exists);
  EXPECT_EQ(load_key_file(file.path, person_key_header)->name, "wanjiru");
}

TEST(KeyFile, that_others_may_read_is_refused) {
  KeyFile file;
  ASSERT_TRUE(create_key_file(file.path, person_key_header, file.keys));
  for (const mode_t mode : {0640u, 0604u, 0620u, 0601u}) {
    ASSERT_EQ(::chmod(file.path.c_str(), mode), 0);
    EXPECT_EQ(load_key_file(file.path, person_key_header).error().code, Errc::key_unprotected);
  }
}

TEST(KeyFile, missing_or_not_a_file_is_refused) {
  KeyFile file;
  EXPECT_EQ(load_key_file(file.path, person_key_header).error().code, Errc::key_missing);
  EXPECT_EQ(load_key_file(file.folder.path().string(), person_key_header).error().code, Errc::key_missing);
  EXPECT_EQ(create_key_file((file.folder / "none" / "x").string(), person_key_header, file.keys).error().code, Errc::store_failed);
}

TEST(KeyFile, truncated_anywhere_or_of_another_kind_is_refused_without_showing_it) {
  KeyFile file;
  ASSERT_TRUE(create_key_file(file.path, person_key_header, file.keys));
  const std::string whole = content_of(file.path);
  const std::string secret(text(file.keys.secret_z85.reveal()));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    file.write(whole.substr(0, size));
    const auto loaded = load_key_file(file.path, person_key_header);
    ASSERT_FALSE(loaded) << size;
    EXPECT_EQ(loaded.error().detail.find(secret.substr(0, 8)), std::string::npos);
  }
  for (const std::string& changed : {whole + "x", whole + "\n", whole + std::string(2000, 'x')}) {
    file.write(changed);
    EXPECT_FALSE(load_key_file(file.path, person_key_header));
  }
  file.write(whole);
  EXPECT_EQ(load_key_file(file.path, bus_key_header).error().code, Errc::bad_format);
}

TEST(KeyFile, with_a_public_key_of_another_pair_is_refused) {
  KeyFile file;
  file.keys.public_z85 = make_keys("other").public_z85;
  ASSERT_TRUE(create_key_file(file.path, person_key_header, file.keys));
  EXPECT_EQ(load_key_file(file.path, person_key_header).error().code, Errc::bad_format);
}

TEST(KeyFile, of_the_bus_is_made_at_the_first_start_and_kept) {
  KeyFile file;
  const auto first = load_or_create_bus_key(file.path, "ke.customs");
  const auto second = load_or_create_bus_key(file.path, "ke.customs");
  ASSERT_TRUE(first);
  ASSERT_TRUE(second);
  EXPECT_EQ(first->public_z85, second->public_z85);
}

TEST(PersonName, has_plain_characters_only) {
  for (const char* good : {"wanjiru", "a", "officer.2", "x_y-z"}) EXPECT_TRUE(is_person_name(good)) << good;
  for (const char* wrong : {"", ".a", "-a", "A", "a b", "a\n", "\xc3\xa9"}) EXPECT_FALSE(is_person_name(wrong)) << wrong;
  EXPECT_FALSE(is_person_name(std::string(65, 'a')));
}

}  // namespace
}  // namespace liaison::bus
