// The walk. Bounds come from flatbuffers::Verifier's own primitives, used one step ahead of every read; limits are checked before a leaf is packed.
// Fields go by id and elements by index, so leaves come out in path order; a derived code sorts after everything below its base.
#include "core/record/walk.h"

#include <flatbuffers/flatbuffers.h>

#include "core/base/limits.h"
#include "core/record/coding.h"
#include "core/record/derive.h"
#include "core/record/path.h"
#include "core/record/utf8.h"

namespace liaison::record {
namespace {

using flatbuffers::ReadScalar;
using Offset = flatbuffers::uoffset_t;
using Slot = flatbuffers::voffset_t;

flatbuffers::Verifier::Options verifier_options() {
  flatbuffers::Verifier::Options options;
  options.max_depth = limits::verifier_depth_max;
  options.max_tables = limits::verifier_tables_max;
  return options;
}

class Walker {
 public:
  Walker(const Schema::Reflection& plan, ByteView message, Time created, PackedLeaves* out)
      : plan_(plan), message_(message), verifier_(message.data(), message.size(), verifier_options()), created_(created), out_(out) {}

  Result<void> run() {
    const Offset root = verifier_.VerifyOffset(0);
    if (root == 0 || !table(plan_.tables[plan_.root], message_.data() + root)) return std::move(error_);
    return {};
  }

 private:
  bool refuse(Errc code, const char* why) {
    error_ = fail(code, "leaf " + to_hex(path()) + ": " + why);
    return false;
  }
  bool broken() { return refuse(Errc::bad_format, "not a valid FlatBuffer"); }
  ByteView path() const { return {path_.data(), path_bytes_}; }

  // Adds a component for the life of the object.
  class Step {
   public:
    Step(Walker& walker, Component kind, std::uint32_t number) : walker_(walker), before_(walker.path_bytes_) {
      std::uint8_t* out = walker.path_.data() + before_;
      const std::size_t bytes = component_bytes(static_cast<std::uint8_t>(kind));
      ok_ = before_ + bytes <= limits::path_bytes_max;
      if (!ok_) return;
      *out++ = static_cast<std::uint8_t>(kind);
      for (std::size_t i = bytes - 1; i-- > 0;) *out++ = static_cast<std::uint8_t>(number >> (8 * i));
      walker.path_bytes_ += bytes;
    }
    ~Step() { walker_.path_bytes_ = before_; }
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;
    bool ok() { return ok_ || walker_.refuse(Errc::limit_exceeded, "path too long"); }

   private:
    Walker& walker_;
    std::size_t before_;
    bool ok_;
  };

  bool account(std::size_t value_bytes) {
    if (++leaves_ > limits::leaves_max) return refuse(Errc::limit_exceeded, "too many leaves");
    if (value_bytes > limits::message_bytes_max - bytes_) return refuse(Errc::limit_exceeded, "sum of leaf bytes");
    bytes_ += value_bytes;
    return true;
  }
  bool emit(LeafType type, ByteView value) {
    if (!account(value.size())) return false;
    if (out_ == nullptr) return true;
    const auto place = out_->add(path(), type, value.size());
    if (!value.empty()) std::memcpy(place.data(), value.data(), value.size());
    return true;
  }
  bool emit_derived(const FieldPlan& field, ByteView value) {
    if (out_ == nullptr) return true;  // counted when they are made
    for (const Derived code : field.derive) {
      const auto leaf = derive(code, value, created_);
      if (!leaf) continue;
      Step step(*this, Component::derived, static_cast<std::uint32_t>(code));
      if (!step.ok() || !emit(leaf->type, leaf->value)) return false;
    }
    return true;
  }

  // `at` is where the table lies; the caller followed a verified offset.
  bool table(const TablePlan& plan, const std::uint8_t* at) {
    if (!verifier_.VerifyTableStart(at)) return broken();
    const std::uint8_t* vtable = at - ReadScalar<flatbuffers::soffset_t>(at);
    const std::size_t vtable_bytes = ReadScalar<Slot>(vtable);
    if (vtable_bytes < 4) return broken();
    const std::size_t ids = (vtable_bytes - 4) / 2;
    for (std::size_t id = 0; id < ids; ++id) {
      const Slot slot = ReadScalar<Slot>(vtable + 4 + 2 * id);
      if (slot == 0) continue;
      const FieldPlan* field = id < plan.fields.size() ? &plan.fields[id] : nullptr;
      Step step(*this, Component::field, static_cast<std::uint32_t>(id));
      if (!step.ok()) return false;
      if (field == nullptr || field->kind == FieldKind::unused) return refuse(Errc::bad_format, "unknown field");
      if (field->kind == FieldKind::union_type) {
        const bool has_value = id + 1 < ids && ReadScalar<Slot>(vtable + 6 + 2 * id) != 0;
        if (!verifier_.VerifyField<std::uint8_t>(at, slot, 1)) return broken();
        if ((at[slot] != 0) != has_value) return refuse(Errc::bad_format, "union type without value, or value without type");
        continue;
      }
      const Slot type_slot = field->kind == FieldKind::union_value ? ReadScalar<Slot>(vtable + 2 + 2 * id) : Slot{0};
      if (!value(*field, at, slot, type_slot)) return false;
    }
    verifier_.EndTable();
    return true;
  }

