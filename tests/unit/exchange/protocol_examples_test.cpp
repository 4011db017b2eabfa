// The worked examples of schemas/PROTOCOL.md, computed with this code: the document and the code cannot drift apart.
// The numbers in the document were computed by another program (Python's hashlib).
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>

#include "core/exchange/envelope.h"
#include "core/link/ledger.h"
#include "core/merkle/tree.h"
#include "core/record/leaf.h"

using namespace liaison;

namespace {

// "name = value" lines inside the document.
const std::map<std::string, std::string>& examples() {
  static const auto found = [] {
    std::map<std::string, std::string> lines;
    std::ifstream file(LIAISON_SOURCE_DIR "/schemas/PROTOCOL.md");
    bool inside = false;
    for (std::string line; std::getline(file, line);) {
      inside = inside || line == "## 12. Worked examples";
      const auto equals = line.find(" = ");
      if (inside && equals != std::string::npos && line.find(' ') == equals) lines[line.substr(0, equals)] = line.substr(equals + 3);
    }
    return lines;
  }();
  return found;
}
std::string stated(const std::string& name) {
  const auto found = examples().find(name);
  return found == examples().end() ? "no example " + name : found->second;
}

Bytes counting(std::uint8_t first) {
  Bytes salt(16);
  for (std::size_t i = 0; i < salt.size(); ++i) salt[i] = static_cast<std::uint8_t>(first + i);
  return salt;
}

const record::RecordId record_id{*parse_uuid("0192f0c1-2345-7abc-8def-0123456789ab"), 1};
const Bytes name_path{0x01, 0x00, 0x09, 0x02, 0x00, 0x00, 0x00, 0x01, 0x01, 0x00, 0x01};

std::vector<record::Leaf> leaves() {
  Bytes initials = name_path;
  put(initials, Bytes{0x04, 0x05});
  return {{name_path, record::LeafType::string, to_bytes(std::string_view("Mwangi"))},
          {initials, record::LeafType::string, to_bytes(std::string_view("M."))},
          {record::audience_path(4660), record::LeafType::string, to_bytes(std::string_view("agency:int.gs"))}};
}

Hash hash_of(const record::Leaf& leaf, std::uint8_t salt) {
  return record::leaf_hash(record_id, leaf.path, record::commitment(counting(salt), leaf.type, leaf.value));
}

link::Entry entry() {
  return {link::EntryType::envelope, 0, 4096, *parse_uuid("0192f0c1-2345-7abc-8def-aaaaaaaaaaaa"), merkle::sha256("core")};
}

}  // namespace

TEST(ProtocolExamples, commitments_and_leaves) {
  const auto all = leaves();
  EXPECT_EQ(to_hex(all[0].path), stated("path"));
  EXPECT_EQ(to_hex(all[1].path), stated("derived-path"));
  EXPECT_EQ(to_hex(record::commitment(counting(0), all[0].type, all[0].value)), stated("commitment"));
  EXPECT_EQ(to_hex(hash_of(all[0], 0)), stated("leaf"));
  EXPECT_EQ(to_hex(hash_of(all[1], 16)), stated("derived-leaf"));
  EXPECT_EQ(to_hex(hash_of(all[2], 32)), stated("audience-leaf"));
}

TEST(ProtocolExamples, root_over_sorted_leaves) {
  const auto all = leaves();
  std::vector<Hash> hashes{hash_of(all[0], 0), hash_of(all[1], 16), hash_of(all[2], 32)};
  std::sort(hashes.begin(), hashes.end());
  EXPECT_EQ(to_hex(merkle::root(hashes)), stated("root"));
}

TEST(ProtocolExamples, packed_opening_is_read) {
  const auto packed = from_hex(stated("packed-opening"));
  ASSERT_TRUE(packed);
  const auto openings = record::Openings::parse(record_id, *packed);
  ASSERT_TRUE(openings);
  ASSERT_EQ(openings->size(), 1U);
  EXPECT_EQ(to_hex((*openings)[0].leaf), stated("leaf"));
}

TEST(ProtocolExamples, ledger_entry_and_head) {
  const auto bytes = link::encode(entry());
  EXPECT_EQ(to_hex(bytes), stated("ledger-entry"));
  const Hash leaf = merkle::leaf_hash(bytes);
  EXPECT_EQ(to_hex(leaf), stated("ledger-leaf"));
  const link::Head head{"demo", "ke.customs", "int.gs", {0, Lane::routine, 0}, 1, leaf, *parse_time("2026-03-04T05:06:07.089Z"), merkle::sha256("key")};
  EXPECT_EQ(to_hex(crypto::text_hash(view(link::make_text(head)))), stated("head-hash"));
}

TEST(ProtocolExamples, hpke_info) {
  EXPECT_EQ(to_hex(exchange::envelope_info("demo", "ke.customs", merkle::sha256("key"))), stated("hpke-info"));
}

TEST(ProtocolExamples, size_buckets) {
  for (const std::size_t size : {1, 256, 257, 4096, 4097, 5000, 100000, 1400000})
    EXPECT_EQ(std::to_string(exchange::padded_bytes(size)), stated("bucket-" + std::to_string(size)));
}
