// The register of a CA as text: what was appended reads back; what was changed, cut out or never finished is noticed.
#include "pki/register.h"

#include <gtest/gtest.h>

namespace liaison::pki {
namespace {

const Time now = parse_time("2026-06-01T00:00:00.000Z").value();

Hash key_hash(std::uint8_t n) {
  Hash out{};
  out[0] = n;
  return out;
}

RegisteredCertificate certificate(const std::string& serial, std::uint8_t key) { return {serial, "tls", "ke.customs", key_hash(key), now, now + std::chrono::days(90), Bytes{0x30, key}}; }

std::string some_register() {
  Register made;
  std::string text = *made.add_issued(certificate("4a01", 1));
  text += *made.add_handed_over("4a01");
  text += *made.add_issued(certificate("4a02", 2));
  text += *made.add_revoked("4a01", {now, "keyCompromise"});
  return text + *made.add_crl(1, now);
}

TEST(Register, ReadsBackWhatWasAppended) {
  const auto read = Register::parse(some_register());
  ASSERT_TRUE(read) << read.error().message();
  ASSERT_EQ(read->certificates().size(), 2u);
  const auto* first = read->find("4a01");
  EXPECT_EQ(first->certificate, (Bytes{0x30, 1}));
  EXPECT_EQ(first->subject, "ke.customs");
  EXPECT_EQ(first->to, now + std::chrono::days(90));
  EXPECT_TRUE(first->handed_over);
  EXPECT_EQ(first->revoked->reason, "keyCompromise");
  EXPECT_FALSE(read->find("4a02")->handed_over);
  EXPECT_EQ(read->find_key(key_hash(2))->serial, "4a02");
  EXPECT_EQ(read->find_key(key_hash(3)), nullptr);
  EXPECT_EQ(read->last_crl(), 1u);
  EXPECT_EQ(read->whole_bytes(), some_register().size());
}

TEST(Register, ContradictionsAreRefusedAndLeaveItAsItWas) {
  Register made = Register::parse(some_register()).value();
  EXPECT_EQ(made.add_issued(certificate("4a02", 9)).error().code, Errc::already_exists) << "a serial number is given once";
  EXPECT_EQ(made.add_revoked("4a01", {now, "superseded"}).error().code, Errc::already_exists);
  EXPECT_EQ(made.add_revoked("4b", {now, "superseded"}).error().code, Errc::not_found);
  EXPECT_EQ(made.add_revoked("4a02", {now, "certificateHold"}).error().code, Errc::invalid_argument);
  EXPECT_FALSE(made.add_crl(1, now)) << "numbers of lists only grow";
  EXPECT_EQ(made.whole_bytes(), some_register().size());
  EXPECT_TRUE(made.add_crl(5, now));
}

TEST(Register, AnUnfinishedLineCountsForNothing) {
  const std::string text = some_register();
  const auto last_line = text.rfind('\n', text.size() - 2) + 1;
  for (std::size_t size = last_line; size < text.size(); ++size) {
    const auto read = Register::parse(std::string_view(text).substr(0, size));
    ASSERT_TRUE(read) << size;
    EXPECT_EQ(read->whole_bytes(), last_line);
    EXPECT_EQ(read->last_crl(), 0u);
  }
}

TEST(Register, ChangesAndGapsShow) {
  const std::string text = some_register();
  for (std::size_t at = 0; at + 1 < text.size(); ++at) {
    std::string changed = text;
    changed[at] = changed[at] == 'x' ? 'y' : 'x';
    if (text[at] == '\n') continue;  // joins two lines: the next test's matter
    EXPECT_FALSE(Register::parse(changed)) << at;
  }
  const auto first_end = text.find('\n') + 1, second_end = text.find('\n', first_end) + 1;
  EXPECT_FALSE(Register::parse(text.substr(first_end)));
  EXPECT_FALSE(Register::parse(text.substr(0, first_end) + text.substr(second_end)));
  EXPECT_FALSE(Register::parse("\n"));
  EXPECT_TRUE(Register::parse(""));
}

}  // namespace
}  // namespace liaison::pki
