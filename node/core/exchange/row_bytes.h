// What the encoders and decoders of stored rows share: FlatBuffers in and out of owned values, a buffer verified before anything is read. Pure.
#pragma once
#include "core/exchange/rows.h"
#include "schemas/store_generated.h"

namespace liaison::exchange {

using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;
using ByteVector = Offset<flatbuffers::Vector<std::uint8_t>>;
using OverrideVector = flatbuffers::Vector<Offset<stored::Override>>;

template <class T>
Bytes finish(FlatBufferBuilder& builder, Offset<T> root) {
  builder.Finish(root);
  return {builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()};
}

template <class T>
Result<const T*> root_of(ByteView bytes, Table table) {
  flatbuffers::Verifier verifier(bytes.data(), bytes.size(), 8, 16384);
  if (!verifier.VerifyBuffer<T>()) return fail(Errc::store_corrupt, "row of table " + std::string(name(table)));
  return flatbuffers::GetRoot<T>(bytes.data());
}

inline ByteVector put_bytes(FlatBufferBuilder& builder, ByteView bytes) { return builder.CreateVector(bytes.data(), bytes.size()); }
inline ByteView get_bytes(const flatbuffers::Vector<std::uint8_t>* vector) { return vector == nullptr ? ByteView{} : ByteView(vector->data(), vector->size()); }
inline std::string get_text(const flatbuffers::Vector<std::uint8_t>* vector) { return std::string(text(get_bytes(vector))); }
inline std::string get_string(const flatbuffers::String* chars) { return chars == nullptr ? std::string{} : chars->str(); }
inline Hash get_hash(const flatbuffers::Vector<std::uint8_t>* vector) {
  Hash hash{};
  if (vector != nullptr && vector->size() == hash.size()) std::memcpy(hash.data(), vector->data(), hash.size());
  return hash;
}
inline Uuid get_uuid(const flatbuffers::Vector<std::uint8_t>* vector) {
  Uuid id;
  if (vector != nullptr && vector->size() == id.bytes.size()) std::memcpy(id.bytes.data(), vector->data(), id.bytes.size());
  return id;
}

Offset<OverrideVector> put_overrides(FlatBufferBuilder& builder, const std::vector<policy::Override>& overrides);
Result<std::vector<policy::Override>> get_overrides(const OverrideVector* list, Table table);

}  // namespace liaison::exchange
