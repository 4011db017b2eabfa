// The life of box keys as the directory states it: next, current, ended but kept, destroyed.
#include "core/directory/box_keys.h"

#include <gtest/gtest.h>

#include "core/directory/authoring.h"
#include "tests/unit/directory/fixture.h"

namespace liaison::directory {
namespace {

using test::at;
using test::KeyLine;
using crypto::KeyRole;

struct Boxes {
  crypto::PrivateKey first = test::new_key(KeyRole::box), second = test::new_key(KeyRole::box), unpublished = test::new_key(KeyRole::box);
  std::shared_ptr<const Directory> directory;
  Boxes() {
    test::Federation federation;
    const std::string keys = json_of(KeyLine{KeyRole::box, &first, "2026-01-01T00:00:00.000Z", "2026-06-02T00:00:00.000Z"}) + "," +
                             json_of(KeyLine{KeyRole::box, &second, "2026-06-01T00:00:00.000Z", "2027-01-01T00:00:00.000Z"});
    std::string json = federation.json();
    const std::string place = "\"keys\":[";
    json.insert(json.find(place, json.find("ke.customs")) + place.size(), keys + ",");
    const Draft draft{json, 1, std::nullopt, at("2026-05-20T00:00:00.000Z")};
    directory = Directory::load(test::Federation::sign(make_unsigned(draft).value(), federation.authority_a), federation.pins()).value();
  }
  BoxPlan plan(std::string_view when, std::vector<const crypto::PrivateKey*> held) const {
    std::vector<Hash> hashes;
    for (const auto* key : held) hashes.push_back(key->public_key().hash());
    return plan_box_keys(*directory, "ke.customs", hashes, at(when));
  }
  Hash hash(const crypto::PrivateKey& key) const { return key.public_key().hash(); }
};

TEST(BoxPlan, FollowsTheDirectory) {
  const Boxes box;
  EXPECT_EQ(box.plan("2026-05-31T00:00:00.000Z", {&box.first, &box.second}).current, box.hash(box.first));
  EXPECT_EQ(box.plan("2026-06-01T12:00:00.000Z", {&box.first, &box.second}).current, box.hash(box.second)) << "both are valid: the newer one";
  EXPECT_EQ(box.plan("2026-06-01T12:00:00.000Z", {&box.first}).current, std::nullopt) << "peers seal to a key that is not here";
  EXPECT_EQ(box.plan("2026-06-01T12:00:00.000Z", {&box.unpublished}).current, std::nullopt);
}

TEST(BoxPlan, DestroysThirtyDaysAfterTheEndAndNotBefore) {
  const Boxes box;
  EXPECT_TRUE(box.plan("2026-07-02T00:00:00.000Z", {&box.first, &box.second}).destroy.empty());
  EXPECT_EQ(box.plan("2026-07-02T00:00:00.001Z", {&box.first, &box.second}).destroy, std::vector<Hash>{box.hash(box.first)});
  EXPECT_TRUE(box.plan("2026-07-02T00:00:00.001Z", {&box.second, &box.unpublished}).destroy.empty()) << "what the directory does not know may be the next one";
}

}  // namespace
}  // namespace liaison::directory
