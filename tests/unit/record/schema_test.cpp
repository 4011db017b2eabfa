// Schemas and their plans (schema.h, plan.h; formats 2.1): what loads, what is refused, and how paths are described.
#include "tests/unit/record/fixture.h"

namespace liaison::record {
namespace {

Result<std::shared_ptr<const Schema>> load(const std::string& source) {
  flatbuffers::IDLOptions options;
  options.lang_to_generate = flatbuffers::IDLOptions::kCpp;  // otherwise the parser itself refuses unions of strings and vectors of unions
  flatbuffers::Parser parser(options);
  liaison_assert(parser.Parse(source.c_str()));
  parser.Serialize();
  return Schema::load("sample", 1, ByteView(parser.builder_.GetBufferPointer(), parser.builder_.GetSize()));
}

TEST(schema, shipped_kinds_load_and_are_found_by_hash) {
  const auto registry = SchemaRegistry::shipped();
  ASSERT_TRUE(registry) << registry.error().message();
  const auto schema = registry->newest("ecomessage");
  ASSERT_NE(schema, nullptr);
  EXPECT_EQ(registry->find("ecomessage", 1, schema->hash()), schema);
  EXPECT_EQ(registry->find("ecomessage", 1, Hash{}), nullptr);
  EXPECT_EQ(registry->find("ecomessage", 2, schema->hash()), nullptr);
  EXPECT_EQ(registry->newest("notice"), nullptr);
}

TEST(schema, describes_paths_with_their_nearest_attributes) {
  const Schema& schema = *support::ecomessage_schema();
  const auto initials = schema.describe(*from_hex("01000902000000070100010405"));
  ASSERT_TRUE(initials);
  EXPECT_EQ(initials->name, "persons[].family_name#initials");
  EXPECT_EQ(initials->item, "5.b");
  EXPECT_EQ(initials->category, "person.name");
  const auto city = schema.describe(*from_hex("0100090200000000010012010001"));
  ASSERT_TRUE(city);
  EXPECT_EQ(city->name, "persons[].birth_place.city");
  EXPECT_EQ(city->item, "");
  EXPECT_EQ(city->category, "person.birth");
  EXPECT_EQ(city->twin, "5.f");
  EXPECT_EQ(schema.describe(*from_hex("010009"))->category, "person.count");
  EXPECT_EQ(every().schema->describe(*from_hex("0100120302010001010000"))->name, "animal.Dog.friend.name");
  EXPECT_EQ(schema.describe(audience_path(1))->name, "@audience");
  EXPECT_EQ(schema.describe(decoy_path(1))->name, "@decoy");
}

TEST(schema, refuses_paths_that_do_not_exist) {
  for (const char* path : {"0103e8", "0100000200000000", "010000010000", "01001b", "010011", "0100120309010000", "0100000408", "0100"}) {
    const auto bytes = from_hex(path);
    if (bytes) {
      EXPECT_FALSE(every().schema->describe(*bytes)) << path;
    }
  }
}

TEST(schema, refuses_what_a_record_may_not_have) {
  EXPECT_TRUE(load("table T { a:string (id: 0); } root_type T;"));
  EXPECT_FALSE(load("table T { a:string (id: 0); }"));
  EXPECT_FALSE(load("table T { a:string (id: 0, required); } root_type T;"));
  EXPECT_FALSE(load("table A { x:int; } union U { A } table T { a:[U]; } root_type T;"));
  EXPECT_FALSE(load("union U { s:string } table T { a:U; } root_type T;"));
  EXPECT_FALSE(load("struct S { a:[int:3]; } table T { s:S; } root_type T;"));
  EXPECT_FALSE(load("attribute \"derive\"; table T { a:string (derive: \"colour\"); } root_type T;"));
  EXPECT_FALSE(load("attribute \"derive\"; table T { a:int (derive: \"year\"); } root_type T;"));
  EXPECT_FALSE(Schema::load("x", 1, Bytes(40)));
  EXPECT_FALSE(Schema::load("x", 1, Bytes()));
}

TEST(schema, every_leaf_of_the_ecomessage_has_a_category) {
  const Schema& schema = *support::ecomessage_schema();
  const auto leaves = flatten(schema, support::typical_ecomessage(), some_time());
  ASSERT_TRUE(leaves) << leaves.error().message();
  EXPECT_GE(leaves->size(), 60u);
  for (const Leaf& leaf : *leaves) EXPECT_FALSE(schema.describe(leaf.path)->category.empty()) << to_hex(leaf.path);
}

}  // namespace
}  // namespace liaison::record
