// SecretBytes: moves leave nothing behind, clones are separate, and copying does not compile.
#include <gtest/gtest.h>

#include <type_traits>

#include "core/base/secret.h"

namespace liaison {
namespace {

static_assert(!std::is_copy_constructible_v<SecretBytes> && !std::is_copy_assignable_v<SecretBytes>);
static_assert(std::is_nothrow_move_constructible_v<SecretBytes> && std::is_nothrow_move_assignable_v<SecretBytes>);

TEST(SecretBytes, MovesLeaveNothingBehind) {
  SecretBytes first(view("secret"));
  SecretBytes second(std::move(first));
  EXPECT_TRUE(first.empty());  // NOLINT: the state after a move is the claim
  EXPECT_EQ(text(second.reveal()), "secret");
  SecretBytes third(view("other"));
  third = std::move(second);
  EXPECT_TRUE(second.empty());  // NOLINT
  EXPECT_EQ(text(third.reveal()), "secret");
}

TEST(SecretBytes, MoveToItselfKeepsTheSecret) {
  SecretBytes secret(view("secret"));
  SecretBytes& same = secret;
  secret = std::move(same);
  EXPECT_EQ(text(secret.reveal()), "secret");
}

TEST(SecretBytes, CloneIsSeparate) {
  SecretBytes secret(view("secret"));
  const SecretBytes clone = secret.clone();
  secret.writable()[0] = 'S';
  EXPECT_EQ(text(clone.reveal()), "secret");
  EXPECT_EQ(text(secret.reveal()), "Secret");
}

TEST(SecretBytes, SizedOnesStartAsZeros) {
  const SecretBytes secret(3);
  EXPECT_TRUE(equal(secret.reveal(), Bytes(3, 0)));
  EXPECT_TRUE(SecretBytes().empty());
}

}  // namespace
}  // namespace liaison
