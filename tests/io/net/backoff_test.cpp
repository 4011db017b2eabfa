// Waiting times grow, stay below the limit and are spread; endpoints are parsed strictly. No sockets.
#include "io/net/backoff.h"

#include <gtest/gtest.h>

namespace liaison::net {
namespace {

TEST(Backoff, doubles_up_to_the_maximum_with_full_jitter_and_starts_again) {
  Backoff backoff(Milliseconds(100), Milliseconds(1000));
  EXPECT_EQ(backoff.next(100), Milliseconds(100));
  EXPECT_EQ(backoff.ceiling(), Milliseconds(200));
  EXPECT_EQ(backoff.next(201), Milliseconds(0));
  EXPECT_EQ(backoff.next(399), Milliseconds(399));
  EXPECT_EQ(backoff.ceiling(), Milliseconds(800));
  (void)backoff.next(0);
  (void)backoff.next(0);
  EXPECT_EQ(backoff.ceiling(), Milliseconds(1000));
  backoff.reset();
  EXPECT_EQ(backoff.ceiling(), Milliseconds(100));
}

TEST(Endpoint, host_and_port_are_told_apart_and_anything_else_refused) {
  const auto named = parse_endpoint("node.customs.example:7443");
  ASSERT_TRUE(named);
  EXPECT_EQ(named->host, "node.customs.example");
  EXPECT_EQ(named->port, "7443");
  const auto six = parse_endpoint("[::1]:5");
  ASSERT_TRUE(six);
  EXPECT_EQ(six->host, "::1");
  for (const char* wrong : {"", ":", "host", "host:", ":5", "host:65536", "host:-1", "host:5x", "::1:5", "host: 5"}) EXPECT_FALSE(parse_endpoint(wrong)) << wrong;
}

}  // namespace
}  // namespace liaison::net
