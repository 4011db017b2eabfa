// Settings: what is accepted, which defaults fill the rest, and that every mistake is refused with file, line, field and cure.
#include "io/config/settings.h"

#include <gtest/gtest.h>

#include <fstream>
#include <map>

#include "tests/support/temporary_directory.h"

namespace liaison::config::test {
namespace {

const std::string hash_a = to_base64(Hash{1});
const std::string hash_b = to_base64(Hash{2});

// One line per field, so that a test can replace or drop one.
class Text {
 public:
  Text& set(const std::string& field, const std::string& value) {
    fields_[field] = value;
    return *this;
  }
  Text& drop(const std::string& field) {
    fields_.erase(field);
    return *this;
  }
  std::string str() const {
    std::string out = "// a node\n{\n";
    for (auto field = fields_.begin(); field != fields_.end(); ++field) out += (field == fields_.begin() ? "" : ",\n") + ("\"" + field->first + "\": " + field->second);
    return out + "\n}\n";
  }

 private:
  std::map<std::string, std::string> fields_{
      {"agency", "\"ke.customs\""},
      {"authorities", "{\"threshold\": 1, \"keys\": [\"" + hash_a + "\", \"" + hash_b + "\"]}"},
      {"bus", "{\"endpoints\": [\"ipc:///run/liaison/node\", \"tcp://127.0.0.1:0\"]}"},
      {"data_dir", "\"data\""},
      {"directory_file", "\"/etc/liaison/directory.bin\""},
      {"listen", "\"[::1]:0\""},
      {"realm", "\"demo-exercise\""},
  };
};

Result<Settings> parse(const std::string& chars) { return parse_settings(chars, "/etc/liaison/node.json"); }
std::string refusal(const std::string& chars) {
  const auto settings = parse(chars);
  if (settings) return "accepted";
  EXPECT_EQ(settings.error().code, Errc::invalid_settings);
  return settings.error().detail;
}
bool has(const std::string& chars, std::string_view part) { return chars.find(part) != std::string::npos; }

TEST(SettingsTest, takes_the_least_and_fills_in_the_rest) {
  const auto settings = parse(Text().str());
  ASSERT_TRUE(settings) << settings.error().message();
  EXPECT_EQ(settings->agency, "ke.customs");
  EXPECT_EQ(settings->realm, "demo-exercise");
  EXPECT_EQ(settings->data_dir, "/etc/liaison/data");
  EXPECT_EQ(settings->keys_dir, "/etc/liaison/data/secret");
  EXPECT_EQ(settings->last_signed_file, "/etc/liaison/data/last_signed");
  EXPECT_EQ(settings->passphrase_file, "");
  EXPECT_EQ(settings->authorities.threshold, 1u);
  EXPECT_EQ(settings->authorities.keys, (std::vector{Hash{1}, Hash{2}}));
  EXPECT_EQ(settings->listen, (Address{"::1", 0}));
  EXPECT_EQ(settings->bus.endpoints, (std::vector<std::string>{"ipc:///run/liaison/node", "tcp://127.0.0.1:0"}));
  EXPECT_EQ(settings->bus.key_file, "/etc/liaison/data/secret/bus.key");
  EXPECT_FALSE(settings->bus.first_administrator);
  EXPECT_EQ(settings->log_level, LogLevel::info);
  EXPECT_FALSE(settings->metrics);
  EXPECT_FALSE(settings->force_alg1);
  EXPECT_EQ(settings->map_bytes, 64ULL << 30);
}

TEST(SettingsTest, takes_everything) {
  Text text;
  text.set("keys_dir", "\"/secret\"").set("passphrase_file", "\"../pass\"").set("last_signed_file", "\"/mnt/last\"").set("log_level", "\"debug\"").set("metrics", "\"127.0.0.1:9464\"");
  text.set("certificate_file", "\"chain.pem\"").set("policy_file", "\"ke.policy.json\"").set("defaults", "{\"purpose\": \"border\", \"handling\": [\"TLP:RED\"], \"review_days\": 30}").set("force_alg1", "true /* slow */").set("map_bytes", "1073741824");
  text.set("bus", "{\"endpoints\": [\"ipc://node\"], \"key_file\": \"b.key\", \"first_administrator\": \"" + std::string(64, 'a') + "\"}");
  const auto settings = parse(text.str());
  ASSERT_TRUE(settings) << settings.error().message();
  EXPECT_EQ(settings->keys_dir, "/secret");
  EXPECT_EQ(settings->passphrase_file, "/etc/pass");
  EXPECT_EQ(settings->log_level, LogLevel::debug);
  EXPECT_EQ(to_string(*settings->metrics), "127.0.0.1:9464");
  EXPECT_EQ(settings->certificate_file, "/etc/liaison/chain.pem");
  EXPECT_EQ(settings->policy_file, "/etc/liaison/ke.policy.json");
  EXPECT_EQ(settings->defaults.purpose, "border");
  EXPECT_EQ(settings->defaults.channel, "interpol");
  EXPECT_EQ(settings->defaults.handling, std::vector<std::string>{"TLP:RED"});
  EXPECT_EQ(settings->defaults.review_days, 30U);
  EXPECT_TRUE(settings->force_alg1);
  EXPECT_EQ(settings->map_bytes, 1ULL << 30);
  EXPECT_EQ(settings->bus.first_administrator->at(31), 0xAA);
}

TEST(SettingsTest, refuses_a_review_period_without_end) {
  for (const std::string days : {"0", "1828"}) EXPECT_TRUE(has(refusal(Text().set("defaults", "{\"review_days\": " + days + "}").str()), "defaults.review_days")) << days;
}

TEST(SettingsTest, names_every_missing_field_with_an_example) {
  for (const std::string field : {"agency", "realm", "data_dir", "directory_file", "listen"}) {
    const auto why = refusal(Text().drop(field).str());
    EXPECT_TRUE(has(why, "/etc/liaison/node.json: field '" + field + "' is missing")) << why;
    EXPECT_TRUE(has(why, "for example \"" + field + "\": ")) << why;
  }
  EXPECT_TRUE(has(refusal(Text().drop("authorities").str()), "field 'authorities' names no keys"));
  EXPECT_TRUE(has(refusal(Text().drop("bus").str()), "field 'bus' names no endpoints"));
}

TEST(SettingsTest, refuses_wrong_types_with_file_and_line) {
  // agency stands in line 3 of the text
  for (const std::string value : {"null", "1", "true", "ke.customs", "[\"ke.customs\"]", "{}", "\"\"", "'ke.customs'"}) {
    const auto why = refusal(Text().set("agency", value).str());
    EXPECT_TRUE(has(why, "/etc/liaison/node.json:3: ")) << value << ": " << why;
    EXPECT_TRUE(has(why, "'agency'")) << why;
  }
  for (const std::string value : {"\"1073741824\"", "1e10", "1.5", "-1", "007", "null", "true", "[1]", "99999999999999999999999"}) EXPECT_TRUE(has(refusal(Text().set("map_bytes", value).str()), "node.json:9: field 'map_bytes'")) << value;
  EXPECT_TRUE(has(refusal(Text().set("authorities", "{\"threshold\": 257, \"keys\": [\"" + hash_a + "\"]}").str()), "node.json:4: field 'authorities.threshold' is too large"));
  for (const std::string value : {"\"true\"", "1", "0", "null", "yes", "trueish"}) EXPECT_TRUE(has(refusal(Text().set("force_alg1", value).str()), "force_alg1")) << value;
  for (const std::string value : {"\"x\"", "{}", "[1]", "[null]", "[[\"ipc://a\"]]", "null"}) EXPECT_TRUE(has(refusal(Text().set("bus", "{\"endpoints\": " + value + "}").str()), "bus")) << value;
}

TEST(SettingsTest, refuses_unknown_and_repeated_fields) {
  const auto unknown = refusal(Text().set("agencies", "\"x\"").str());
  EXPECT_TRUE(has(unknown, "node.json:3: unknown field 'agencies'")) << unknown;
  EXPECT_TRUE(has(unknown, "known are: agency, realm,")) << unknown;
  EXPECT_TRUE(has(refusal(Text().set("bus", "{\"endpoint\": []}").str()), "unknown field 'bus.endpoint'"));
  std::string twice = Text().str();
  twice.insert(twice.find("\"realm\""), "\"agency\": \"ke.ncb\",\n");
  EXPECT_TRUE(has(refusal(twice), "'agency' is there twice"));
}

TEST(SettingsTest, names_the_keys_of_a_token) {
  const auto settings = parse(Text().set("pkcs11", R"({"module": "/lib/token.so", "token": "hub", "pin_file": "pin", "seal": "seal key"})").str());
  ASSERT_TRUE(settings) << settings.error().message();
  EXPECT_EQ(settings->pkcs11->module, "/lib/token.so");
  EXPECT_EQ(settings->pkcs11->token, "hub");
  EXPECT_EQ(settings->pkcs11->pin_file, "/etc/liaison/pin");
  EXPECT_EQ(settings->pkcs11->seal, "seal key");
  EXPECT_EQ(settings->pkcs11->tls, "");
  EXPECT_FALSE(parse(Text().str())->pkcs11);
  for (const std::string value : {R"({"token": "hub", "seal": "a"})", R"({"module": "/m", "seal": "a"})", R"({"module": "/m", "token": "hub"})", R"({"module": "/m", "token": "hub", "seal": "a", "tls": "a"})",
                                  R"({"module": "/m", "token": "012345678901234567890123456789012", "seal": "a"})"})
    EXPECT_TRUE(has(refusal(Text().set("pkcs11", value).str()), "field 'pkcs11")) << value;
}

TEST(SettingsTest, refuses_values_that_make_no_sense) {
  const auto refused = [](const std::string& field, const std::string& value) { return has(refusal(Text().set(field, value).str()), "field '" + field); };
  for (const std::string value : {"\"Ke.customs\"", "\"kenya\"", "\"ke.\"", "\"../x\""}) EXPECT_TRUE(refused("agency", value)) << value;
  for (const std::string value : {"\"Demo\"", "\"a b\"", "\"-a\"", "\"a\\nb\""}) EXPECT_TRUE(refused("realm", value)) << value;
  for (const std::string value : {"\"4650\"", "\"host\"", "\"host:\"", "\":1\"", "\"host:65536\"", "\"::1:4650\"", "\"h:+1\"", "\"h: 1\"", "\"h:1x\""}) EXPECT_TRUE(refused("listen", value)) << value;
  for (const std::string value : {"\"x\"", "\"INFO\""}) EXPECT_TRUE(refused("log_level", value)) << value;
  for (const std::string value : {"0", "1048576", "18446744073709551615"}) EXPECT_TRUE(refused("map_bytes", value)) << value;
  EXPECT_TRUE(refused("data_dir", "\"a\\u0000b\""));
  EXPECT_TRUE(refused("authorities", "{\"threshold\": 0, \"keys\": [\"" + hash_a + "\"]}"));
  EXPECT_TRUE(refused("authorities", "{\"threshold\": 2, \"keys\": [\"" + hash_a + "\"]}"));
  EXPECT_TRUE(refused("authorities", "{\"threshold\": 1, \"keys\": [\"" + hash_a + "\", \"" + hash_a + "\"]}"));
  EXPECT_TRUE(refused("authorities", "{\"threshold\": 1, \"keys\": [\"abc\"]}"));
  EXPECT_TRUE(refused("bus", "{\"endpoints\": [\"inproc://x\"]}"));
  EXPECT_TRUE(refused("bus", "{\"endpoints\": [\"ipc://" + std::string(200, 'x') + "\"]}"));
  EXPECT_TRUE(refused("bus", "{\"endpoints\": [\"ipc://x\"], \"first_administrator\": \"short\"}"));
}

TEST(SettingsTest, every_cut_and_most_damage_is_refused_without_harm) {
  const std::string good = Text().str();
  for (std::size_t size = 0; size + 2 < good.size(); ++size) EXPECT_NE(refusal(good.substr(0, size)), "accepted") << size;
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = '\0';
    if (i < 9) continue;  // the first line is a comment
    EXPECT_NE(refusal(bad), "accepted") << i;
  }
  EXPECT_NE(refusal(good + "x"), "accepted");
  EXPECT_NE(refusal(""), "accepted");
  EXPECT_NE(refusal("/* never closed"), "accepted");
}

TEST(SettingsTest, loads_a_file_and_says_when_it_cannot) {
  support::TemporaryDirectory directory;
  const auto file = directory / "node.json";
  EXPECT_TRUE(has(load_settings(file).error().detail, "--config"));
  std::ofstream(file) << Text().str();
  const auto settings = load_settings(file);
  ASSERT_TRUE(settings) << settings.error().message();
  EXPECT_EQ(settings->data_dir, directory / "data");
  std::ofstream(file) << std::string((1 << 20) + 1, ' ');
  EXPECT_TRUE(has(load_settings(file).error().detail, "larger than 1 MiB"));
  EXPECT_FALSE(load_settings(directory.path()));
}

TEST(CurveKeyTest, reads_z85_and_hex) {
  // ZeroMQ RFC 26's example key pair, the server's public key
  const auto z85 = parse_curve_key("rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7");
  const auto upper = parse_curve_key("54FCBA24E93249969316FB617C872BB0C1D1FF14800427C594CBFACF1BC2D652");
  const auto lower = parse_curve_key("54fcba24e93249969316fb617c872bb0c1d1ff14800427c594cbfacf1bc2d652");
  ASSERT_TRUE(z85);
  ASSERT_TRUE(lower);
  EXPECT_EQ(*z85, *lower);
  EXPECT_FALSE(upper);  // one form only
  EXPECT_FALSE(parse_curve_key(std::string(40, '#')));  // above 32 bits
  EXPECT_FALSE(parse_curve_key(std::string(40, ' ')));
  EXPECT_FALSE(parse_curve_key(std::string(64, 'g')));
  EXPECT_FALSE(parse_curve_key("abc"));
}

}  // namespace
}  // namespace liaison::config::test
