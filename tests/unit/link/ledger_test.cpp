// Entries, heads and receipts: bytes as formats 4 writes them, round trips, and every shortened, widened or altered form refused.
#include <gtest/gtest.h>

#include "core/link/ledger.h"

namespace liaison::link {
namespace {

Entry some_entry() {
  Entry entry{EntryType::envelope, 2, 0x00010203, {}, {}};
  entry.msg_id.bytes.fill(0xAB);
  entry.core.fill(0xCD);
  return entry;
}

TEST(LedgerEntry, BytesAreTypeHopsSizeIdCore) {
  EXPECT_EQ(to_hex(encode(some_entry())),
            "010200010203abababababababababababababababab" "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd");
}

TEST(LedgerEntry, RoundTrip) {
  const EntryBytes bytes = encode(some_entry());
  const auto entry = decode_entry(bytes);
  ASSERT_TRUE(entry);
  EXPECT_EQ(encode(*entry), bytes);
  EXPECT_EQ(entry->size, 0x00010203u);
  const EntryBytes opening = encode(Entry{EntryType::epoch_open, 0, 0, {}, epoch_core(Hash{1}, Hash{2})});
  ASSERT_TRUE(decode_entry(opening));
}

TEST(LedgerEntry, EveryOtherLengthIsRefused) {
  Bytes bytes = to_bytes(ByteView(encode(some_entry())));
  for (std::size_t size = 0; size < bytes.size(); ++size) EXPECT_EQ(decode_entry(ByteView(bytes).first(size)).error().code, Errc::bad_format);
  bytes.push_back(0);
  EXPECT_FALSE(decode_entry(bytes));
}

TEST(LedgerEntry, EveryFlippedBitIsRefusedOrStaysInItsField) {
  const EntryBytes good = encode(some_entry());
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    EntryBytes bytes = good;
    bytes[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
    const auto entry = decode_entry(bytes);
    if (entry) { EXPECT_EQ(encode(*entry), bytes) << bit; }
    if (bit / 8 == 0) { EXPECT_FALSE(entry) << bit; }
  }
}

TEST(LedgerEntry, TypeHopsAndSizesOutsideTheFormatAreRefused) {
  const auto refused = [](std::uint8_t type, std::uint8_t hops, std::uint32_t size, bool with_id) {
    Entry entry{EntryType{type}, hops, size, {}, {}};
    if (with_id) entry.msg_id.bytes.fill(1);
    return !decode_entry(encode(entry));
  };
  EXPECT_TRUE(refused(0, 0, 9, true));
  EXPECT_TRUE(refused(2, 0, 9, true));
  EXPECT_TRUE(refused(1, 3, 9, true));
  EXPECT_TRUE(refused(1, 0, 0, true));
  EXPECT_TRUE(refused(1, 0, limits::envelope_bytes_max + 1, true));
  EXPECT_FALSE(refused(1, 0, limits::envelope_bytes_max, true));
  EXPECT_TRUE(refused(3, 1, 0, false));
  EXPECT_TRUE(refused(3, 0, 1, false));
  EXPECT_TRUE(refused(3, 0, 0, true));
}

TEST(LedgerEntry, EpochNamesBothHeadsInAnyOrder) {
  EXPECT_EQ(epoch_core(Hash{1}, Hash{2}), epoch_core(Hash{2}, Hash{1}));
  EXPECT_NE(epoch_core(Hash{1}, Hash{2}), epoch_core(Hash{1}, Hash{3}));
}

Head some_head() { return {"eu", "ke.customs", "int.gs", {0, Lane::urgent, 7}, 300, Hash{1, 2}, time_from_millis(1'760'000'000'123), Hash{3}}; }

TEST(LinkHead, TextIsAsFormatsSays) {
  EXPECT_EQ(make_text(some_head()),
            "liaison link head v1\nrealm eu\nfrom ke.customs\nto int.gs\nstream 0\nlane urgent\nepoch 7\nsize 300\n"
            "root AQIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\ntime 2025-10-09T08:53:20.123Z\nkey AwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n");
}

template <class Parse>
void expect_only_exact(const std::string& text, Parse parse, const std::function<std::string(ByteView)>& again) {
  for (std::size_t size = 0; size < text.size(); ++size) EXPECT_FALSE(parse(view(text).first(size))) << size;
  EXPECT_FALSE(parse(view(text + "\n")));
  EXPECT_FALSE(parse(view(text + "more 1\n")));
  for (std::size_t bit = 0; bit < text.size() * 8; ++bit) {
    std::string other = text;
    other[bit / 8] = static_cast<char>(other[bit / 8] ^ (1 << (bit % 8)));
    if (parse(view(other))) { EXPECT_EQ(again(view(other)), other) << other; }
  }
}

TEST(LinkHead, OnlyExactTextsParse) {
  expect_only_exact(make_text(some_head()), parse_head, [](ByteView text) { return make_text(parse_head(text).value()); });
}

TEST(LinkHead, NumbersBeyondTheirWidthAreRefused) {
  const std::string text = make_text(some_head());
  for (const auto& [from, to] : {std::pair{"stream 0", "stream 65536"}, {"epoch 7", "epoch 4294967296"}, {"lane urgent", "lane blobs"}, {"size 300", "size 0300"}}) {
    std::string other = text;
    other.replace(other.find(from), std::string(from).size(), to);
    EXPECT_EQ(parse_head(view(other)).error().code, Errc::bad_text) << to;
  }
}

Receipt some_receipt() { return {"eu", Hash{9}, Hash{8}, 4, {9, 10, 100}, time_from_millis(1'760'000'000'000)}; }

TEST(LinkReceipt, VoidsComeBackInOrder) {
  const auto receipt = parse_receipt(view(make_text(some_receipt())));
  ASSERT_TRUE(receipt);
  EXPECT_EQ(receipt->voids, (std::vector<std::uint64_t>{9, 10, 100}));
  EXPECT_EQ(receipt->first, 4u);
  EXPECT_EQ(receipt->head, Hash{9});
  EXPECT_EQ(make_text(*receipt), make_text(some_receipt()));
}

TEST(LinkReceipt, OnlyExactTextsParse) {
  expect_only_exact(make_text(some_receipt()), parse_receipt, [](ByteView text) { return make_text(parse_receipt(text).value()); });
}

}  // namespace
}  // namespace liaison::link