  bool value(const FieldPlan& field, const std::uint8_t* table_at, Slot slot, Slot type_slot) {
    switch (field.kind) {
      case FieldKind::scalar: return scalar(field, table_at, slot);
      case FieldKind::structure: return structure(field, table_at, slot);
      default: break;
    }
    const Offset offset = verifier_.VerifyOffset(table_at, slot);
    if (offset == 0) return broken();
    const std::uint8_t* target = table_at + slot + offset;
    switch (field.kind) {
      case FieldKind::string: return string(field, target);
      case FieldKind::bytes: return bytes(target);
      case FieldKind::table: return child(plan_.tables[field.index], target);
      case FieldKind::tables: return tables(plan_.tables[field.index], target);
      case FieldKind::scalars: return scalars(field.code, target);
      case FieldKind::strings: return strings(target);
      case FieldKind::structures: return structures(plan_.structs[field.index], target);
      case FieldKind::union_value: return union_value(field, table_at, type_slot, target);
      default: return broken();
    }
  }

  bool scalar(const FieldPlan& field, const std::uint8_t* table_at, Slot slot) {
    const std::size_t size = scalar_bytes(field.code);
    if (!verifier_.VerifyFieldStruct(table_at, slot, size, size)) return broken();
    std::array<std::uint8_t, 8> coded;
    if (!encode_scalar(field.code, table_at + slot, coded.data())) return refuse(Errc::bad_format, "not a number or not a bool");
    return emit(leaf_type(field.code), ByteView(coded.data(), coded_bytes(field.code)));
  }

  bool encode_struct(const StructPlan& plan, const std::uint8_t* at, std::uint8_t* out) {
    for (const StructField& part : plan.fields) {
      if (!encode_scalar(part.code, at + part.offset, out)) return refuse(Errc::bad_format, "not a number or not a bool");
      out += coded_bytes(part.code);
    }
    return true;
  }

  bool structure(const FieldPlan& field, const std::uint8_t* table_at, Slot slot) {
    const StructPlan& plan = plan_.structs[field.index];
    if (!verifier_.VerifyFieldStruct(table_at, slot, plan.bytes, plan.align)) return broken();
    scratch_.resize(plan.coded_bytes);
    if (!encode_struct(plan, table_at + slot, scratch_.data()) || !emit(LeafType::structure, scratch_)) return false;
    return emit_derived(field, scratch_);
  }

  bool string(const FieldPlan& field, const std::uint8_t* at) {
    if (!verifier_.VerifyString(reinterpret_cast<const flatbuffers::String*>(at))) return broken();
    const ByteView chars(at + 4, ReadScalar<Offset>(at));
    // The sum is limited before the text is looked at, so that a text shared many times costs no more than the limit.
    if (chars.size() > limits::message_bytes_max - bytes_) return refuse(Errc::limit_exceeded, "sum of leaf bytes");
    if (!is_utf8(chars)) return refuse(Errc::bad_format, "not UTF-8");
    return emit(LeafType::string, chars) && emit_derived(field, chars);
  }

  bool bytes(const std::uint8_t* at) {
    if (!verifier_.VerifyVectorOrString(at, 1)) return broken();
    return emit(LeafType::bytes, ByteView(at + 4, ReadScalar<Offset>(at)));
  }

  // A table that is no vector element: an empty one is a leaf of its own.
  bool child(const TablePlan& plan, const std::uint8_t* at) {
    const std::size_t before = leaves_;
    if (!table(plan, at)) return false;
    return leaves_ != before || emit(LeafType::empty_table, {});
  }

  bool tables(const TablePlan& plan, const std::uint8_t* at) {
    if (!verifier_.VerifyVectorOrString(at, 4)) return broken();
    const Offset count = ReadScalar<Offset>(at);
    if (count > limits::leaves_max) return refuse(Errc::limit_exceeded, "too many leaves");
    Bytes length;
    put_u32(length, count);
    if (!emit(LeafType::vector_length, length)) return false;
    for (Offset i = 0; i < count; ++i) {
      const std::uint8_t* place = at + 4 + std::size_t{i} * 4;
      const Offset offset = verifier_.VerifyOffset(static_cast<std::size_t>(place - message_.data()));
      Step step(*this, Component::element, i);
      if (!step.ok()) return false;
      if (offset == 0) return broken();
      if (!child(plan, place + offset)) return false;
    }
    return true;
  }

