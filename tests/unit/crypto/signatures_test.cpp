// Signature blocks and batches: alone and batched signatures verify, every change is refused, unknown algorithms are ignored,
// and one verified batch text serves all its texts.
#include <gtest/gtest.h>

#include "core/crypto/signed_text.h"

namespace liaison::crypto {
namespace {

constexpr std::string_view realm = "demo-exercise";

const PrivateKey& signer() {
  static const PrivateKey key = PrivateKey::generate(KeyType::p256).value();
  return key;
}

std::vector<std::string> some_texts(std::size_t count) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < count; ++i) out.push_back("liaison record v1\nid " + std::to_string(i) + "\n");
  return out;
}

std::vector<std::string> signed_by(const PrivateKey& key, std::span<const std::string> texts) {
  return sign_texts(realm, key.public_key().hash(), texts, [&key](ByteView text) { return key.sign(text); }).value();
}

Errc verified(std::string_view text, std::string_view block, const PublicKey& key = signer().public_key(), std::string_view in_realm = realm) {
  VerifiedBatches batches;
  const auto result = verify_text(in_realm, view(text), view(block), key, batches);
  return result ? Errc{} : result.error().code;
}

Signature parsed(const std::string& line) { return parse_signatures(view(line)).value().at(0); }

TEST(SignTexts, OneTextIsSignedDirectly) {
  const auto texts = some_texts(1);
  const auto lines = signed_by(signer(), texts);
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(parsed(lines[0]).algorithm, 1u);
  EXPECT_EQ(verified(texts[0], lines[0]), Errc{});
  EXPECT_EQ(verified(texts[0] + "x", lines[0]), Errc::bad_signature);
}

TEST(SignTexts, NoTextsNoSignatures) {
  const auto lines = sign_texts(realm, signer().public_key().hash(), {}, [](ByteView) -> Result<Bytes> { return fail(Errc::key_missing); });
  EXPECT_TRUE(lines->empty());
}

TEST(SignTexts, EveryTextOfEveryBatchVerifies) {
  for (std::size_t count = 2; count <= 20; ++count) {
    const auto texts = some_texts(count);
    int signatures = 0;
    const auto lines = sign_texts(realm, signer().public_key().hash(), texts, [&signatures](ByteView text) {
      ++signatures;
      return signer().sign(text);
    });
    ASSERT_TRUE(lines);
    EXPECT_EQ(signatures, 1);
    ASSERT_EQ(lines->size(), count);
    for (std::size_t i = 0; i < count; ++i) {
      EXPECT_EQ(verified(texts[i], lines->at(i)), Errc{});
      EXPECT_EQ(verified(texts[i], lines->at((i + 1) % count)), Errc::bad_signature);
      EXPECT_EQ(verified(texts[i], lines->at(i), signer().public_key(), "demo"), Errc::bad_signature) << "signed in another realm";
    }
  }
}

TEST(SignTexts, LargestBatchHasALimit) {
  const auto texts = some_texts(limits::batch_texts_max + 1);
  const auto fake = [](ByteView) -> Result<Bytes> { return Bytes(70, 1); };
  EXPECT_EQ(sign_texts(realm, {}, texts, fake).error().code, Errc::limit_exceeded);
  const auto lines = sign_texts(realm, {}, std::span(texts).first(limits::batch_texts_max), fake);
  ASSERT_TRUE(lines);
  EXPECT_EQ(parsed(lines->back()).path.size(), 12u);
}

TEST(SignTexts, FailureOfTheKeyPassesThrough) {
  const auto refuse = [](ByteView) -> Result<Bytes> { return fail(Errc::key_missing); };
  EXPECT_EQ(sign_texts(realm, {}, some_texts(1), refuse).error().code, Errc::key_missing);
  EXPECT_EQ(sign_texts(realm, {}, some_texts(3), refuse).error().code, Errc::key_missing);
}

TEST(BatchText, IsWrittenAsSpecified) {
  const auto texts = some_texts(3);
  const Hash key = signer().public_key().hash();
  const TextBatch batch = make_batch(realm, key, texts);
  std::vector<Hash> leaves;
  for (const auto& text : texts) leaves.push_back(merkle::sha256({Bytes{0}, view(text)}));
  EXPECT_EQ(batch.leaves, leaves);
  const Bytes one{1};
  const Hash root = merkle::sha256({one, merkle::sha256({one, leaves[0], leaves[1]}), leaves[2]});
  EXPECT_EQ(batch.batch_text, "liaison batch v1\nrealm demo-exercise\nkey " + to_base64(key) + "\ncount 3\nroot " + to_base64(root) + "\n");
}

TEST(SignatureLines, RoundTrip) {
  const auto texts = some_texts(5);
  for (const auto& line : signed_by(signer(), texts)) EXPECT_EQ(format_signature(parsed(line)), line);
  const auto alone = signed_by(signer(), some_texts(1));
  EXPECT_EQ(format_signature(parsed(alone[0])), alone[0]);
}

TEST(SignatureLines, AnyFlippedBitIsRefused) {
  for (const std::size_t count : {std::size_t{1}, std::size_t{3}}) {
    const auto texts = some_texts(count);
    const auto line = signed_by(signer(), texts).back();
    for (std::size_t bit = 0; bit < line.size() * 8; ++bit) {
      std::string changed = line;
      changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
      EXPECT_NE(verified(texts.back(), changed), Errc{}) << bit;
    }
    for (std::size_t length = 0; length < line.size(); ++length) EXPECT_NE(verified(texts.back(), line.substr(0, length)), Errc{}) << length;
  }
}

