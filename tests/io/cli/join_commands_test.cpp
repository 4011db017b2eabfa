// Joining on real files, both sides: request, review, acceptance, anchor, installation; every refusal of a wrong anchor or a tampered request, and that refusals install nothing.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "admin-cli/command.h"
#include "core/directory/joining.h"
#include "tests/support/temporary_directory.h"

namespace liaison::cli {
namespace {

class Joining : public ::testing::Test {
 protected:
  struct Ran {
    int code;
    std::string said;
  };
  Ran run(const std::vector<std::string>& words) {
    std::istringstream in;
    std::ostringstream out, err;
    std::vector<const char*> argv{"liaison"};
    for (const auto& word : words) argv.push_back(word.c_str());
    const int code = cli::run(static_cast<int>(argv.size()), argv.data(), {in, out, err, false, false});
    return {code, out.str() + err.str()};
  }
  void must(const std::vector<std::string>& words, int code = 0) {
    const Ran ran = run(words);
    last_ = ran.said;
    ASSERT_EQ(ran.code, code) << words[0] << " " << words[1] << "\n" << ran.said;
  }
  std::string at(const std::string& name) const { return (dir_ / name).string(); }
  std::string word_after(const std::string& mark) const {
    const auto begin = last_.find(mark) + mark.size();
    return last_.substr(begin, last_.find_first_of(" \n", begin) - begin);
  }
  std::string read(const std::string& name) const {
    std::ifstream file(dir_ / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void write(const std::string& name, const std::string& content) const { std::ofstream(dir_ / name, std::ios::binary) << content; }
  std::vector<std::string> join(const std::string& folder, const std::string& out) const {
    return {"join", at(folder), "--agency", "ug.police", "--realm", "demo", "--type", "police", "--name", "en=Uganda Police", "--listen", "127.0.0.1:4654", "--endpoint", "127.0.0.1:4654",
            "--channel", "customs", "--topic", "wiretaps", "--hours", "Mo-Fr 08:00-17:00", "--zone", "Africa/Kampala", "--out", at(out)};
  }
  // A directory with one authority, the CA of Uganda, and a request of ug.police.
  void begin() {
    must({"ca", "init", at("ca"), "--realm", "demo", "--country", "ug"});
    must({"directory", "init", at("directory.json"), "--realm", "demo", "--authority-key", at("authority.key")});
    must(join("node", "request"));
    must({"directory", "review", at("request"), "--source", at("directory.json"), "--csr-folder", dir_.path().string()});
    must({"ca", "issue", at("ug.police.tls.csr"), "--ca", at("ca"), "--out", at("tls.pem")});
    must({"ca", "issue", at("ug.police.seal.csr"), "--ca", at("ca"), "--out", at("seal.pem")});
  }
  void sign(const std::string& file) {
    must({"directory", "make", at(file), "--source", at("directory.json")});
    must({"directory", "sign", at(file), "--authority-key", at("authority.key"), "--yes", word_after("\nsummary ")});
  }
  void accept_and_sign() {
    must({"directory", "accept", at("request"), "--source", at("directory.json"), "--ca", at("ca/ca.crt")});
    sign("v1");
  }

  support::TemporaryDirectory dir_;
  std::string last_;
};

TEST_F(Joining, OneFileOutAndOneFileBack) {
  begin();
  must({"directory", "review", at("request"), "--source", at("directory.json")});
  EXPECT_NE(last_.find("possession proved"), std::string::npos);
  EXPECT_NE(last_.find("no certificate authority of ug"), std::string::npos);
  must({"directory", "accept", at("request"), "--source", at("directory.json"), "--ca", at("ca/ca.crt"), "--dry-run"}, 8);
  EXPECT_NE(last_.find("WIDENS   ug.police could newly read what is addressed to ug.police"), std::string::npos);
  accept_and_sign();
  must({"directory", "anchor", at("v1"), "--request", at("request"), "--certificate", at("tls.pem"), "--seal-certificate", at("seal.pem"), "--out", at("anchor")});
  const std::string code = word_after("anchor code ");
  const std::string settings = read("node/node.json");
  must({"join", at("node"), "--anchor", at("anchor")}, 7);  // nobody was asked, nothing is installed
  must({"join", at("node"), "--anchor", at("anchor"), "--yes", "0123456789abcdef"}, 3);
  EXPECT_EQ(read("node/node.json"), settings);
  EXPECT_FALSE(std::filesystem::exists(dir_ / "node/directory.signed"));
  must({"join", at("node"), "--anchor", at("anchor"), "--yes", code});
  EXPECT_EQ(read("node/keys/tls.pem"), read("tls.pem"));
  EXPECT_EQ(read("node/keys/seal.pem"), read("seal.pem"));
  EXPECT_EQ(read("node/directory.signed"), read("v1"));
  EXPECT_NE(read("node/node.json").find("// Where other agencies reach this node."), std::string::npos);
  must({"join", at("node"), "--anchor", at("anchor"), "--yes", code});  // repeated after an interruption
  must({"who", "--topic", "WIRETAPS", "--settings", at("node/node.json"), "--lang", "es"});
  EXPECT_NE(last_.find("competente para: wiretaps"), std::string::npos);
  must({"who", "--agency", "ug.police", "--settings", at("node/node.json"), "--json"});
  EXPECT_NE(last_.find("\"topics\":[\"wiretaps\"]"), std::string::npos);
  must({"directory", "accept", at("request"), "--source", at("directory.json")}, 1);
  EXPECT_NE(last_.find("AGAINST  ug.police is in the directory already"), std::string::npos);
}

TEST_F(Joining, RequestIsRepeatedWithTheSameKeysAndHalfMadeKeysAreNamed) {
  must(join("node", "first"));
  must(join("node", "second"));
  const auto first = directory::parse_join_file(view(read("first"))), second = directory::parse_join_file(view(read("second")));
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->agency.keys[0].hash, second->agency.keys[0].hash);
  must(join("node", "second"), 2);  // never over a file
  std::filesystem::remove(dir_ / "node/keys/link.key");
  must(join("node", "third"), 2);
  EXPECT_NE(last_.find("has some keys but not link.key"), std::string::npos);
  auto other = join("node", "fourth");
  other[3] = "ug.customs";
  must(other, 2);
  auto wrong = join("elsewhere", "fifth");
  wrong[wrong.size() - 5] = "whenever";
  must(wrong, 2);
  EXPECT_NE(last_.find("--hours"), std::string::npos);
}

TEST_F(Joining, TamperedRequestIsRefused) {
  begin();
  std::string bytes = read("request");
  const auto name = bytes.find("Uganda Police");
  ASSERT_NE(name, std::string::npos);
  bytes.replace(name, 6, "Rwanda");
  write("tampered", bytes);
  must({"directory", "review", at("tampered"), "--source", at("directory.json")}, 1);
  must({"directory", "accept", at("tampered"), "--source", at("directory.json")}, 1);
  EXPECT_EQ(read("directory.json").find("Rwanda"), std::string::npos);
  write("empty", "");
  must({"directory", "review", at("empty"), "--source", at("directory.json")}, 1);
}

TEST_F(Joining, AnchorsThatDoNotFitTheNodeAreRefused) {
  begin();
  sign("v0");
  must({"directory", "anchor", at("v0"), "--request", at("request"), "--out", at("early")}, 4);
  EXPECT_NE(last_.find("is not a member in this version"), std::string::npos);
  accept_and_sign();
  must({"directory", "anchor", at("v1"), "--request", at("request"), "--out", at("bare")});
  const std::string code = word_after("anchor code ");
  must({"join", at("node"), "--anchor", at("bare"), "--yes", code}, 2);
  EXPECT_NE(last_.find("the anchor brings no tls certificate"), std::string::npos);
  must({"join", at("node"), "--anchor", at("bare"), "--certificate", at("seal.pem"), "--yes", code}, 3);  // wrong role
  // Another node of the same name has other keys.
  must(join("stranger", "other"));
  must({"join", at("stranger"), "--anchor", at("bare"), "--certificate", at("tls.pem"), "--yes", code}, 1);
  EXPECT_NE(last_.find("the directory holds other keys than the request did"), std::string::npos);
  // A directory of other authorities than those the anchor names.
  auto anchor = directory::parse_anchor_file(view(read("bare"))).value();
  anchor.pins.keys = {Hash{}};
  write("forged", std::string(text(directory::make_anchor_file(anchor))));
  must({"join", at("node"), "--anchor", at("forged"), "--certificate", at("tls.pem"), "--yes", directory::anchor_code(anchor)}, 6);
  anchor = directory::parse_anchor_file(view(read("bare"))).value();
  anchor.agency = "ug.customs";
  write("foreign", std::string(text(directory::make_anchor_file(anchor))));
  must({"join", at("node"), "--anchor", at("foreign"), "--certificate", at("tls.pem"), "--yes", code}, 3);
  EXPECT_FALSE(std::filesystem::exists(dir_ / "node/directory.signed"));
  must({"join", at("node"), "--anchor", at("bare"), "--certificate", at("tls.pem"), "--yes", code});
}

}  // namespace
}  // namespace liaison::cli
