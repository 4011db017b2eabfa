// Requests to join and anchors: what is written reads back, every proof is needed, and whatever was tampered with or does not fit the directory is named.
#include <gtest/gtest.h>

#include "core/directory/edits.h"
#include "core/directory/joining.h"
#include "fixture.h"

namespace liaison::directory {
namespace {

using crypto::KeyRole;
using test::at;
using test::federation;
using test::now;

struct NewAgency {
  std::map<KeyRole, crypto::PrivateKey> keys;
  JoinRequest request{"test-exercise", {}, Bytes{1, 2, 3}, Bytes{4, 5, 6}, now, {}};
  NewAgency() {
    request.agency.id = "ug.police";
    request.agency.country = "ug";
    request.agency.type = "police";
    request.agency.names["en"] = "Uganda Police";
    request.agency.endpoints = {"police.example:7001"};
    request.agency.channels = {"interpol"};
    request.agency.suites = {1};
    for (const auto role : {KeyRole::seal, KeyRole::link, KeyRole::box, KeyRole::log, KeyRole::policy}) {
      auto key = test::new_key(role);
      request.agency.keys.push_back({role, key.public_key().spki(), key.public_key().hash(), now, now + std::chrono::days(700)});
      keys.emplace(role, std::move(key));
    }
  }
  ProofFunction prover() const {
    return [this](const RegisteredKey& key, ByteView text) { return keys.at(key.role).sign(text); };
  }
  Bytes file() const { return make_join_file(request, prover()).value(); }
};

std::shared_ptr<const Directory> content() { return read_source_content(federation().json()).value(); }
bool says(const std::vector<std::string>& lines, std::string_view piece) {
  return std::any_of(lines.begin(), lines.end(), [&](const std::string& line) { return line.find(piece) != std::string::npos; });
}

TEST(Joining, RequestReadsBackAndNothingSpeaksAgainstIt) {
  const NewAgency agency;
  const auto read = parse_join_file(agency.file());
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(read->agency.id, "ug.police");
  EXPECT_EQ(read->agency.keys.size(), 5u);
  EXPECT_EQ(read->tls_request, (Bytes{1, 2, 3}));
  EXPECT_EQ(read->realm, "test-exercise");
  EXPECT_TRUE(objections(*read, *content(), now).empty());
  // What is accepted stands in the authored file and loads.
  const auto json = insert_entry(federation().json(), "agencies", entry_json(read->agency));
  const auto accepted = read_authored(json.value());
  ASSERT_TRUE(accepted) << accepted.error().message();
  EXPECT_EQ(accepted->content->find("ug.police")->keys.size(), 5u);
}

TEST(Joining, EveryKeyThatSignsMustProveItself) {
  const NewAgency agency, stranger;
  for (const auto role : {KeyRole::seal, KeyRole::link, KeyRole::log}) {
    const auto forged = make_join_file(agency.request, [&](const RegisteredKey& key, ByteView text) { return (key.role == role ? stranger : agency).keys.at(key.role).sign(text); });
    EXPECT_EQ(forged.error().code, Errc::bad_signature) << crypto::name(role);
  }
  EXPECT_FALSE(proves_itself(KeyRole::box));
  EXPECT_FALSE(proves_itself(KeyRole::policy));
}

TEST(Joining, EveryFlippedBitIsRefusedOrChangesNothing) {
  const NewAgency agency;
  const Bytes file = agency.file();
  const auto whole = parse_join_file(file).value();
  for (std::size_t i = 0; i < file.size(); ++i) {
    Bytes flipped = file;
    flipped[i] ^= 1;
    const auto read = parse_join_file(flipped);
    if (!read) continue;
    EXPECT_EQ(read->fingerprint, whole.fingerprint) << i;
    EXPECT_EQ(read->agency.keys[0].hash, whole.agency.keys[0].hash) << i;
    EXPECT_EQ(read->tls_request, whole.tls_request) << i;
  }
  for (std::size_t size = 0; size < file.size(); size += 7) EXPECT_FALSE(parse_join_file(ByteView(file).first(size))) << size;
  EXPECT_FALSE(parse_join_file(Bytes(300 << 10)));
}

TEST(Joining, ObjectionsNameWhatDoesNotFit) {
  const NewAgency agency;
  const auto directory = content();
  auto request = agency.request;
  request.realm = "other";
  request.agency.bureau = "ke.customs";
  request.agency.blind_pairs = {"ug.nobody"};
  request.agency.keys[0] = directory->find("ke.ncb")->keys[0];
  request.agency.keys.erase(request.agency.keys.begin() + 2);
  const auto lines = objections(request, *directory, now + std::chrono::days(31));
  EXPECT_TRUE(says(lines, "it asks to join the realm other"));
  EXPECT_TRUE(says(lines, "which is not a bureau of this directory"));
  EXPECT_TRUE(says(lines, "blind pair ug.nobody"));
  EXPECT_TRUE(says(lines, "its seal key is registered for ke.ncb"));
  EXPECT_TRUE(says(lines, "it has no box key"));
  EXPECT_TRUE(says(lines, "older than 30 days"));
  EXPECT_TRUE(says(objections(agency.request, *directory, now - std::chrono::hours(1)), "in the future"));
  const auto revoked = read_authored(*revoke_key(read_authored(federation().json()).value(), {agency.request.agency.keys[1].hash, now, RevocationKind::compromised})).value();
  EXPECT_TRUE(says(objections(agency.request, *revoked.content, now), "its link key is revoked"));
  request = agency.request;
  request.agency.id = "ke.customs";
  request.agency.country = "ke";
  EXPECT_TRUE(says(objections(request, *directory, now), "ke.customs is in the directory already"));
  const auto left = read_authored(*remove_agency(read_authored(federation().json()).value(), "ke.customs", now)).value();
  EXPECT_TRUE(says(objections(request, *left.content, now), "an id is never given twice"));
}

TEST(Joining, PointsThatAreOnNoCurveAreRefused) {
  NewAgency agency;
  auto& box = agency.request.agency.keys[2];
  std::fill(box.spki.end() - 64, box.spki.end(), std::uint8_t{7});
  box.hash = merkle::sha256(ByteView(box.spki));
  EXPECT_FALSE(make_join_file(agency.request, agency.prover()));
}

TEST(Anchors, ReadBackAndTheirCodeNamesWhoIsTrusted) {
  const Anchor anchor{"test-exercise", "ug.police", federation().pins(2), federation().signed_file(), "pem", ""};
  const Bytes file = make_anchor_file(anchor);
  const auto read = parse_anchor_file(file);
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(read->agency, "ug.police");
  EXPECT_EQ(read->directory, anchor.directory);
  EXPECT_EQ(read->tls_chain, "pem");
  EXPECT_EQ(anchor_code(*read), anchor_code(anchor));
  auto weaker = anchor;
  weaker.pins.threshold = 1;
  EXPECT_NE(anchor_code(weaker), anchor_code(anchor));
  weaker = anchor;
  weaker.pins.keys[0] = Hash{};
  EXPECT_NE(anchor_code(weaker), anchor_code(anchor));
  weaker.pins.threshold = 3;
  EXPECT_FALSE(parse_anchor_file(make_anchor_file(weaker)));
  for (std::size_t size = 0; size < 200; ++size) EXPECT_FALSE(parse_anchor_file(ByteView(file).first(size))) << size;
}

}  // namespace
}  // namespace liaison::directory
