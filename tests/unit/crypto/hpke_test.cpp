// HPKE against the vectors of RFC 9180, and what a receiver must refuse: other keys, other info, changed ciphertext, points off the curve.
#include <gtest/gtest.h>

#include "core/crypto/hpke.h"
#include "vectors.h"

namespace liaison::crypto {
namespace {

constexpr auto aead = HpkeAead::aes_256_gcm;

Bytes seed(std::uint8_t fill) { return Bytes(32, fill); }

void check_vector(const Vector& vector) {
  const auto value = [&](const char* key) { return hex(vector.at(key).at(0)); };
  const auto id = static_cast<HpkeAead>(std::stoi(vector.at("aead_id").at(0)));
  const auto receiver = derive_key_pair(value("ikmR"));
  ASSERT_TRUE(receiver);
  EXPECT_EQ(receiver->public_key().point(), value("pkRm"));
  auto sender = hpke_setup_sender(receiver->public_key(), value("info"), value("sender_seed"), id);
  ASSERT_TRUE(sender);
  EXPECT_EQ(sender->enc, value("enc"));
  const auto shared = hpke_decapsulate(*receiver, sender->enc);
  ASSERT_TRUE(shared);
  auto opener = HpkeContext::from_shared_secret(shared->reveal(), value("info"), id);
  ASSERT_TRUE(opener);
  for (std::size_t i = 0; i < vector.at("ct").size(); ++i) {
    const Bytes aad = hex(vector.at("aad")[i]), plain = hex(vector.at("pt")[i]), cipher = hex(vector.at("ct")[i]);
    EXPECT_EQ(sender->context.seal(aad, plain).value(), cipher) << i;
    EXPECT_EQ(opener->open(aad, cipher).value(), plain) << i;
  }
  for (std::size_t i = 0; i < vector.at("L").size(); ++i) {
    const Bytes context = hex(vector.at("exporter_context")[i]);
    const auto length = static_cast<std::size_t>(std::stoul(vector.at("L")[i]));
    EXPECT_EQ(to_hex(sender->context.export_secret(context, length)->reveal()), vector.at("exported_value")[i]);
    EXPECT_EQ(to_hex(opener->export_secret(context, length)->reveal()), vector.at("exported_value")[i]);
  }
}

int check_file(const std::string& path) {
  int checked = 0;
  for (const Vector& vector : read_vectors(path)) {
    if (vector.at("kem_id").at(0) != "16") continue;
    check_vector(vector);
    ++checked;
  }
  return checked;
}

TEST(Hpke, VectorsOfRfc9180) { EXPECT_EQ(check_file(std::string(LIAISON_VECTORS_DIR) + "/hpke_p256.txt"), 2); }

TEST(Hpke, FullVectorFileWhereItLiesBesideTheRepository) {
  const std::string path = std::string(LIAISON_SOURCE_DIR) + "/../shared/data/crypto/rfc9180_base_vectors.txt";
  const bool there = std::ifstream(path).is_open();
  EXPECT_EQ(check_file(path), there ? 2 : 0);
}

TEST(Hpke, ContextsAgreeOnLongExports) {
  const auto receiver = derive_key_pair(seed(1));
  const auto sender = hpke_setup_sender(receiver->public_key(), view("info"), seed(2), aead);
  const auto opener = HpkeContext::from_shared_secret(hpke_decapsulate(*receiver, sender->enc)->reveal(), view("info"), aead);
  for (std::size_t length : {1u, 32u, 33u, 44u, 64u, 65u, 300u}) {
    const auto exported = sender->context.export_secret(view("context"), length);
    EXPECT_EQ(exported->reveal().size(), length);
    EXPECT_TRUE(equal(exported->reveal(), opener->export_secret(view("context"), length)->reveal()));
    EXPECT_FALSE(equal(exported->reveal(), opener->export_secret(view("contexT"), length)->reveal()));
  }
}

TEST(Hpke, OtherKeyInfoOrSuiteGivesOtherSecrets) {
  const auto receiver = derive_key_pair(seed(1));
  const auto other = derive_key_pair(seed(3));
  const auto sender = hpke_setup_sender(receiver->public_key(), view("info"), seed(2), aead);
  const auto right = hpke_decapsulate(*receiver, sender->enc);
  const auto wrong = hpke_decapsulate(*other, sender->enc);
  EXPECT_FALSE(equal(right->reveal(), wrong->reveal()));
  const auto expected = sender->context.export_secret({}, 44);
  const auto exported = [](const SecretBytes& secret, std::string_view info, HpkeAead id) {
    return HpkeContext::from_shared_secret(secret.reveal(), view(info), id)->export_secret({}, 44);
  };
  EXPECT_TRUE(equal(exported(*right, "info", aead)->reveal(), expected->reveal()));
  EXPECT_FALSE(equal(exported(*wrong, "info", aead)->reveal(), expected->reveal()));
  EXPECT_FALSE(equal(exported(*right, "infO", aead)->reveal(), expected->reveal()));
  EXPECT_FALSE(equal(exported(*right, "info", HpkeAead::aes_128_gcm)->reveal(), expected->reveal()));
}

TEST(Hpke, FlippedBitDoesNotOpenAndDoesNotAdvance) {
  const auto receiver = derive_key_pair(seed(1));
  auto sender = hpke_setup_sender(receiver->public_key(), {}, seed(2), aead);
  auto opener = HpkeContext::from_shared_secret(hpke_decapsulate(*receiver, sender->enc)->reveal(), {}, aead);
  const Bytes cipher = sender->context.seal(view("aad"), view("plain")).value();
  for (std::size_t bit = 0; bit < cipher.size() * 8; ++bit) {
    Bytes changed = cipher;
    changed[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
    EXPECT_EQ(opener->open(view("aad"), changed).error().code, Errc::cannot_open);
  }
  EXPECT_EQ(opener->open(view("aaD"), cipher).error().code, Errc::cannot_open);
  EXPECT_EQ(opener->open(view("aad"), cipher).value(), to_bytes("plain"));
  EXPECT_EQ(opener->open(view("aad"), cipher).error().code, Errc::cannot_open) << "the next message has another nonce";
}

TEST(Hpke, EncMustBeAPointOfTheCurve) {
  const auto receiver = derive_key_pair(seed(1));
  const Bytes enc = hpke_setup_sender(receiver->public_key(), {}, seed(2), aead)->enc;
  for (std::size_t length = 0; length < enc.size(); ++length) {
    EXPECT_EQ(hpke_decapsulate(*receiver, ByteView(enc).first(length)).error().code, Errc::cannot_open);
  }
  Bytes longer = enc;
  longer.push_back(0);
  EXPECT_EQ(hpke_decapsulate(*receiver, longer).error().code, Errc::cannot_open);
  for (std::size_t i = 0; i < enc.size(); ++i) {
    Bytes changed = enc;
    changed[i] ^= 1;
    EXPECT_EQ(hpke_decapsulate(*receiver, changed).error().code, Errc::cannot_open) << i;
  }
  EXPECT_EQ(hpke_decapsulate(*receiver, Bytes(65, 0)).error().code, Errc::cannot_open);
  Bytes zero_point(65, 0);
  zero_point[0] = 4;
  EXPECT_EQ(hpke_decapsulate(*receiver, zero_point).error().code, Errc::cannot_open);
}

TEST(Hpke, ShortEphemeralMaterialIsRefused) {
  const auto receiver = derive_key_pair(seed(1));
  EXPECT_EQ(hpke_setup_sender(receiver->public_key(), {}, Bytes(31, 7), aead).error().code, Errc::crypto_failed);
}

TEST(Hpke, ASignatureOnlyKeyCannotReceive) {
  const auto ed25519 = PrivateKey::generate(KeyType::ed25519);
  const Bytes enc = derive_key_pair(seed(1))->public_key().point();
  EXPECT_EQ(hpke_setup_sender(ed25519->public_key(), {}, seed(2), aead).error().code, Errc::crypto_failed);
  EXPECT_EQ(hpke_decapsulate(*ed25519, enc).error().code, Errc::crypto_failed);
}

}  // namespace
}  // namespace liaison::crypto
