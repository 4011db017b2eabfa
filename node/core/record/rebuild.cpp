// Openings to FlatBuffer through the plan: one pass over the sorted paths, tables from the leaves upwards. Element counts are limited before
// anything is made of them. Pure. Errors: rebuild_mismatch (a leaf the schema does not know or of another type), limit_exceeded.
#include "core/record/rebuild.h"

#include <flatbuffers/flatbuffers.h>

#include "core/base/limits.h"
#include "core/record/coding.h"
#include "core/record/path.h"
#include "core/record/walk.h"

namespace liaison::record {
namespace {

using flatbuffers::FlatBufferBuilder;
using flatbuffers::uoffset_t;

struct Range { std::size_t begin, end; };

// FlatBuffers 2 (Debian 12) aligns a vector to the size of its elements, 23 (Debian 13) is told the alignment.
template <class Builder>
void start_vector(Builder& builder, std::size_t count, std::size_t size) {
  if constexpr (requires { builder.StartVector(count, size, size); }) builder.StartVector(count, size, size);
  else builder.StartVector(count, size);
}

class Rebuilder {
 public:
  Rebuilder(const Schema::Reflection& plan, const Openings& openings)
      : plan_(plan), openings_(openings), builder_(openings.packed().size() + 256) {}

  Result<Bytes> run() {
    Range all{0, 0};
    while (all.end < openings_.size() && first_component(path(all.end)) == Component::field) ++all.end;
    uoffset_t root = 0;
    if (!table(plan_.tables[plan_.root], all, 0, root)) return std::move(error_);
    builder_.Finish(flatbuffers::Offset<void>(root), plan_.identifier.empty() ? nullptr : plan_.identifier.c_str());
    return Bytes(builder_.GetBufferPointer(), builder_.GetBufferPointer() + builder_.GetSize());
  }

 private:
  // A field whose value is ready, waiting for its table.
  struct Pending {
    std::uint16_t id;
    FieldKind kind;                  // scalar, structure, union_type (a byte); others are offsets
    ScalarCode code = ScalarCode::u8;
    const StructPlan* structure = nullptr;
    std::array<std::uint8_t, 8> scalar{};
    ByteView coded{};
    uoffset_t offset = 0;
  };

  ByteView path(std::size_t index) const { return openings_.path(index); }
  bool refuse(std::size_t index) {
    error_ = fail(Errc::rebuild_mismatch, "leaf " + to_hex(path(index)));
    return false;
  }

  bool table(const TablePlan& plan, Range range, std::size_t prefix, uoffset_t& out) {
    const std::size_t base = pending_.size();
    for (std::size_t i = range.begin; i < range.end;) {
      if (path(i).size() == prefix) {  // the table's own leaf, present but empty
        if (openings_[i].type != LeafType::empty_table || range.end - range.begin != 1) return refuse(i);
        ++i;
        continue;
      }
      if (static_cast<Component>(path(i)[prefix]) != Component::field) return refuse(i);
      const ByteView component = path(i).subspan(prefix, 3);
      const auto id = static_cast<std::uint16_t>(component[1] << 8 | component[2]);
      Range group{i, i + 1};
      while (group.end < range.end && path(group.end).size() >= prefix + 3 && equal(path(group.end).subspan(prefix, 3), component)) ++group.end;
      if (id >= plan.fields.size() || !field(plan.fields[id], id, group, prefix + 3)) return error_.code == Errc{} ? refuse(i) : false;
      i = group.end;
    }
    out = finish_table(base);
    return true;
  }

  uoffset_t finish_table(std::size_t base) {
    const uoffset_t start = builder_.StartTable();
    for (std::size_t i = base; i < pending_.size(); ++i) add(pending_[i]);
    pending_.resize(base);
    return builder_.EndTable(start);
  }

  void add(const Pending& field) {
    const auto slot = flatbuffers::FieldIndexToOffset(field.id);
    if (field.kind == FieldKind::scalar || field.kind == FieldKind::union_type) {
      add_scalar(slot, field);
    } else if (field.kind == FieldKind::structure) {
      builder_.StartStruct(field.structure->align);
      push_struct(*field.structure, field.coded.data());
      builder_.AddStructOffset(slot, builder_.EndStruct());
    } else {
      builder_.AddOffset(slot, flatbuffers::Offset<void>(field.offset));
    }
  }

