// What a log line looks like and what it cannot contain.
#include "io/runtime/log.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <iterator>

#include "tests/support/temporary_directory.h"

namespace liaison::runtime {
namespace {

TEST(LogValue, hides_nothing_and_obeys_nothing) {
  EXPECT_EQ(escape_value("ke.ncb"), "ke.ncb");
  EXPECT_EQ(escape_value(""), "\"\"");
  EXPECT_EQ(escape_value("two words"), "\"two words\"");
  EXPECT_EQ(escape_value("a\nlevel=error"), "\"a\\u{a}level=error\"");
  EXPECT_EQ(escape_value("\x1b[2J"), "\\u{1b}[2J");
  EXPECT_EQ(escape_value("a\xe2\x80\xae" "b"), "a\\u{202e}b");        // right-to-left override
  EXPECT_EQ(escape_value("\xd8\xac"), "\xd8\xac");                    // Arabic stays readable
  EXPECT_EQ(escape_value("\xff\xc0\xaf"), "\\xff\\xc0\\xaf");          // not UTF-8
  EXPECT_EQ(escape_value("\xed\xa0\x80"), "\\xed\\xa0\\x80");          // a surrogate
  EXPECT_EQ(escape_value("say \"x\""), "\"say \\\"x\\\"\"");
  EXPECT_LT(escape_value(std::string(10'000, 'x')).size(), 300u);
}

TEST(LogLine, is_one_line_of_names_and_values) {
  EXPECT_EQ(format_line("session_open", {{"peer", "ke.ncb"}, {"session", 7}, {"why", std::string("a b")}}), "session_open peer=ke.ncb session=7 why=\"a b\"");
}

TEST(LineLimit, lets_one_line_a_second_pass_and_counts_the_rest) {
  using namespace std::chrono_literals;
  const auto start = std::chrono::steady_clock::now();
  LineLimit limit;
  EXPECT_EQ(limit.pass(start), 0u);
  for (int i = 0; i < 50; ++i) EXPECT_EQ(limit.pass(start + i * 10ms), std::nullopt);
  EXPECT_EQ(limit.pass(start + 1s), 50u);
  EXPECT_EQ(limit.pass(start + 1999ms), std::nullopt);
  EXPECT_EQ(limit.pass(start + 2s), 1u);
  EXPECT_EQ(limit.pass(start + 10s), 0u);
}

// Message content is bytes; it does not become a field.
static_assert(!std::is_constructible_v<LogField, std::string_view, Bytes>);
static_assert(!std::is_constructible_v<LogField, std::string_view, ByteView>);
static_assert(!std::is_constructible_v<LogField, std::string_view, const SecretBytes&>);

TEST(LogFile, gets_lines_of_its_level_with_time_and_is_not_for_everybody) {
  support::TemporaryDirectory folder;
  const std::string path = (folder / "node.log").string();
  ASSERT_TRUE(start_logging({path, Level::warning}));
  log_line(Level::info, "not_written");
  log_line(Level::warning, "alarm", {{"peer", "ke.ncb"}});
  stop_logging();
  std::ifstream file(path);
  const std::string content{std::istreambuf_iterator<char>(file), {}};
  EXPECT_TRUE(content.ends_with("Z warning alarm peer=ke.ncb\n")) << content;
  EXPECT_EQ(content.find("not_written"), std::string::npos);
  EXPECT_EQ(content.find('T'), 10u);
  struct stat facts {};
  ASSERT_EQ(::stat(path.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0007, 0u);
  EXPECT_EQ(start_logging({"/no/such/folder/x.log", Level::info}).error().code, Errc::invalid_settings);
}

}  // namespace
}  // namespace liaison::runtime
