// Private and durable files: what is refused and with which cure, that nothing is overwritten by accident.
#include "io/store/files.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/support/temporary_directory.h"

namespace liaison::store::test {
namespace {

TEST(FilesTest, durable_writes_replace_whole_files_and_creations_never_do) {
  support::TemporaryDirectory directory;
  const auto file = directory / "a";
  ASSERT_TRUE(write_durably(file, view("one")));
  ASSERT_TRUE(write_durably(file, view("two")));
  EXPECT_EQ(*read_file(file, 10), to_bytes("two"));
  EXPECT_EQ(create_durably(file, view("three")).error().code, Errc::already_exists);
  EXPECT_EQ(*read_file(file, 10), to_bytes("two"));
  ASSERT_TRUE(create_durably(directory / "b", view("four")));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(directory.path()), {}), 2);
}

TEST(FilesTest, private_files_must_be_private_and_of_bounded_size) {
  support::TemporaryDirectory directory;
  const auto file = directory / "key";
  EXPECT_EQ(read_private_file(file, 10).error().code, Errc::key_missing);
  ASSERT_TRUE(write_durably(file, view("secret")));
  EXPECT_TRUE(equal(read_private_file(file, 10)->reveal(), view("secret")));
  EXPECT_EQ(read_private_file(file, 5).error().code, Errc::limit_exceeded);
  for (const mode_t mode : {0640, 0604, 0610, 0602}) {
    ASSERT_EQ(::chmod(file.c_str(), mode), 0);
    const auto read = read_private_file(file, 10);
    ASSERT_FALSE(read) << mode;
    EXPECT_EQ(read.error().code, Errc::key_unprotected);
    EXPECT_NE(read.error().detail.find("chmod 600 " + file.string()), std::string::npos);
  }
  EXPECT_EQ(read_private_file(directory.path(), 10).error().code, Errc::key_missing);
}

TEST(FilesTest, reading_says_what_is_absent_or_too_large) {
  support::TemporaryDirectory directory;
  EXPECT_EQ(read_file(directory / "none", 10).error().code, Errc::not_found);
  ASSERT_TRUE(write_durably(directory / "a", view("12345")));
  EXPECT_EQ(read_file(directory / "a", 4).error().code, Errc::limit_exceeded);
}

TEST(FilesTest, a_directory_has_one_holder_at_a_time) {
  support::TemporaryDirectory directory;
  {
    const auto lock = DirectoryLock::acquire(directory.path());
    ASSERT_TRUE(lock);
    EXPECT_EQ(DirectoryLock::acquire(directory.path()).error().code, Errc::busy);
  }
  EXPECT_TRUE(DirectoryLock::acquire(directory.path()));
}

}  // namespace
}  // namespace liaison::store::test