  template <class T>
  void add_number(std::uint16_t slot, const Pending& field) {
    T value;
    std::memcpy(&value, field.scalar.data(), sizeof value);
    builder_.AddElement<T>(slot, value);
  }
  void add_scalar(std::uint16_t slot, const Pending& field) {
    switch (scalar_bytes(field.code)) {
      case 1: return add_number<std::uint8_t>(slot, field);
      case 2: return add_number<std::uint16_t>(slot, field);
      case 4: return add_number<std::uint32_t>(slot, field);
      default: return add_number<std::uint64_t>(slot, field);
    }
  }

  // Decodes into the bytes of a struct; false: a value its field cannot hold.
  bool decode_struct(const StructPlan& plan, const std::uint8_t* coded, std::uint8_t* out) {
    for (const StructField& part : plan.fields) {
      if (!decode_scalar(part.code, coded, out + part.offset)) return false;
      coded += coded_bytes(part.code);
    }
    return true;
  }
  void push_struct(const StructPlan& plan, const std::uint8_t* coded) {
    scratch_.assign(plan.bytes, 0);
    liaison_assert(decode_struct(plan, coded, scratch_.data()));  // was tried when the leaf was read
    builder_.PushBytes(scratch_.data(), scratch_.size());
  }

  // One field of a table from the leaves below it. Derived leaves rebuild nothing.
  bool field(const FieldPlan& plan, std::uint16_t id, Range group, std::size_t prefix) {
    if (plan.kind == FieldKind::table) {
      Pending out{id, plan.kind};
      if (!table(plan_.tables[plan.index], group, prefix, out.offset)) return false;
      pending_.push_back(out);
      return true;
    }
    const bool stated = path(group.begin).size() == prefix;
    if (plan.kind == FieldKind::tables || plan.kind == FieldKind::union_value) {
      return stated && (plan.kind == FieldKind::tables ? elements(plan, id, group, prefix) : member(plan, id, group, prefix));
    }
    for (std::size_t i = group.begin + (stated ? 1 : 0); i < group.end; ++i) {
      if (path(i).size() != prefix + 2 || static_cast<Component>(path(i)[prefix]) != Component::derived) return refuse(i);
    }
    return !stated || leaf(plan, id, openings_[group.begin]);
  }

  bool leaf(const FieldPlan& plan, std::uint16_t id, const Openings::Item& item) {
    Pending out{id, plan.kind};
    out.code = plan.code;
    switch (plan.kind) {
      case FieldKind::scalar:
        if (item.type != leaf_type(plan.code) || !decode_scalar(plan.code, item.value.data(), out.scalar.data())) return false;
        break;
      case FieldKind::string:
        if (item.type != LeafType::string) return false;
        out.offset = builder_.CreateString(reinterpret_cast<const char*>(item.value.data()), item.value.size()).o;
        break;
      case FieldKind::bytes:
        if (item.type != LeafType::bytes) return false;
        out.offset = builder_.CreateVector(item.value.data(), item.value.size()).o;
        break;
      case FieldKind::structure: {
        out.structure = &plan_.structs[plan.index];
        out.coded = item.value;
        scratch_.assign(out.structure->bytes, 0);
        const bool fits = item.type == LeafType::structure && item.value.size() == out.structure->coded_bytes;
        if (!fits || !decode_struct(*out.structure, item.value.data(), scratch_.data())) return false;
        break;
      }
      default:
        if (item.type != LeafType::scalar_vector || !vector(plan, item.value, out.offset)) return false;
    }
    pending_.push_back(out);
    return true;
  }

