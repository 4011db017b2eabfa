// The command line without a node: one table of commands and exit codes, help with examples, usage errors, connection files, node init, safe printing.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "admin-cli/command.h"
#include "admin-cli/connection.h"
#include "admin-cli/print.h"
#include "core/exchange/rights.h"
#include "io/config/settings.h"
#include "tests/support/temporary_directory.h"

namespace liaison::cli {
namespace {

std::string readme() {
  std::ifstream file(std::string(LIAISON_SOURCE_DIR) + "/admin-cli/README.md");
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

struct Ran {
  int code = 0;
  std::string out, err;
};
Ran run_with(const std::string& arguments) {
  std::istringstream in;
  std::ostringstream out, err;
  std::vector<std::string> words{"liaison"};
  std::istringstream split(arguments);
  for (std::string one; split >> one;) words.push_back(one);
  std::vector<const char*> argv;
  for (const auto& one : words) argv.push_back(one.c_str());
  const int code = run(static_cast<int>(argv.size()), argv.data(), {in, out, err, false, false});
  return {code, out.str(), err.str()};
}

class Cli : public testing::Test {
 protected:
  void SetUp() override {
    ::unsetenv("LIAISON_NODE");
    ::unsetenv("LIAISON_PERSON");
    ::setenv("LC_ALL", "C.UTF-8", 1);
  }
};

// A row of the table of roles as the rights of the node say it.
std::string rights_row(const std::string& role) {
  using api::Request;
  std::string row = "| `" + role + "` |";
  for (const auto request : {Request::AskRecord, Request::Submit, Request::DecideHeld, Request::Fetch, Request::AskAudit, Request::PersonAdd, Request::LoadPolicy, Request::RepairLedger})
    row += exchange::may(role, request) ? " yes |" : " |";
  return row + "\n";
}

TEST_F(Cli, roles_may_what_the_readme_says) {
  const std::string text = readme(), roles = exchange::known_roles();
  std::istringstream split(roles);
  std::size_t rows = 0;
  for (std::string role; std::getline(split, role, ',');) {
    const std::string row = rights_row(role.substr(role.find_first_not_of(' ')));
    EXPECT_NE(text.find(row), std::string::npos) << row;
    ++rows;
  }
  EXPECT_EQ(rows, 9U);
}

TEST_F(Cli, exit_codes_are_those_of_the_readme) {
  const std::string text = readme();
  std::size_t rows = 0;
  for (const auto& line : exit_table()) {
    EXPECT_NE(text.find("| " + std::to_string(code(line.code)) + " | " + std::string(line.meaning) + " |\n"), std::string::npos) << line.meaning;
    ++rows;
  }
  const std::size_t table = text.find("## Exit codes");
  ASSERT_NE(table, std::string::npos);
  const std::string section = text.substr(table, text.find("\n## ", table + 4) - table);
  EXPECT_EQ(static_cast<std::size_t>(std::count(section.begin(), section.end(), '\n')), rows + 4);  // heading, blank, two head rows
}

TEST_F(Cli, every_command_stands_in_the_readme) {
  const std::string text = readme();
  for (const auto& command : commands()) EXPECT_NE(text.find("`" + std::string(command.words) + "`"), std::string::npos) << command.words;
}

TEST_F(Cli, every_help_shows_its_example_and_the_exit_codes) {
  for (const auto& command : commands()) {
    const Ran ran = run_with(std::string(command.words) + " --help");
    EXPECT_EQ(ran.code, 0) << command.words;
    EXPECT_NE(ran.out.find(command.example), std::string::npos) << command.words;
    EXPECT_NE(ran.out.find("liaison " + std::string(command.words)), std::string::npos) << command.words;
    EXPECT_NE(ran.out.find("Exit codes:"), std::string::npos) << command.words;
    EXPECT_EQ(command.example.substr(0, 8 + command.words.size()), "liaison " + std::string(command.words));
  }
}

TEST_F(Cli, the_overview_names_every_command) {
  const Ran ran = run_with("--help");
  EXPECT_EQ(ran.code, 0);
  for (const auto& command : commands()) EXPECT_NE(ran.out.find("  " + std::string(command.words)), std::string::npos) << command.words;
}

TEST_F(Cli, wrong_usage_is_named_with_where_to_look) {
  for (const char* words : {"", "nonsense", "audit", "inbox --colour", "send ecomessage", "audit show x", "directory sign"}) {
    const Ran ran = run_with(words);
    EXPECT_EQ(ran.code, code(Exit::usage_or_file)) << words;
    EXPECT_NE(ran.err.find("--help"), std::string::npos) << words;
    EXPECT_EQ(ran.out, "") << words;
  }
  EXPECT_NE(run_with("inbox --lang de").err.find("en, fr, es or ar"), std::string::npos);
}

TEST_F(Cli, a_command_for_a_node_says_which_files_it_needs) {
  const Ran no_node = run_with("inbox");
  EXPECT_EQ(no_node.code, code(Exit::usage_or_file));
  EXPECT_NE(no_node.err.find("LIAISON_NODE"), std::string::npos);
  const Ran no_file = run_with("inbox --node /nowhere/connection.json --as /nowhere/me.person");
  EXPECT_NE(no_file.err.find("/nowhere/connection.json"), std::string::npos);
}

TEST_F(Cli, errors_have_the_exit_code_of_their_kind) {
  EXPECT_EQ(exit_of(Errc::busy), Exit::try_again);
  EXPECT_EQ(exit_of(Errc::disk_full), Exit::try_again);
  EXPECT_EQ(exit_of(Errc::not_permitted), Exit::not_permitted);
  EXPECT_EQ(exit_of(Errc::not_admitted), Exit::not_permitted);
  EXPECT_EQ(exit_of(Errc::not_found), Exit::not_found);
  EXPECT_EQ(exit_of(Errc::wrong_root), Exit::not_proved);
  EXPECT_EQ(exit_of(Errc::incomplete), Exit::refused);
  EXPECT_EQ(exit_of(Errc::key_unprotected), Exit::usage_or_file);
}

TEST_F(Cli, a_connection_file_reads_back_and_every_field_is_needed) {
  const Connection connection{"ke.customs", "ipc:///run/liaison/bus", "ipc:///run/liaison/bus.events", std::string(40, 'a')};
  const std::string json = to_json(connection);
  const auto read = parse_connection(json, "connection.json");
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(read->requests, connection.requests);
  EXPECT_EQ(read->server_key_z85, connection.server_key_z85);
  for (const char* field : {"agency", "requests", "events", "server_key"}) {
    std::string without = json;
    without.replace(without.find(field), 1, "x");
    const auto refused = parse_connection(without, "connection.json");
    ASSERT_FALSE(refused) << field;
    EXPECT_EQ(refused.error().code, Errc::invalid_settings);
    EXPECT_NE(refused.error().detail.find(field), std::string::npos);
  }
  for (std::size_t length = 0; length + 2 < json.size(); ++length) EXPECT_FALSE(parse_connection(json.substr(0, length), "connection.json")) << length;
}

TEST_F(Cli, events_stand_beside_the_requests) {
  EXPECT_EQ(events_of("ipc:///run/bus"), "ipc:///run/bus.events");
  EXPECT_EQ(events_of("tcp://127.0.0.1:5650"), "tcp://127.0.0.1:5651");
}

TEST_F(Cli, node_init_makes_private_folders_and_settings_the_node_reads) {
  const support::TemporaryDirectory directory;
  const std::string node = (directory / "n").string();
  const std::string words = "node init " + node + " --agency ke.customs --realm demo --listen 127.0.0.1:4650 --authority " + std::string(43, 'A') + "=";
  const Ran ran = run_with(words);
  ASSERT_EQ(ran.code, 0) << ran.err;
  for (const char* part : {"", "/data", "/keys", "/guard", "/run", "/administrator.person", "/node.json", "/keys/bus.key"}) {
    struct stat facts {};
    ASSERT_EQ(::stat((node + part).c_str(), &facts), 0) << part;
    EXPECT_EQ(facts.st_mode & 077, 0u) << part;
  }
  const auto settings = config::load_settings(node + "/node.json");
  ASSERT_TRUE(settings) << settings.error().message();
  EXPECT_EQ(settings->agency, "ke.customs");
  EXPECT_TRUE(settings->bus.first_administrator.has_value());
  const auto connection = load_connection(node + "/connection.json");
  ASSERT_TRUE(connection) << connection.error().message();
  EXPECT_EQ(connection->requests, settings->bus.endpoints.front());
  const Ran again = run_with(words);
  EXPECT_EQ(again.code, code(Exit::usage_or_file));
  EXPECT_NE(again.err.find("nothing was changed"), std::string::npos);
}

TEST_F(Cli, node_init_refuses_what_nobody_could_reach) {
  const support::TemporaryDirectory directory;
  const std::string node = (directory / "n").string();
  EXPECT_NE(run_with("node init " + node + " --agency nobody --realm demo --listen 127.0.0.1:4650").err.find("agency id"), std::string::npos);
  EXPECT_NE(run_with("node init " + node + " --agency ke.customs --realm demo --listen 127.0.0.1:0").err.find("fixed port"), std::string::npos);
  EXPECT_NE(run_with("node init " + node + " --agency ke.customs --realm demo --listen 127.0.0.1:4650 --bus tcp://here:abc").err.find("endpoints"), std::string::npos);
  EXPECT_NE(run_with("node init " + node + " --agency ke.customs --realm demo --listen nowhere").err.find("listen"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(node));
  EXPECT_NE(run_with("node init " + node + std::string(120, 'x') + " --agency ke.customs --realm demo --listen 127.0.0.1:4650").err.find("too long"), std::string::npos);
}

TEST_F(Cli, tables_are_aligned_made_visible_and_coloured_only_on_a_terminal) {
  std::istringstream in;
  for (const bool terminal : {false, true}) {
    std::ostringstream out, err;
    const Context context{{in, out, err, false, terminal}, "inbox", {}, {}, {}, false, 1};
    print_table(context, {{"A", "STATE"}, {{"long value", "refused"}, {"\x1b[31m", "delivered"}}}, "nothing");
    EXPECT_EQ(out.str().find("\x1b[31m") != std::string::npos, terminal);
    EXPECT_NE(out.str().find("<U+001B>[31m"), std::string::npos);
    if (!terminal) {
      EXPECT_EQ(out.str(), "A             STATE\nlong value    refused\n<U+001B>[31m  delivered\n");
    }
    std::ostringstream empty;
    const Context other{{in, empty, err, false, terminal}, "inbox", {}, {}, {}, false, 1};
    print_table(other, {{"A"}, {}}, "nothing");
    EXPECT_EQ(empty.str(), "nothing\n");
  }
}

}  // namespace
}  // namespace liaison::cli
