// A registered message kind: its compiled reflection schema (schemas/bfbs/<kind>.<n>.bfbs), its id, and the names and attributes of its paths.
// Immutable after load; shared between threads. The bfbs bytes define the schema id, so they are never regenerated at run time (formats 2.1).
#pragma once
#include <map>
#include <memory>

#include "core/base/bytes.h"
#include "core/base/result.h"

namespace liaison::record {

class Schema {
 public:
  static Result<std::shared_ptr<const Schema>> load(std::string kind, std::uint32_t number, ByteView bfbs);
  ~Schema();
  const std::string& kind() const { return kind_; }
  std::uint32_t number() const { return number_; }
  const Hash& hash() const { return hash_; }                       // SHA-256 of the bfbs: the schema id
  // FlatBuffers Verifier (depth 16, 10,000 tables) over `message`, plus the limits on size, leaves and the sum of leaf bytes.
  Result<void> verify_message(ByteView message) const;
  // Facts about a leaf's path (formats 2.1): "persons[].family_name#initials", its form item ("5.b" or ""), its category ("person.name" or "").
  // category and twin (the form item a structured fact stands beside) are those of the nearest field on the path that has one.
  struct PathFacts { std::string name; std::string item; std::string category; std::string twin; };
  Result<PathFacts> describe(ByteView path) const;
  // Every path a leaf of this kind may have, derived ones included, element indexes 0, in ascending order. A table inside itself is followed once.
  std::vector<Bytes> all_paths() const;
  struct Reflection;                                               // FlatBuffers reflection, private to core/record
  const Reflection& reflection() const { return *reflection_; }

 private:
  Schema() = default;
  std::string kind_;
  std::uint32_t number_ = 0;
  Hash hash_{};
  std::unique_ptr<Reflection> reflection_;
};

class SchemaRegistry {
 public:
  void add(std::shared_ptr<const Schema> schema);
  std::shared_ptr<const Schema> find(std::string_view kind, std::uint32_t number, const Hash& hash) const;  // null: unknown_schema
  std::shared_ptr<const Schema> newest(std::string_view kind) const;
  std::vector<std::shared_ptr<const Schema>> all() const;                           // by kind and number
  static Result<SchemaRegistry> shipped();                         // every schemas/bfbs/* compiled in

 private:
  std::map<std::pair<std::string, std::uint32_t>, std::shared_ptr<const Schema>> schemas_;
};

}  // namespace liaison::record
