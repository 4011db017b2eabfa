// Verification (formats 2.6): the good way through three hops, and each wrong thing by its error.
#include "tests/unit/record/package_fixture.h"

namespace liaison::record {
namespace {

using verify_package = RecordOnItsWay;

TEST_F(verify_package, whole_record_arrives_as_it_was_sent) {
  const Bytes message = full_message();
  parties.authority.let_relay("int.gs", "ke.customs");
  const support::Pass hop{"ke.customs", "int.gs", {}};
  const Package package = *pass(sealed(*every().schema, message), hop);
  const auto verified = receive(package, hop);
  ASSERT_TRUE(verified) << verified.error().message();
  const auto before = flatten(*every().schema, message, parties.now);
  const auto after = flatten(*every().schema, verified->message(), parties.now);
  ASSERT_TRUE(before);
  ASSERT_TRUE(after) << after.error().message();
  EXPECT_EQ(by_name(*every().schema, *before), by_name(*every().schema, *after));
}

TEST_F(verify_package, chain_of_three_hops_verifies) {
  const Package first = *pass(sealed(), to_ncb);
  EXPECT_TRUE(receive(first, to_ncb)) << receive(first, to_ncb).error().message();
  const Package second = *pass(first, to_gs);
  EXPECT_TRUE(receive(second, to_gs)) << receive(second, to_gs).error().message();
  const Package third = *pass(second, to_france);
  const auto verified = receive(third, to_france);
  ASSERT_TRUE(verified) << verified.error().message();
  EXPECT_EQ(verified->disclosures().size(), 3u);
  EXPECT_GE(verified->opaque_count(), 3u * 4u);
  EXPECT_TRUE(schema->verify_message(verified->message()));
}

}  // namespace
}  // namespace liaison::record
