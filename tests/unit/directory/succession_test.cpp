// What may follow what (succession.h): every refusal by its code, changes of authorities in order, the way from pins to the newest version; and that a
// delta (delta.h) puts the same file together, from any base, and nothing larger than a file may be.
#include "core/directory/succession.h"

#include <gtest/gtest.h>

#include "core/base/limits.h"
#include "core/directory/delta.h"
#include "core/directory/loader.h"
#include "fixture.h"

namespace liaison::directory {
namespace {

using test::federation;
using test::Federation;
using test::now;
using test::PrivateKey;

// Versions of one federation, each signed by the keys given.
struct Chain : testing::Test {
  Federation base = federation();
  Federation successors;  // its authorities take over

  static Bytes make(const Federation& made, std::uint64_t version, std::optional<Hash> previous, const std::vector<const PrivateKey*>& signers) {
    Bytes file = make_unsigned(made.draft(version, previous)).value();
    for (const auto* key : signers) file = Federation::sign(file, *key);
    return file;
  }
  Federation handed_over() const {  // the same agencies under the authorities of `successors`
    Federation made = base;
    made.authority_a = successors.authority_a;
    made.authority_b = successors.authority_b;
    return made;
  }
  static Hash hash_of(const Bytes& file) { return parse_label(file)->hash; }
  Bytes v1 = make(base, 1, std::nullopt, {&base.authority_a});
  std::shared_ptr<const Directory> first = Directory::load(v1, base.pins()).value();
  Errc refused(const Directory& current, const Bytes& file, Time at = now) const {
    const auto arrived = check_arrival(current, file, at);
    EXPECT_FALSE(arrived);
    return arrived ? Errc::busy : arrived.error().code;
  }
};


TEST_F(Chain, TheNextOneIsTakenAndItselfIsNoNews) {
  const Bytes v2 = make(base, 2, hash_of(v1), {&base.authority_b});
  const auto second = check_arrival(*first, v2, now);
  ASSERT_TRUE(second) << second.error().message();
  EXPECT_EQ((*second)->version(), 2U);
  const auto again = check_arrival(**second, v2, now);
  ASSERT_TRUE(again);
  EXPECT_EQ(*again, nullptr);
}

TEST_F(Chain, OrdinaryVersionsMayBeSkipped) {
  const auto ninth = check_arrival(*first, make(base, 9, Hash{1}, {&base.authority_a}), now);
  ASSERT_TRUE(ninth) << ninth.error().message();
  EXPECT_EQ((*ninth)->version(), 9U);
}

TEST_F(Chain, TooFewSignaturesAndOneKeyTwice) {
  EXPECT_EQ(refused(*first, make(base, 2, hash_of(v1), {})), Errc::bad_signature);
  Federation strict = base;
  strict.threshold = "2";
  const auto current = Directory::load(make(strict, 1, std::nullopt, {&strict.authority_a, &strict.authority_b}), strict.pins(2)).value();
  const Bytes once = make(strict, 2, current->hash(), {&strict.authority_a});
  EXPECT_EQ(refused(*current, once), Errc::bad_signature);
  // The same signature line and the same key a second time.
  flatbuffers::FlatBufferBuilder builder;
  const auto opened = open_file(once).value();
  const std::string block = std::string(text(opened.signatures)) + std::string(text(opened.signatures));
  std::vector<flatbuffers::Offset<fb::Blob>> keys, entries;
  for (int i = 0; i < 2; ++i)
    for (const auto key : opened.authority_keys) keys.push_back(fb::CreateBlob(builder, builder.CreateVector(key.data(), key.size())));
  for (const auto entry : opened.entries) entries.push_back(fb::CreateBlob(builder, builder.CreateVector(entry.data(), entry.size())));
  const auto text = builder.CreateVector(view(opened.text.bytes()).data(), opened.text.bytes().size());
  const auto sigs = builder.CreateVector(view(block).data(), block.size());
  const auto key_list = builder.CreateVector(keys);
  builder.Finish(fb::CreateFile(builder, text, sigs, key_list, builder.CreateVector(entries)));
  EXPECT_EQ(refused(*current, {builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()}), Errc::bad_signature);
  EXPECT_TRUE(check_arrival(*current, Federation::sign(once, strict.authority_b), now));
}

TEST_F(Chain, OlderForgedPreviousAndTwoOfOneNumber) {
  const Bytes v2 = make(base, 2, hash_of(v1), {&base.authority_a});
  const auto second = check_arrival(*first, v2, now).value();
  EXPECT_EQ(refused(*second, v1), Errc::superseded);
  EXPECT_EQ(refused(*first, make(base, 2, Hash{7}, {&base.authority_a})), Errc::chain_broken);
  Federation other = base;
  other.groups = "[]";
  EXPECT_EQ(refused(*second, make(other, 2, hash_of(v1), {&base.authority_a})), Errc::conflicting_version);
  // Nobody signed it: it proves nothing.
  EXPECT_EQ(refused(*second, make(other, 2, hash_of(v1), {})), Errc::bad_signature);
}

TEST_F(Chain, AnotherRealmAndPastItsGrace) {
  Draft draft = base.draft(2, hash_of(v1));
  draft.json.replace(draft.json.find("test-exercise"), 13, "other-exercis");
  EXPECT_EQ(refused(*first, Federation::sign(make_unsigned(draft).value(), base.authority_a)), Errc::wrong_realm);
  const Bytes v2 = make(base, 2, hash_of(v1), {&base.authority_a});
  EXPECT_TRUE(check_arrival(*first, v2, test::at("2026-12-10T00:00:00.000Z")));  // expired, within its grace
  EXPECT_EQ(refused(*first, v2, test::at("2026-12-16T00:00:00.000Z")), Errc::directory_stale);
}

TEST_F(Chain, ChangeOfAuthoritiesIsWalkedInOrder) {
  const Federation next = handed_over();
  const Bytes v2 = make(next, 2, hash_of(v1), {&base.authority_a, &next.authority_a});
  const Bytes v3 = make(next, 3, hash_of(v2), {&next.authority_b});
  EXPECT_EQ(refused(*first, make(next, 2, hash_of(v1), {&next.authority_a})), Errc::bad_signature);   // the old ones did not sign
  EXPECT_EQ(refused(*first, make(next, 2, hash_of(v1), {&base.authority_a})), Errc::bad_signature);   // the new ones did not sign
  EXPECT_EQ(refused(*first, v3), Errc::chain_broken);                                                 // left out the change
  const auto second = check_arrival(*first, v2, test::at("2027-06-01T00:00:00.000Z"));                // a step on the way may be past its grace
  ASSERT_TRUE(second) << second.error().message();
  EXPECT_TRUE(check_arrival(**second, v3, now));
  // The old authorities have no say any more.
  EXPECT_EQ(refused(**second, make(base, 3, hash_of(v2), {&base.authority_a, &base.authority_b})), Errc::bad_signature);
}

TEST_F(Chain, LoadsFromOldAndFromNewPins) {
  const Federation next = handed_over();
  const Bytes v2 = make(next, 2, hash_of(v1), {&base.authority_a, &next.authority_a});
  const Bytes v4 = make(next, 4, Hash{2}, {&next.authority_b});
  for (const auto& pins : {base.pins(), next.pins()}) {
    const auto newest = load_chain(std::array{v1, v2, v4}, pins);
    ASSERT_TRUE(newest) << newest.error().message();
    EXPECT_EQ((*newest)->version(), 4U);
  }
  EXPECT_EQ(load_chain(std::array{v1, v4}, base.pins()).error().code, Errc::bad_signature);
  EXPECT_EQ(load_chain(std::array{v1, v2, v4}, AuthorityPins{1, {Hash{3}}}).error().code, Errc::bad_signature);
}

TEST_F(Chain, ChangesAreToldInWords) {
  Federation other = handed_over();
  other.groups = R"([{"id":"horn","purpose":"joint","owner":"int.gs","members":["ke.customs"],"ends":"2026-12-31T00:00:00.000Z"}])";
  other.revocations = R"([{"key":")" + to_base64(base.link.public_key().hash()) + R"(","since":"2026-05-01T00:00:00.000Z","kind":"compromised"}])";
  const auto after = Directory::load(make(other, 2, hash_of(v1), {&other.authority_a, &base.authority_a}), base.pins()).value();
  const auto told = describe_changes(*first, *after);
  const std::vector<std::string> expected{"authorities: 1 of 2 before, 1 of 2 now", "changed group horn", "removed group nobody", "revoked compromised key " + to_base64(base.link.public_key().hash())};
  EXPECT_EQ(told, expected);
  EXPECT_TRUE(describe_changes(*first, *first).empty());
}

TEST_F(Chain, DeltaGivesTheSameDirectory) {
  Federation other = base;
  other.groups = "[]";
  const Bytes v2 = make(other, 2, hash_of(v1), {&base.authority_a});
  const Bytes small = make_delta(v2, ByteView(v1)).value(), whole = make_delta(v2, std::nullopt).value();
  EXPECT_LT(small.size() * 2, whole.size());
  for (const auto& put_together : {apply_delta(small, ByteView(v1)).value(), apply_delta(whole, std::nullopt).value(), apply_delta(whole, ByteView(v1)).value()}) {
    const auto loaded = Directory::load(put_together, base.pins());
    ASSERT_TRUE(loaded) << loaded.error().message();
    EXPECT_EQ((*loaded)->hash(), hash_of(v2));
  }
  EXPECT_EQ(apply_delta(small, std::nullopt).error().code, Errc::bad_format);  // against another base
}

TEST_F(Chain, DeltaTruncatedOrChanged) {
  Federation other = base;
  other.groups = "[]";
  const Bytes v2 = make(other, 2, hash_of(v1), {&base.authority_a});
  const Bytes delta = make_delta(v2, ByteView(v1)).value();
  for (std::size_t size = 0; size < delta.size(); ++size) {
    const auto file = apply_delta(ByteView(delta).first(size), ByteView(v1));
    const auto loaded = file ? Directory::load(*file, base.pins()) : Result<std::shared_ptr<const Directory>>(file.error());
    EXPECT_TRUE(!loaded || (size + 8 > delta.size() && (*loaded)->hash() == hash_of(v2))) << size;  // the last bytes may be padding
  }
  for (std::size_t at = 0; at < delta.size(); ++at) {
    Bytes changed = delta;
    changed[at] ^= 4;
    const auto file = apply_delta(changed, ByteView(v1));
    const auto loaded = file ? Directory::load(*file, base.pins()) : Result<std::shared_ptr<const Directory>>(file.error());
    EXPECT_TRUE(!loaded || (*loaded)->hash() == hash_of(v2)) << at;
  }
}

TEST_F(Chain, DeltaThatNamesOneEntryWithoutEnd) {
  flatbuffers::FlatBufferBuilder builder;
  const Bytes entry(6 << 20, 7);
  const Hash leaf = entry_leaf(entry);
  Bytes leaves;
  for (int i = 0; i < 16; ++i) put(leaves, ByteView(leaf));
  const auto offset = builder.CreateVector(entry);
  const std::vector<flatbuffers::Offset<fb::Blob>> entries{fb::CreateBlob(builder, offset)};
  const auto hashes = builder.CreateVector(leaves);
  const auto list = builder.CreateVector(entries);
  builder.Finish(fb::CreateDelta(builder, 0, 0, 0, hashes, list));
  EXPECT_EQ(apply_delta({builder.GetBufferPointer(), builder.GetSize()}, std::nullopt).error().code, Errc::limit_exceeded);
  EXPECT_EQ(apply_delta(Bytes(limits::directory_bytes_max + 1), std::nullopt).error().code, Errc::limit_exceeded);
}

TEST_F(Chain, ProofKeepsTextAndSignatures) {
  const Bytes proof = make_proof(v1).value();
  EXPECT_LT(proof.size(), v1.size());
  EXPECT_EQ(hash_of(proof), hash_of(v1));
  EXPECT_FALSE(Directory::load(proof, base.pins()));  // a proof is nothing to run on
}

}  // namespace
}  // namespace liaison::directory
