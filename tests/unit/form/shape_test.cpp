// Tests of the schema itself: the committed bfbs against what flatc makes of the .fbs, and the rules a record schema obeys.
#include "core/form/shape.h"

#include <flatbuffers/reflection.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <map>
#include <set>

#include "core/base/bytes.h"
#include "schemas/embedded.h"
#include "tests/unit/form/sample.h"

namespace liaison::form {
namespace {

// Everything that matters of a schema as lines: objects, fields, ids, types, optionality, attributes, enumerators. Bytes of a bfbs may differ.
std::set<std::string> facts_of(const Bytes& bfbs) {
  flatbuffers::Verifier verifier(bfbs.data(), bfbs.size());
  EXPECT_TRUE(reflection::VerifySchemaBuffer(verifier));
  const auto& schema = *reflection::GetSchema(bfbs.data());
  const auto type_text = [&](const reflection::Type& type) {
    std::string out = std::to_string(type.base_type()) + "/" + std::to_string(type.element());
    const bool obj = type.base_type() == reflection::Obj || type.element() == reflection::Obj;
    if (type.index() >= 0) out += "/" + (obj ? schema.objects()->Get(static_cast<unsigned>(type.index()))->name()->str() : schema.enums()->Get(static_cast<unsigned>(type.index()))->name()->str());
    return out;
  };
  std::set<std::string> out = {"root " + schema.root_table()->name()->str()};
  for (const auto* object : *schema.objects()) {
    out.insert("object " + object->name()->str() + (object->is_struct() ? " struct" : " table"));
    for (const auto* field : *object->fields()) {
      std::string line = object->name()->str() + "." + field->name()->str() + " id " + std::to_string(field->id()) + " type " + type_text(*field->type()) +
                         " optional " + std::to_string(field->optional()) + " required " + std::to_string(field->required());
      if (field->attributes()) {
        for (const auto* pair : *field->attributes()) line += " " + pair->key()->str() + "=" + (pair->value() ? pair->value()->str() : "");
      }
      out.insert(line);
    }
  }
  for (const auto* list : *schema.enums()) {
    for (const auto* value : *list->values()) out.insert("enum " + list->name()->str() + "." + value->name()->str() + " " + std::to_string(value->value()));
  }
  return out;
}

TEST(form_schema, the_committed_bfbs_says_what_the_fbs_says) {
  const auto folder = std::filesystem::temp_directory_path() / ("liaison_bfbs_" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  const std::string schemas = std::string(LIAISON_SOURCE_DIR) + "/schemas";
  const std::string command = "flatc -b --schema -o '" + folder.string() + "' '" + schemas + "/ecomessage.fbs'";
  ASSERT_EQ(std::system(command.c_str()), 0);
  const auto fresh = facts_of(to_bytes(test::read_text_file(folder / "ecomessage.bfbs")));
  std::filesystem::remove_all(folder);
  const auto committed = facts_of(to_bytes(test::read_text_file(schemas + "/bfbs/ecomessage.1.bfbs")));
  EXPECT_GT(committed.size(), 150U);
  EXPECT_EQ(committed, fresh);
}

TEST(form_schema, it_obeys_the_rules_of_record_schemas) {
  const Bytes bfbs = to_bytes(schemas::embedded("ecomessage.1.bfbs"));
  const auto& schema = *reflection::GetSchema(bfbs.data());
  for (const auto* object : *schema.objects()) {
    if (object->is_struct()) continue;
    std::set<int> ids;
    for (const auto* field : *object->fields()) {
      const std::string name = object->name()->str() + "." + field->name()->str();
      const auto base = field->type()->base_type();
      EXPECT_FALSE(field->required()) << name;
      EXPECT_FALSE(field->deprecated()) << name;
      const bool scalar = base >= reflection::Bool && base <= reflection::Double;
      EXPECT_TRUE(!scalar || field->optional()) << name;
      EXPECT_FALSE(base == reflection::Union || field->type()->element() == reflection::Union) << name;
      ids.insert(field->id());
    }
    EXPECT_EQ(ids.size(), object->fields()->size());
    EXPECT_EQ(*ids.rbegin() + 1, static_cast<int>(ids.size())) << object->name()->str();
  }
}

const std::set<std::string>& categories() {
  static const std::set<std::string> names = {"case.offence", "case.reference", "case.law", "case.papers", "case.modus_operandi", "case.additional", "case.request",
      "discovery.place", "discovery.time", "source.informant", "source.grade", "goods.count", "goods.description", "goods.species", "goods.quantity", "goods.value",
      "person.count", "person.arrest", "person.name", "person.sex", "person.alias", "person.birth", "person.nationality", "person.address", "person.document",
      "person.profession", "person.company", "person.contact", "person.status", "company.count", "company.type", "company.name", "company.activity",
      "company.address", "company.registration", "route.transport", "route.origin", "route.provenance", "route.transit", "route.destination", "agency.contact"};
  return names;
}

// Every leaf has a category of the closed list and is either a form item, stands beside one, or is a stated exception.
void check_leaves(const Table& table, std::string category, std::string twin) {
  for (const Field& field : table.fields) {
    const std::string own_category = field.category.empty() ? category : field.category;
    const std::string own_twin = field.twin.empty() ? twin : field.twin;
    EXPECT_TRUE(categories().contains(own_category)) << table.name << "." << field.name << " " << own_category;
    const bool beside_none = field.name == "status" || field.name == "role";  // of a person, of a company: no item of the form says it
    EXPECT_TRUE(!field.item.empty() || !own_twin.empty() || beside_none) << table.name << "." << field.name;
    if (field.table) check_leaves(*field.table, own_category, field.item.empty() ? own_twin : std::string());
  }
}

TEST(form_schema, every_leaf_has_a_category_and_an_item) { check_leaves(ecomessage(), {}, {}); }

TEST(form_schema, the_items_are_all_there_in_sequence) {
  std::vector<std::string> items;
  for (const Field& field : ecomessage().fields) {
    if (!field.item.empty() && (items.empty() || field.id < 21)) items.push_back(field.item);
  }
  EXPECT_EQ(items, (std::vector<std::string>{"1.1", "1.2", "1.3", "2.1", "2.2", "2.3", "3", "4.1", "4.2", "5", "6", "7", "8.a", "8.b", "8.c", "8.d", "9", "10", "11", "12", "13"}));
}

TEST(form_schema, codes_have_names_both_ways) {
  const Field* subject = ecomessage().find_fact("subject");
  ASSERT_TRUE(subject);
  EXPECT_EQ(code_name(*subject, 3), "wildlife");
  EXPECT_EQ(code_name(*subject, 200), "");
  EXPECT_EQ(subject->codes->at("waste"), 1);
}

}  // namespace
}  // namespace liaison::form
