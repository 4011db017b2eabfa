// Keys and signatures: the vectors of RFC 6979 and RFC 8032, PKCS#8 in both forms, and malformed keys and signatures of the kinds that
// real implementations have accepted by mistake.
#include <gtest/gtest.h>

#include <thread>

#include "core/crypto/keys.h"
#include "vectors.h"

namespace liaison::crypto {
namespace {

const std::string passphrase = "correct horse battery staple";

PrivateKey generated(KeyType type) { return PrivateKey::generate(type).value(); }

TEST(KeyRoles, NamesRoundTrip) {
  std::vector<std::string_view> names;
  for (auto role : {KeyRole::tls, KeyRole::seal, KeyRole::link, KeyRole::box, KeyRole::log, KeyRole::witness, KeyRole::authority, KeyRole::policy,
                    KeyRole::exporting}) {
    EXPECT_EQ(parse_key_role(name(role)), role);
    EXPECT_EQ(std::count(names.begin(), names.end(), name(role)), 0);
    names.push_back(name(role));
  }
  EXPECT_EQ(name(KeyRole::exporting), "export");
  EXPECT_FALSE(parse_key_role("exporting"));
  EXPECT_FALSE(parse_key_role(""));
  EXPECT_EQ(key_type(KeyRole::log), KeyType::ed25519);
  EXPECT_EQ(key_type(KeyRole::witness), KeyType::ed25519);
  EXPECT_EQ(key_type(KeyRole::seal), KeyType::p256);
}

TEST(PublicKeys, P256SignatureOfRfc6979Verifies) {
  const Bytes point = hex("0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb67903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299");
  const auto key = PublicKey::from_point(point);
  ASSERT_TRUE(key);
  EXPECT_EQ(key->point(), point);
  // A.2.5, SHA-256, message "sample": r and s as DER; both have their top bit set.
  const Bytes signature = hex("3046022100efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716022100f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8");
  EXPECT_TRUE(key->verify(view("sample"), signature));
  EXPECT_EQ(key->verify(view("Sample"), signature).error().code, Errc::bad_signature);
}

TEST(PublicKeys, Ed25519SignatureOfRfc8032Verifies) {
  // Section 7.1, TEST 3.
  Bytes spki = hex("302a300506032b6570032100");
  put(spki, hex("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025"));
  const Bytes signature = hex("6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a");
  const auto key = PublicKey::from_spki(spki);
  ASSERT_TRUE(key);
  EXPECT_EQ(key->type(), KeyType::ed25519);
  EXPECT_TRUE(key->verify(hex("af82"), signature));
  EXPECT_EQ(key->verify(hex("af83"), signature).error().code, Errc::bad_signature);
}

TEST(PublicKeys, HashIsOfTheSubjectPublicKeyInfo) {
  for (auto type : {KeyType::p256, KeyType::ed25519}) {
    const auto key = generated(type);
    const auto again = PublicKey::from_spki(key.public_key().spki());
    ASSERT_TRUE(again);
    EXPECT_EQ(again->type(), type);
    EXPECT_EQ(again->hash(), merkle::sha256(ByteView(key.public_key().spki())));
    EXPECT_EQ(again->point(), key.public_key().point());
  }
}

TEST(PublicKeys, OneDerFormOnly) {
  for (auto type : {KeyType::p256, KeyType::ed25519}) {
    const Bytes spki = generated(type).public_key().spki();
    for (std::size_t length = 0; length < spki.size(); ++length) {
      EXPECT_EQ(PublicKey::from_spki(ByteView(spki).first(length)).error().code, Errc::bad_format) << length;
    }
    Bytes longer = spki;
    longer.push_back(0);
    EXPECT_FALSE(PublicKey::from_spki(longer));
    const std::size_t prefix = type == KeyType::p256 ? 27 : 12;
    for (std::size_t bit = 0; bit < prefix * 8; ++bit) {
      Bytes changed = spki;
      changed[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
      EXPECT_FALSE(PublicKey::from_spki(changed)) << bit;
    }
  }
}

TEST(PublicKeys, PointsOffTheCurveAreRefused) {
  const Bytes point = generated(KeyType::p256).public_key().point();
  for (std::size_t i = 1; i < point.size(); ++i) {
    Bytes changed = point;
    changed[i] ^= 0x10;
    EXPECT_EQ(PublicKey::from_point(changed).error().code, Errc::bad_format) << i;
  }
  Bytes beyond_field(65, 0xFF);
  beyond_field[0] = 4;
  EXPECT_FALSE(PublicKey::from_point(beyond_field));
  EXPECT_FALSE(PublicKey::from_point(Bytes{0}));
  Bytes compressed(point.begin(), point.begin() + 33);
  compressed[0] = static_cast<std::uint8_t>(2 + (point[64] & 1));
  EXPECT_FALSE(PublicKey::from_point(compressed));
}

TEST(PublicKeys, CopiesAndMovesAreTheSameKey) {
  const auto pair = generated(KeyType::p256);
  const Bytes signature = pair.sign(view("text")).value();
  PublicKey copy = pair.public_key();
  const PublicKey moved = std::move(copy);
  copy = moved;
  const PublicKey& itself = copy;
  copy = itself;
  EXPECT_TRUE(copy.verify(view("text"), signature));
  EXPECT_TRUE(moved.verify(view("text"), signature));
}

TEST(Signatures, SignedTextVerifies) {
  for (auto type : {KeyType::p256, KeyType::ed25519}) {
    const auto key = generated(type);
    const auto other = generated(type);
    for (const std::string message : {"", "a", "a longer message that takes more than one block of the hash function, since it has 80 bytes"}) {
      const Bytes signature = key.sign(view(message)).value();
      EXPECT_TRUE(key.public_key().verify(view(message), signature));
      EXPECT_EQ(other.public_key().verify(view(message), signature).error().code, Errc::bad_signature);
      EXPECT_EQ(key.public_key().verify(view(message + "x"), signature).error().code, Errc::bad_signature);
    }
  }
}

TEST(Signatures, EveryTruncationAndFlippedBitIsRefused) {
  for (auto type : {KeyType::p256, KeyType::ed25519}) {
    const auto key = generated(type);
    const Bytes signature = key.sign(view("text")).value();
    for (std::size_t length = 0; length < signature.size(); ++length) {
      EXPECT_EQ(key.public_key().verify(view("text"), ByteView(signature).first(length)).error().code, Errc::bad_signature);
    }
    Bytes longer = signature;
    longer.push_back(0);
    EXPECT_EQ(key.public_key().verify(view("text"), longer).error().code, Errc::bad_signature);
    for (std::size_t bit = 0; bit < signature.size() * 8; ++bit) {
      Bytes changed = signature;
      changed[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
      EXPECT_EQ(key.public_key().verify(view("text"), changed).error().code, Errc::bad_signature) << bit;
    }
  }
}

// r and s of one signature, written by hand in other encodings.
struct Numbers { Bytes r, s; };
Numbers numbers_of(const Bytes& der) {
  const std::size_t r_size = der[3];
  return {Bytes(der.begin() + 4, der.begin() + 4 + static_cast<std::ptrdiff_t>(r_size)), Bytes(der.begin() + 6 + static_cast<std::ptrdiff_t>(r_size), der.end())};
}
Bytes der_integer(const Bytes& value) {
  Bytes out{0x02, static_cast<std::uint8_t>(value.size())};
  put(out, value);
  return out;
}
Bytes der_pair(const Bytes& r, const Bytes& s) {
  Bytes out{0x30, static_cast<std::uint8_t>(r.size() + s.size())};
  put(out, r);
  put(out, s);
  return out;
}

TEST(Signatures, OtherEncodingsOfTheSameNumbersAreRefused) {
  const auto key = generated(KeyType::p256);
  const Bytes signature = key.sign(view("text")).value();
  const auto [r, s] = numbers_of(signature);
  const auto verifies = [&](const Bytes& der) { return bool(key.public_key().verify(view("text"), der)); };
  ASSERT_TRUE(verifies(der_pair(der_integer(r), der_integer(s))));
  Bytes padded_r{0}, raw;
  put(padded_r, r);
  put(raw, r);
  put(raw, s);
  EXPECT_FALSE(verifies(der_pair(der_integer(padded_r), der_integer(s)))) << "leading zero byte";
  EXPECT_FALSE(verifies(raw)) << "plain r || s";
  Bytes long_form{0x30, 0x81, signature[1]};
  put(long_form, ByteView(signature).subspan(2));
  EXPECT_FALSE(verifies(long_form)) << "BER length";
  Bytes indefinite{0x30, 0x80};
  put(indefinite, ByteView(signature).subspan(2));
  put(indefinite, Bytes{0, 0});
  EXPECT_FALSE(verifies(indefinite)) << "indefinite length";
  Bytes with_null = der_pair(der_integer(r), der_integer(s));
  with_null[1] = static_cast<std::uint8_t>(with_null[1] + 2);
  put(with_null, Bytes{0x05, 0x00});
  EXPECT_FALSE(verifies(with_null)) << "a third element";
  EXPECT_FALSE(verifies(der_pair(der_integer(s), der_integer(r)))) << "swapped";
}

TEST(Signatures, DegenerateNumbersAreRefused) {
  const auto key = generated(KeyType::p256);
  const Bytes zero{0}, one{1}, minus_one{0xFF};
  const Bytes order = hex("00ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
  const Bytes field = hex("00ffffffff00000001000000000000000000000000ffffffffffffffffffffffff");
  for (const Bytes& r : {zero, one, minus_one, order, field}) {
    for (const Bytes& s : {zero, one, minus_one, order, field}) {
      EXPECT_EQ(key.public_key().verify(view("text"), der_pair(der_integer(r), der_integer(s))).error().code, Errc::bad_signature);
    }
  }
  EXPECT_FALSE(key.public_key().verify(view("text"), der_pair({}, {})));
  EXPECT_FALSE(key.public_key().verify(view("text"), Bytes{}));
  EXPECT_FALSE(key.public_key().verify(view("text"), Bytes(200, 0x30)));
}

TEST(Signatures, OneKeyVerifiesOnSeveralThreads) {
  const auto key = generated(KeyType::p256);
  const Bytes signature = key.sign(view("text")).value();
  std::array<int, 4> verified{};
  std::vector<std::thread> threads;
  for (auto& count : verified) {
    threads.emplace_back([&] {
      for (int i = 0; i < 50; ++i) {
        if (key.public_key().verify(view("text"), signature) && key.sign(view("more"))) ++count;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(verified, (std::array<int, 4>{50, 50, 50, 50}));
}

TEST(PrivateKeys, Pkcs8RoundTrips) {
  for (auto type : {KeyType::p256, KeyType::ed25519}) {
    const auto key = generated(type);
    const auto plain = PrivateKey::from_pkcs8(key.to_pkcs8_pem({}).value(), {});
    ASSERT_TRUE(plain) << plain.error().message();
    EXPECT_EQ(plain->public_key().hash(), key.public_key().hash());
    const Bytes pem = key.to_pkcs8_pem(view(passphrase)).value();
    EXPECT_TRUE(text(pem).starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----"));
    const auto opened = PrivateKey::from_pkcs8(pem, view(passphrase));
    ASSERT_TRUE(opened) << opened.error().message();
    EXPECT_TRUE(key.public_key().verify(view("text"), opened->sign(view("text")).value()));
    EXPECT_EQ(PrivateKey::from_pkcs8(pem, view("wrong")).error().code, Errc::key_missing);
    EXPECT_EQ(PrivateKey::from_pkcs8(pem, {}).error().code, Errc::key_missing);
  }
}

Bytes der_of(const Bytes& pem) {
  std::string body(text(pem));
  body = body.substr(body.find('\n') + 1);
  body = body.substr(0, body.find("-----END"));
  std::erase(body, '\n');
  return from_base64(body).value();
}

TEST(PrivateKeys, DerIsReadToo) {
  const auto key = generated(KeyType::p256);
  const Bytes plain = der_of(key.to_pkcs8_pem({}).value());
  EXPECT_EQ(PrivateKey::from_pkcs8(plain, {})->public_key().hash(), key.public_key().hash());
  const Bytes sealed = der_of(key.to_pkcs8_pem(view(passphrase)).value());
  EXPECT_EQ(PrivateKey::from_pkcs8(sealed, view(passphrase))->public_key().hash(), key.public_key().hash());
  for (std::size_t length = 0; length < plain.size(); ++length) {
    EXPECT_EQ(PrivateKey::from_pkcs8(ByteView(plain).first(length), view(passphrase)).error().code, Errc::bad_format) << length;
  }
  for (std::size_t length = 0; length < sealed.size(); ++length) {
    EXPECT_EQ(PrivateKey::from_pkcs8(ByteView(sealed).first(length), view(passphrase)).error().code, Errc::bad_format) << length;
  }
}

// Made with: openssl ecparam -name secp384r1 -genkey -noout | openssl pkcs8 -topk8 -nocrypt
constexpr std::string_view p384_pem = R"(-----BEGIN PRIVATE KEY-----
MIG2AgEAMBAGByqGSM49AgEGBSuBBAAiBIGeMIGbAgEBBDD8i9AYguGmDI/Cmi+2
D73+QxfEtquFKSOKOEu3JRjvAz27ynzE8JPoUO/bkuWEkyahZANiAARF1TWeuhDq
fbUyJkYbpdagGBWoo7gVcgpVGIVLYJu7YAh/hjxSKm2ZLpcj24Il+if/CJyhp2hu
Y/V/HNfJgqjWFRI/AFc0exWZhDUvFpcIJ8Nh2/17FkrZACfgH+PBqNQ=
-----END PRIVATE KEY-----
)";
// The same as P-256 without the optional public key: openssl ec -no_public
constexpr std::string_view p256_without_public_pem = R"(-----BEGIN PRIVATE KEY-----
MEECAQAwEwYHKoZIzj0CAQYIKoZIzj0DAQcEJzAlAgEBBCDmHs/5d5P2lP3ljVnY
icL2KxcTMnGomiCzJmkeSmV6kQ==
-----END PRIVATE KEY-----
)";

TEST(PrivateKeys, OtherCurvesAreRefused) { EXPECT_EQ(PrivateKey::from_pkcs8(view(p384_pem), {}).error().code, Errc::bad_format); }

TEST(PrivateKeys, PublicHalfIsComputedWhenTheFileHasNone) {
  const auto key = PrivateKey::from_pkcs8(view(p256_without_public_pem), {});
  ASSERT_TRUE(key) << key.error().message();
  EXPECT_EQ(to_hex(key->public_key().point()), "0469015c7ecbe812b5ab452cb809e471779bdc52ed9e041c0754c48bf93226336d7a2117386aafbfbd397b31eeeb272402a070415558d0a47559e9df114dbc2f66");
}

TEST(PrivateKeys, HalvesMustBelongTogether) {
  const Bytes mine = der_of(generated(KeyType::p256).to_pkcs8_pem({}).value());
  const Bytes other = der_of(generated(KeyType::p256).to_pkcs8_pem({}).value());
  ASSERT_EQ(mine.size(), other.size());
  Bytes mixed(mine.begin(), mine.end() - 64);  // the public point stands at the end
  mixed.insert(mixed.end(), other.end() - 64, other.end());
  EXPECT_EQ(PrivateKey::from_pkcs8(mixed, {}).error().code, Errc::bad_format);
}

TEST(PrivateKeys, FilesThatAreNoKeysAreRefused) {
  for (const std::string_view file : {"", "no key", "-----BEGIN PRIVATE KEY-----\n", "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n",
                                      "-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n"}) {
    EXPECT_EQ(PrivateKey::from_pkcs8(view(file), {}).error().code, Errc::bad_format) << file;
  }
}

TEST(PrivateKeys, DerivedPairsAreDeterministic) {
  const Bytes ikm(32, 9), other(32, 8);
  EXPECT_EQ(derive_key_pair(ikm)->public_key().hash(), derive_key_pair(ikm)->public_key().hash());
  EXPECT_NE(derive_key_pair(ikm)->public_key().hash(), derive_key_pair(other)->public_key().hash());
  EXPECT_EQ(derive_key_pair(Bytes(31, 9)).error().code, Errc::crypto_failed);
}

TEST(DiffieHellman, BothSidesAgree) {
  const auto a = generated(KeyType::p256), b = generated(KeyType::p256), c = generated(KeyType::p256);
  const auto ab = a.diffie_hellman(b.public_key()), ba = b.diffie_hellman(a.public_key()), ac = a.diffie_hellman(c.public_key());
  EXPECT_EQ(ab->reveal().size(), 32u);
  EXPECT_TRUE(equal(ab->reveal(), ba->reveal()));
  EXPECT_FALSE(equal(ab->reveal(), ac->reveal()));
  EXPECT_EQ(a.diffie_hellman(generated(KeyType::ed25519).public_key()).error().code, Errc::crypto_failed);
}

}  // namespace
}  // namespace liaison::crypto
