// Domain separation tags: all differ, none is a prefix of another, and each ends so that nothing can be appended to it.
#include <gtest/gtest.h>

#include "core/base/tags.h"

namespace liaison {
namespace {

TEST(Tags, NoneIsAPrefixOfAnother) {
  for (std::size_t i = 0; i < tags::all.size(); ++i) {
    for (std::size_t j = 0; j < tags::all.size(); ++j) {
      if (i != j) { EXPECT_FALSE(tags::all[i].starts_with(tags::all[j])) << tags::all[i]; }
    }
  }
}

TEST(Tags, EndWithZeroOrNewline) {
  for (const auto tag : tags::all) {
    const bool is_text = tag.starts_with("liaison ");
    EXPECT_TRUE(is_text || tag.starts_with("liaison/")) << tag;
    EXPECT_EQ(tag.back(), is_text ? '\n' : '\0') << tag;
    EXPECT_EQ(tag.find(tag.back()), tag.size() - 1) << tag;
    EXPECT_NE(tag.find("v1"), std::string_view::npos) << tag;
  }
}

}  // namespace
}  // namespace liaison