  bool vector(const FieldPlan& plan, ByteView value, uoffset_t& out) {
    ByteReader reader(value);
    const std::size_t count = reader.u32();
    if (plan.kind == FieldKind::strings) return strings(reader, count, out);
    const StructPlan* structure = plan.kind == FieldKind::structures ? &plan_.structs[plan.index] : nullptr;
    const std::size_t coded = structure != nullptr ? structure->coded_bytes : coded_bytes(plan.code);
    const std::size_t size = structure != nullptr ? structure->bytes : scalar_bytes(plan.code);
    const std::size_t align = structure != nullptr ? structure->align : size;
    if (count > limits::message_bytes_max || value.size() != 4 + count * coded) return false;
    Bytes plain(count * size);
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint8_t* in = value.data() + 4 + i * coded;
      const bool fits = structure != nullptr ? decode_struct(*structure, in, plain.data() + i * size) : decode_scalar(plan.code, in, plain.data() + i * size);
      if (!fits) return false;
    }
    start_vector(builder_, plain.size() / align, align);
    builder_.PushBytes(plain.data(), plain.size());
    out = builder_.EndVector(count);
    return true;
  }

  bool strings(ByteReader& reader, std::size_t count, uoffset_t& out) {
    if (count > reader.left() / 4) return false;
    std::vector<flatbuffers::Offset<flatbuffers::String>> offsets;
    for (std::size_t i = 0; i < count; ++i) {
      const ByteView chars = reader.take(reader.u32());
      if (!reader.ok()) return false;
      offsets.push_back(builder_.CreateString(reinterpret_cast<const char*>(chars.data()), chars.size()));
    }
    out = builder_.CreateVector(offsets).o;
    return reader.at_end();
  }

  bool elements(const FieldPlan& plan, std::uint16_t id, Range group, std::size_t prefix) {
    const Openings::Item length = openings_[group.begin];
    if (length.type != LeafType::vector_length) return refuse(group.begin);
    const std::uint32_t count = ByteReader(length.value).u32();
    // Every element has at least one leaf, so a record never has more elements than leaves.
    elements_ += count;
    if (elements_ > limits::leaves_max) {
      error_ = fail(Errc::limit_exceeded, "elements of leaf " + to_hex(length.path));
      return false;
    }
    std::vector<flatbuffers::Offset<void>> offsets(count);
    std::size_t next = group.begin + 1;
    for (std::uint32_t i = 0; i < count; ++i) {
      Bytes component{static_cast<std::uint8_t>(Component::element)};
      put_u32(component, i);
      if (!part(plan_.tables[plan.index], component, group, next, prefix, offsets[i].o)) return false;
    }
    if (next != group.end) return refuse(next);
    pending_.push_back({id, plan.kind, {}, nullptr, {}, {}, builder_.CreateVector(offsets).o});
    return true;
  }

  // The table below `component`; where nothing of it is open, an empty placeholder.
  bool part(const TablePlan& plan, ByteView component, Range group, std::size_t& next, std::size_t prefix, uoffset_t& out) {
    Range below{next, next};
    while (below.end < group.end && starts_with(path(below.end).subspan(prefix), component)) ++below.end;
    next = below.end;
    return table(plan, below, prefix + component.size(), out);
  }

  bool member(const FieldPlan& plan, std::uint16_t id, Range group, std::size_t prefix) {
    const Openings::Item discriminator = openings_[group.begin];
    const MemberPlan* found = discriminator.type == LeafType::union_type ? plan.member(discriminator.value[0]) : nullptr;
    if (found == nullptr) return refuse(group.begin);
    const std::array<std::uint8_t, 2> component{static_cast<std::uint8_t>(Component::member), found->type};
    std::size_t next = group.begin + 1;
    Pending out{id, plan.kind};
    if (!part(plan_.tables[found->table], component, group, next, prefix, out.offset)) return false;
    if (next != group.end) return refuse(next);
    Pending type{static_cast<std::uint16_t>(id - 1), FieldKind::union_type};
    type.scalar[0] = found->type;
    pending_.push_back(type);
    pending_.push_back(out);
    return true;
  }

  const Schema::Reflection& plan_;
  const Openings& openings_;
  FlatBufferBuilder builder_;
  std::vector<Pending> pending_;
  Bytes scratch_;
  std::size_t elements_ = 0;
  Error error_{};
};

}  // namespace

Result<Bytes> rebuild(const Schema& schema, const Openings& openings) { return Rebuilder(schema.reflection(), openings).run(); }

}  // namespace liaison::record