TEST(SignatureLines, MalformedOnesAreRefused) {
  const std::string key = to_base64(signer().public_key().hash()), path = to_base64(Hash{});
  const auto refused = [](const std::string& block) {
    const auto result = parse_signatures(view(block));
    return result ? Errc{} : result.error().code;
  };
  ASSERT_EQ(refused("sig " + key + " 1 MAA=\n"), Errc{});
  ASSERT_EQ(refused("sig " + key + " 2 MAA= 0 2 " + path + "\n"), Errc{});
  const std::vector<std::string> lines{std::string("\n"), std::string("sig\n"), "sig " + key + "\n", "sig " + key + " 1\n", "sig " + key + " 1 MAA=",
                                  "sig " + key + " 1 MAA= \n", "sig  " + key + " 1 MAA=\n", "gis " + key + " 1 MAA=\n", "sig " + key + " 01 MAA=\n",
                                  "sig " + key + " 1 MAA\n", "sig " + key + " 1 MAB=\n", "sig " + key + " 1 -\n", "sig " + key + " 1 MAA= 1\n",
                                  "sig " + key + " x MAA=\n", "sig " + key + " 4294967296 MAA=\n", "sig MAA= 1 MAA=\n", "sig " + key + " 2 MAA=\n",
                                  "sig " + key + " 2 MAA= 0 2\n", "sig " + key + " 2 MAA= 2 2 " + path + "\n", "sig " + key + " 2 MAA= 0 0 -\n",
                                  "sig " + key + " 2 MAA= 0 4097 " + path + "\n", "sig " + key + " 2 MAA= 0 2 MAA=\n",
                                  "sig " + key + " 2 MAA= 0 2 " + path + " x\n", "sig " + key + " 2 MAA= 0 2 " + to_base64(Bytes(13 * 32, 0)) + "\n"};
  for (const std::string& line : lines) {
    EXPECT_EQ(refused(line), Errc::bad_text) << line;
  }
}

TEST(SignatureLines, BlockIsBounded) {
  const std::string line = "sig " + to_base64(Hash{}) + " 1 MAA=\n";
  std::string block;
  for (std::size_t i = 0; i < limits::signatures_max; ++i) block += line;
  EXPECT_EQ(parse_signatures(view(block))->size(), limits::signatures_max);
  EXPECT_EQ(parse_signatures(view(block + line)).error().code, Errc::limit_exceeded);
  EXPECT_EQ(parse_signatures(Bytes(limits::signature_block_bytes_max + 1, 'x')).error().code, Errc::limit_exceeded);
  EXPECT_TRUE(parse_signatures({})->empty());
}

TEST(VerifyText, UnknownAlgorithmsAreIgnored) {
  const auto texts = some_texts(1);
  const auto line = signed_by(signer(), texts)[0];
  const std::string future = "sig " + to_base64(signer().public_key().hash()) + " 33 " + to_base64(Bytes(3309, 5)) + " more tokens\n";
  EXPECT_EQ(verified(texts[0], future + line), Errc{});
  EXPECT_EQ(verified(texts[0], line + future), Errc{});
  EXPECT_EQ(verified(texts[0], future), Errc::unknown_key) << "an unknown algorithm alone proves nothing";
}

TEST(VerifyText, NeedsALineOfTheKey) {
  const auto other = PrivateKey::generate(KeyType::p256).value();
  const auto texts = some_texts(1);
  const auto mine = signed_by(signer(), texts)[0], others = signed_by(other, texts)[0];
  EXPECT_EQ(verified(texts[0], others), Errc::unknown_key);
  EXPECT_EQ(verified(texts[0], ""), Errc::unknown_key);
  EXPECT_EQ(verified(texts[0], others + mine), Errc{});
  // A line that names our key but holds another's signature.
  Signature forged = parsed(others);
  forged.key = signer().public_key().hash();
  EXPECT_EQ(verified(texts[0], format_signature(forged)), Errc::bad_signature);
  EXPECT_EQ(verified(texts[0], format_signature(forged) + mine), Errc{});
}

TEST(VerifyText, Ed25519KeysSignNoTexts) {
  const auto key = PrivateKey::generate(KeyType::ed25519).value();
  const auto texts = some_texts(1);
  EXPECT_EQ(verified(texts[0], signed_by(key, texts)[0], key.public_key()), Errc::bad_signature);
}

TEST(VerifiedBatches, RememberWhatVerifiedAndForgetTheOldest) {
  VerifiedBatches batches;
  const auto texts = some_texts(4);
  const auto lines = signed_by(signer(), texts);
  for (std::size_t i = 0; i < texts.size(); ++i) EXPECT_TRUE(verify_text(realm, view(texts[i]), view(lines[i]), signer().public_key(), batches));
  // A changed signature over a known batch text is another batch.
  Signature changed = parsed(lines[0]);
  changed.value.back() ^= 1;
  EXPECT_FALSE(verify_text(realm, view(texts[0]), view(format_signature(changed)), signer().public_key(), batches));
  for (int i = 0; i < 64; ++i) batches.insert(merkle::sha256(std::to_string(i)));
  EXPECT_TRUE(batches.contains(merkle::sha256("63")));
  EXPECT_TRUE(batches.contains(merkle::sha256("0")));
  batches.insert(merkle::sha256("64"));
  EXPECT_FALSE(batches.contains(merkle::sha256("0")));
  EXPECT_TRUE(batches.contains(merkle::sha256("1")));
}

}  // namespace
}  // namespace liaison::crypto
