// A small federation for the directory tests: three agencies in two places, real keys, two authorities. Made once per test program.
#pragma once
#include <string>

#include "core/directory/directory.h"

namespace liaison::directory::test {

using crypto::KeyRole;
using crypto::PrivateKey;

inline PrivateKey new_key(KeyRole role) { return PrivateKey::generate(crypto::key_type(role)).value(); }
inline Time at(std::string_view chars) { return parse_time(chars).value(); }
inline const Time now = at("2026-06-01T00:00:00.000Z");

struct KeyLine {
  KeyRole role;
  const PrivateKey* key;
  std::string not_before = "2026-01-01T00:00:00.000Z";
  std::string not_after = "2027-01-01T00:00:00.000Z";
};

inline std::string json_of(const KeyLine& line) {
  return R"({"role":")" + std::string(crypto::name(line.role)) + R"(","spki":")" + to_base64(line.key->public_key().spki()) + R"(","not_before":")" +
         line.not_before + R"(","not_after":")" + line.not_after + "\"}";
}

struct Federation {
  PrivateKey authority_a = new_key(KeyRole::authority), authority_b = new_key(KeyRole::authority);
  PrivateKey seal = new_key(KeyRole::seal), next_seal = new_key(KeyRole::seal), link = new_key(KeyRole::link), log = new_key(KeyRole::log);
  PrivateKey ncb_seal = new_key(KeyRole::seal), gs_seal = new_key(KeyRole::seal);
  std::string threshold = "1";
  std::string revocations = "[]";
  std::string groups = R"([{"id":"horn","purpose":"joint","owner":"int.gs","members":["ke.customs","int.gs"],"ends":"2026-12-31T00:00:00.000Z"},
                           {"id":"nobody","purpose":"joint","owner":"int.gs","ends":"2026-12-31T00:00:00.000Z"}])";
  std::string countries = "[]";

  std::string customs_keys() const {
    return json_of({KeyRole::seal, &seal}) + "," + json_of({KeyRole::seal, &next_seal, "2026-05-01T00:00:00.000Z", "2027-05-01T00:00:00.000Z"}) + "," +
           json_of({KeyRole::link, &link}) + "," + json_of({KeyRole::log, &log});
  }
  std::string agencies() const {
    return R"([{"id":"ke.customs","country":"ke","type":"customs","names":[{"language":"en","text":"Kenya Customs"},{"language":"ar","text":"جمارك كينيا"}],
      "endpoints":["customs.example:7001"],"channels":["customs"],"bureau":"ke.ncb","suites":[1],"witness":true,
      "competences":[{"topics":["bank records"],"languages":["en","sw"],"hours":"24h","telephone":"+254 20 0000000"}],
      "keys":[)" + customs_keys() + R"(]},
     {"id":"ke.ncb","country":"ke","type":"bureau","is_bureau":true,"channels":["interpol"],"bureau":"int.gs","blind_pairs":["ke.customs"],"keys":[)" +
           json_of({KeyRole::seal, &ncb_seal}) + R"(]},
     {"id":"int.gs","country":"int","type":"international","is_bureau":true,"channels":["interpol"],"keys":[)" + json_of({KeyRole::seal, &gs_seal}) + "]}]";
  }
  std::string json() const {
    return "// the test federation\n{\"realm\":\"test-exercise\",\"expires\":\"2026-12-01T00:00:00.000Z\",\"grace\":\"2026-12-15T00:00:00.000Z\",\n"
           "\"authorities\":{\"threshold\":" + threshold + ",\"keys\":[\"" + to_base64(authority_a.public_key().spki()) + "\",\"" +
           to_base64(authority_b.public_key().spki()) + "\"]},\n\"agencies\":" + agencies() + ",\n\"groups\":" + groups + ",\"countries\":" + countries +
           ",\"revocations\":" + revocations + "}\n";
  }
  Draft draft(std::uint64_t version = 1, std::optional<Hash> previous = std::nullopt) const {
    return {json(), version, previous, at("2026-05-20T00:00:00.000Z")};
  }
  AuthorityPins pins(std::size_t needed = 1) const { return {needed, {authority_a.public_key().hash(), authority_b.public_key().hash()}}; }
  Bytes signed_file() const { return sign(make_unsigned(draft()).value(), authority_a); }
  static Bytes sign(ByteView file, const PrivateKey& key) {
    return add_signature(file, key.public_key(), [&](ByteView text) { return key.sign(text); }).value();
  }
};

inline const Federation& federation() {
  static const Federation made;
  return made;
}

}  // namespace liaison::directory::test
