// Checkpoints and proofs: a note signed by openssl, the key id published with the signed-note format, round trips, and every damaged text refused.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "core/audit/checkpoint.h"
#include "core/base/limits.h"

namespace liaison::audit {
namespace {

std::string vector_file(const std::string& name) {
  std::ifstream file(std::string(LIAISON_VECTORS_DIR) + "/" + name, std::ios::binary);
  std::stringstream content;
  content << file.rdbuf();
  return content.str();
}

constexpr std::string_view origin = "ke.customs/2026";

struct Foreign {
  std::string note = vector_file("checkpoint.note");
  crypto::PublicKey key = crypto::PublicKey::from_spki(view(vector_file("checkpoint.spki"))).value();
};

crypto::PrivateKey new_key() { return crypto::PrivateKey::generate(crypto::KeyType::ed25519).value(); }

std::string signed_note(const crypto::PrivateKey& key, std::uint64_t size = 5) {
  Checkpoint checkpoint{std::string(origin), size, {}};
  checkpoint.root.fill(0xAB);
  return sign_checkpoint(checkpoint, key.public_key(), [&](ByteView text) { return key.sign(text); }).value();
}

TEST(Checkpoint, NoteSignedByAnotherToolVerifies) {
  const Foreign foreign;
  const auto checkpoint = verify_checkpoint(foreign.note, origin, foreign.key);
  ASSERT_TRUE(checkpoint) << checkpoint.error().message();
  EXPECT_EQ(checkpoint->size, 109482u);
  EXPECT_EQ(to_base64(checkpoint->root), "sFodV/vSp5O8n9a8QpW6PRY97tfOSW5bsc2Xl/EQi08=");
}

TEST(Checkpoint, KeyIdOfThePublishedExample) {
  // PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW, the verifier key in the documentation of the note format
  Bytes spki = *from_hex("302a300506032b6570032100");
  const Bytes typed_key = *from_base64("ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW");
  put(spki, ByteView(typed_key).subspan(1));
  const auto key = crypto::PublicKey::from_spki(spki);
  ASSERT_TRUE(key);
  EXPECT_EQ(to_hex(note_key_id("PeterNeumann", *key)), "c74f20a3");
}

TEST(Checkpoint, SignedNoteVerifiesAndReadsBack) {
  const auto key = new_key();
  const std::string note = signed_note(key, 0);
  const auto checkpoint = verify_checkpoint(note, origin, key.public_key());
  ASSERT_TRUE(checkpoint);
  EXPECT_EQ(checkpoint->size, 0u);
  EXPECT_EQ(checkpoint_body(*checkpoint), note.substr(0, note.find("\n\n") + 1));
  EXPECT_EQ(parse_checkpoint(note)->origin, origin);
}

TEST(Checkpoint, AnotherKeyOrOriginIsRefused) {
  const auto key = new_key();
  const std::string note = signed_note(key);
  EXPECT_EQ(verify_checkpoint(note, origin, new_key().public_key()).error().code, Errc::unknown_key);
  EXPECT_EQ(verify_checkpoint(note, "ke.customs/2027", key.public_key()).error().code, Errc::wrong_sender);
  const auto wrong_type = crypto::PrivateKey::generate(crypto::KeyType::p256).value();
  EXPECT_EQ(verify_checkpoint(note, origin, wrong_type.public_key()).error().code, Errc::key_not_valid);
}

TEST(Checkpoint, EveryTruncationIsRefused) {
  const auto key = new_key();
  const std::string note = signed_note(key);
  for (std::size_t size = 0; size < note.size(); ++size) EXPECT_FALSE(verify_checkpoint(note.substr(0, size), origin, key.public_key())) << size;
}

TEST(Checkpoint, EveryFlippedBitIsRefused) {
  const auto key = new_key();
  const std::string note = signed_note(key);
  for (std::size_t bit = 0; bit < note.size() * 8; ++bit) {
    std::string changed = note;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_FALSE(verify_checkpoint(changed, origin, key.public_key())) << bit;
  }
}

TEST(Checkpoint, OddFormsAreRefused) {
  const std::string root = to_base64(Hash{});
  const std::string tail = "\n" + std::string("\xE2\x80\x94 a AQIDBAU=\n");
  EXPECT_TRUE(parse_checkpoint("a\n1\n" + root + "\n" + tail));
  for (const std::string& body : {"a\n01\n" + root + "\n", "a\n-1\n" + root + "\n", "\n1\n" + root + "\n", "a b\n1\n" + root + "\n",
                                  "a\n1\n" + root + "\nextension\n", "a\n1\n" + root.substr(4) + "\n", "a\n99999999999999999999\n" + root + "\n"})
    EXPECT_FALSE(parse_checkpoint(body + tail)) << body;
  EXPECT_FALSE(parse_checkpoint("a\n1\n" + root + "\n\n"));
  EXPECT_FALSE(parse_checkpoint("a\n1\n" + root + "\n\n- a AQIDBAU=\n"));
  EXPECT_EQ(parse_checkpoint(std::string(limits::text_bytes_max + 1, 'a')).error().code, Errc::limit_exceeded);
}

TEST(Proof, ReadsBackAndKeepsTheNote) {
  const std::string note = signed_note(new_key());
  Hash one{}, two{};
  one.fill(1);
  two.fill(2);
  const std::string proof = make_proof(3, std::vector{one, two}, note);
  EXPECT_TRUE(proof.starts_with("c2sp.org/tlog-proof@v1\nindex 3\nAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=\n"));
  const auto parsed = parse_proof(proof);
  ASSERT_TRUE(parsed) << parsed.error().message();
  EXPECT_EQ(parsed->index, 3u);
  EXPECT_EQ(parsed->path, (std::vector{one, two}));
  EXPECT_EQ(parsed->note, note);
  EXPECT_TRUE(parse_proof(make_proof(0, {}, note))->path.empty());
}

TEST(Proof, ExtraLineIsReadAndDropped) {
  const std::string note = vector_file("checkpoint.note");
  const auto parsed = parse_proof("c2sp.org/tlog-proof@v1\nextra AQID\nindex 7\n\n" + note);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->note, note);
  EXPECT_FALSE(parse_proof("c2sp.org/tlog-proof@v1\nextra A\nindex 7\n\n" + note));
}

TEST(Proof, DamagedProofsAreRefused) {
  const std::string note = signed_note(new_key());
  const std::string proof = make_proof(3, std::vector(2, Hash{}), note);
  for (std::size_t size = 0; size < proof.size(); ++size) EXPECT_FALSE(parse_proof(proof.substr(0, size))) << size;
  EXPECT_FALSE(parse_proof(make_proof(3, std::vector(64, Hash{}), note)));
  EXPECT_FALSE(parse_proof("c2sp.org/tlog-proof@v2" + proof.substr(22)));
  EXPECT_FALSE(parse_proof("c2sp.org/tlog-proof@v1\nindex 03\n\n" + note));
  EXPECT_EQ(parse_proof(std::string(3 * limits::text_bytes_max, 'a')).error().code, Errc::limit_exceeded);
}

}  // namespace
}  // namespace liaison::audit
