// The test schema and a message with every kind of leaf, made at test time. Shared by the tests of core/record.
#pragma once
#include <flatbuffers/idl.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "core/record/path.h"
#include "tests/support/authority.h"
#include "tests/support/messages.h"

namespace liaison::record {

struct EverySchema {
  Bytes bfbs;
  std::shared_ptr<const Schema> schema;
};
inline const EverySchema& every() {
  static const EverySchema out = [] {
    std::ifstream file(LIAISON_SOURCE_DIR "/tests/unit/record/every.fbs");
    std::stringstream source;
    source << file.rdbuf();
    flatbuffers::Parser parser;
    liaison_assert(parser.Parse(source.str().c_str()));
    parser.Serialize();
    EverySchema made;
    made.bfbs.assign(parser.builder_.GetBufferPointer(), parser.builder_.GetBufferPointer() + parser.builder_.GetSize());
    auto schema = Schema::load("every", 1, made.bfbs);
    if (!schema) assertion_failed(schema.error().message().c_str(), __FILE__, __LINE__);
    made.schema = *schema;
    return made;
  }();
  return out;
}
inline Bytes every_message(const std::string& json) { return support::message_from_json(every().bfbs, json); }
inline Bytes full_message() {
  return every_message(R"({ flag: true, i8: -8, i16: -300, i32: -70000, i64: -5000000000, u8: 200, u16: 60000, u32: 4000000000, u64: 10000000000000000000,
    f32: 0.5, f64: 2.25, colour: "red", text: "1234567890", raw: [1, 2, 255], point: { on: true, latitude: -5, inner: { x: 3, y: -1.5 } }, table_: {},
    nodes: [{ label: "Anna Maria Lee-Smith", children: [{ label: "x" }, {}] }, {}, { child: { label: "Jo" } }],
    animal_type: "Dog", animal: { name: "Rex", friend: { name: "Tom", lives: 9 } }, numbers: [1, -2, 3], reals: [0.0, -1.5], flags: ["c", "a"],
    words: ["", "Жук", "مرحبا"], points: [{ on: false, latitude: 1, inner: { x: -1, y: 0.25 } }], birth: "2000-02-29", area: "KE-28",
    place: { latitude: -4043477, longitude: 39668206 }, plain: 5 })");
}
inline Time some_time() { return *parse_time("2026-03-04T05:06:07.089Z"); }

// Leaf values by readable path name and type.
inline std::map<std::string, std::string> by_name(const Schema& schema, const std::vector<Leaf>& leaves) {
  std::map<std::string, std::string> out;
  for (const Leaf& leaf : leaves) {
    std::string name = schema.describe(leaf.path)->name;
    while (out.contains(name)) name += "'";
    out[name] = to_hex(Bytes{static_cast<std::uint8_t>(leaf.type)}) + ":" + to_hex(leaf.value);
  }
  return out;
}

}  // namespace liaison::record
