// AES-256-GCM against the vectors of the GCM specification and HKDF against RFC 5869, then every changed bit and every length.
#include <gtest/gtest.h>

#include <thread>

#include "core/crypto/aead.h"
#include "vectors.h"

namespace liaison::crypto {
namespace {

const Bytes key_bytes_1(32, 0x11), nonce_1(12, 0x22);
const AeadKey key_1{key_bytes_1, nonce_1};

TEST(Aead, VectorsOfTheGcmSpecification) {
  const Bytes zero_key(32, 0), zero_nonce(12, 0);
  // Test cases 13, 14 and 16 (McGrew and Viega, The Galois/Counter Mode of Operation, appendix B).
  EXPECT_EQ(to_hex(aead_seal({zero_key, zero_nonce}, {}, {}).value()), "530f8afbc74536b9a963b4f1c4cb738b");
  EXPECT_EQ(to_hex(aead_seal({zero_key, zero_nonce}, {}, Bytes(16, 0)).value()),
            "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919");
  const Bytes key = hex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308");
  const Bytes nonce = hex("cafebabefacedbaddecaf888");
  const Bytes aad = hex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
  const Bytes plain = hex("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39");
  const Bytes cipher = hex("522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
                           "76fc6ece0f4e1768cddf8853bb2d551b");
  EXPECT_EQ(aead_seal({key, nonce}, aad, plain).value(), cipher);
  EXPECT_EQ(aead_open({key, nonce}, aad, cipher).value(), plain);
}

TEST(Aead, OpensWhatItSealedAtEveryLength) {
  Bytes plain;
  for (int length = 0; length < 100; ++length) {
    const Bytes cipher = aead_seal(key_1, view("aad"), plain).value();
    EXPECT_EQ(cipher.size(), plain.size() + aead_tag_bytes);
    EXPECT_EQ(aead_open(key_1, view("aad"), cipher).value(), plain);
    plain.push_back(static_cast<std::uint8_t>(length));
  }
}

TEST(Aead, ChangedInputsDoNotOpen) {
  const Bytes cipher = aead_seal(key_1, view("aad"), view("some plaintext")).value();
  for (std::size_t length = 0; length < cipher.size(); ++length) {
    EXPECT_EQ(aead_open(key_1, view("aad"), ByteView(cipher).first(length)).error().code, Errc::cannot_open);
  }
  for (std::size_t bit = 0; bit < cipher.size() * 8; ++bit) {
    Bytes changed = cipher;
    changed[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
    EXPECT_EQ(aead_open(key_1, view("aad"), changed).error().code, Errc::cannot_open) << bit;
  }
  const Bytes other_key(32, 0x12), other_nonce(12, 0x23);
  EXPECT_EQ(aead_open({other_key, nonce_1}, view("aad"), cipher).error().code, Errc::cannot_open);
  EXPECT_EQ(aead_open({key_bytes_1, other_nonce}, view("aad"), cipher).error().code, Errc::cannot_open);
  EXPECT_EQ(aead_open(key_1, view("aa"), cipher).error().code, Errc::cannot_open);
  EXPECT_EQ(aead_open(key_1, {}, cipher).error().code, Errc::cannot_open);
  EXPECT_EQ(text(aead_open(key_1, view("aad"), cipher).value()), "some plaintext") << "a failure leaves the kept context usable";
}

TEST(Aead, ThreadsDoNotDisturbEachOther) {
  std::vector<std::thread> threads;
  std::array<int, 4> opened{};
  for (std::size_t t = 0; t < opened.size(); ++t) {
    threads.emplace_back([t, &opened] {
      const Bytes key(32, static_cast<std::uint8_t>(t));
      const Bytes plain(1000 + t, static_cast<std::uint8_t>(t));
      for (int i = 0; i < 200; ++i) {
        const auto cipher = aead_seal({key, nonce_1}, view("aad"), plain);
        const auto back = cipher ? aead_open({key, nonce_1}, view("aad"), *cipher) : cipher;
        if (back && *back == plain) ++opened[t];
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(opened, (std::array<int, 4>{200, 200, 200, 200}));
}

struct HkdfCase { const char* ikm; const char* salt; const char* info; std::size_t length; const char* prk; const char* okm; };

TEST(Hkdf, CasesOfRfc5869) {
  const HkdfCase cases[] = {
      {"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "000102030405060708090a0b0c", "f0f1f2f3f4f5f6f7f8f9", 42,
       "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5",
       "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"},
      {"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f4041424344454647"
       "48494a4b4c4d4e4f",
       "606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9fa0a1a2a3a4a5a6a7"
       "a8a9aaabacadaeaf",
       "b0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedfe0e1e2e3e4e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7"
       "f8f9fafbfcfdfeff",
       82, "06a6b88c5853361a06104c9ceb35b45cef760014904671014a193f40c15fc244",
       "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71"
       "cc30c58179ec3e87c14c01d5c1f3434f1d87"},
      {"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "", "", 42, "19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04",
       "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"}};
  for (const HkdfCase& c : cases) {
    const auto prk = hkdf_extract(hex(c.salt), hex(c.ikm));
    ASSERT_TRUE(prk);
    EXPECT_EQ(to_hex(prk->reveal()), c.prk);
    EXPECT_EQ(to_hex(hkdf_expand(prk->reveal(), hex(c.info), c.length)->reveal()), c.okm);
  }
}

TEST(Hkdf, LengthIsBounded) {
  EXPECT_EQ(hkdf_expand(key_bytes_1, {}, 255 * 32)->reveal().size(), 255u * 32);
  EXPECT_EQ(hkdf_expand(key_bytes_1, {}, 255 * 32 + 1).error().code, Errc::crypto_failed);
  EXPECT_TRUE(hkdf_expand(key_bytes_1, {}, 0)->empty());
}

}  // namespace
}  // namespace liaison::crypto