  // Vectors that are one leaf: the size is known, hence limited, before anything is coded.
  bool begin_vector(const std::uint8_t* at, std::size_t element, std::size_t align, std::size_t coded, std::uint8_t*& out) {
    const auto place = static_cast<std::size_t>(at - message_.data());
    if (!verifier_.VerifyVectorOrString(at, element) || !verifier_.VerifyAlignment(place + 4, align)) return broken();
    const std::size_t count = ReadScalar<Offset>(at);
    if (count * coded > limits::message_bytes_max) return refuse(Errc::limit_exceeded, "sum of leaf bytes");
    scratch_.clear();
    put_u32(scratch_, static_cast<std::uint32_t>(count));
    scratch_.resize(4 + count * coded);
    out = scratch_.data() + 4;
    return true;
  }

  bool scalars(ScalarCode code, const std::uint8_t* at) {
    std::uint8_t* out = nullptr;
    const std::size_t size = scalar_bytes(code);
    if (!begin_vector(at, size, size, coded_bytes(code), out)) return false;
    for (Offset i = 0; i < ReadScalar<Offset>(at); ++i, out += coded_bytes(code)) {
      if (!encode_scalar(code, at + 4 + i * size, out)) return refuse(Errc::bad_format, "not a number or not a bool");
    }
    return emit(LeafType::scalar_vector, scratch_);
  }

  bool structures(const StructPlan& plan, const std::uint8_t* at) {
    std::uint8_t* out = nullptr;
    if (!begin_vector(at, plan.bytes, plan.align, plan.coded_bytes, out)) return false;
    for (Offset i = 0; i < ReadScalar<Offset>(at); ++i, out += plan.coded_bytes) {
      if (!encode_struct(plan, at + 4 + std::size_t{i} * plan.bytes, out)) return false;
    }
    return emit(LeafType::scalar_vector, scratch_);
  }

  bool strings(const std::uint8_t* at) {
    std::uint8_t* out = nullptr;
    if (!begin_vector(at, 4, 4, 4, out)) return false;
    const Offset count = ReadScalar<Offset>(at);
    scratch_.resize(4);
    for (Offset i = 0; i < count; ++i) {
      const std::uint8_t* place = at + 4 + std::size_t{i} * 4;
      const Offset offset = verifier_.VerifyOffset(static_cast<std::size_t>(place - message_.data()));
      if (offset == 0 || !verifier_.VerifyString(reinterpret_cast<const flatbuffers::String*>(place + offset))) return broken();
      const ByteView chars(place + offset + 4, ReadScalar<Offset>(place + offset));
      if (scratch_.size() + chars.size() + 4 > limits::message_bytes_max - bytes_) return refuse(Errc::limit_exceeded, "sum of leaf bytes");
      if (!is_utf8(chars)) return refuse(Errc::bad_format, "not UTF-8");
      put_u32(scratch_, static_cast<std::uint32_t>(chars.size()));
      put(scratch_, chars);
    }
    return emit(LeafType::scalar_vector, scratch_);
  }

  bool union_value(const FieldPlan& field, const std::uint8_t* table_at, Slot type_slot, const std::uint8_t* at) {
    if (type_slot == 0) return refuse(Errc::bad_format, "union value without type");
    const std::uint8_t type = table_at[type_slot];
    const MemberPlan* member = field.member(type);
    if (member == nullptr) return refuse(Errc::bad_format, "unknown union type");
    if (!emit(LeafType::union_type, ByteView(&type, 1))) return false;
    Step step(*this, Component::member, type);
    return step.ok() && child(plan_.tables[member->table], at);
  }

  const Schema::Reflection& plan_;
  const ByteView message_;
  flatbuffers::Verifier verifier_;
  const Time created_;
  PackedLeaves* const out_;
  std::size_t leaves_ = 0, bytes_ = 0;
  std::array<std::uint8_t, limits::path_bytes_max> path_{};
  std::size_t path_bytes_ = 0;
  Bytes scratch_;
  Error error_;
};

Result<void> walk(const Schema::Reflection& plan, ByteView message, Time created, PackedLeaves* out) {
  // A rebuilt message may be a little larger than what was submitted: texts that were shared are written out.
  if (message.size() > (out == nullptr ? limits::message_bytes_max : limits::plain_bytes_max)) return fail(Errc::limit_exceeded, std::to_string(message.size()) + " bytes of message");
  if (message.size() < 8) return fail(Errc::bad_format, "message too short");
  if (reinterpret_cast<std::uintptr_t>(message.data()) % 8 != 0) {  // numbers are read where they lie
    const Bytes aligned = to_bytes(message);
    return Walker(plan, aligned, created, out).run();
  }
  return Walker(plan, message, created, out).run();
}

}  // namespace

Result<void> check_message(const Schema::Reflection& plan, ByteView message) { return walk(plan, message, Time{}, nullptr); }

Result<PackedLeaves> pack_message(const Schema::Reflection& plan, ByteView message, Time created) {
  PackedLeaves out;
  out.packed.reserve(message.size() + message.size() / 2);
  LIAISON_CHECK(walk(plan, message, created, &out));
  return out;
}

}  // namespace liaison::record
