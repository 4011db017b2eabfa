// Writes the Answers of api.fbs that the request functions give back: one function per reply, each a finished FlatBuffer. Pure.
#pragma once
#include "core/base/bytes.h"
#include "schemas/api_generated.h"

namespace liaison::exchange {

template <class T>
Bytes finish_answer(flatbuffers::FlatBufferBuilder& builder, flatbuffers::Offset<T> reply) {
  builder.Finish(api::CreateAnswer(builder, api::ReplyTraits<T>::enum_value, reply.Union()));
  return {builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()};
}

inline flatbuffers::Offset<flatbuffers::Vector<std::uint8_t>> put_bytes(flatbuffers::FlatBufferBuilder& builder, ByteView bytes) {
  return builder.CreateVector(bytes.data(), bytes.size());
}
inline ByteView bytes_of(const flatbuffers::Vector<std::uint8_t>* vector) { return vector == nullptr ? ByteView{} : ByteView(vector->data(), vector->size()); }
inline std::string string_of(const flatbuffers::String* chars) { return chars == nullptr ? std::string{} : chars->str(); }

template <class SignedText>
flatbuffers::Offset<wire::SignedText> put_signed(flatbuffers::FlatBufferBuilder& builder, const SignedText& entry) {
  const auto body = put_bytes(builder, view(entry.text));
  return wire::CreateSignedText(builder, body, put_bytes(builder, view(entry.signatures)));
}

}  // namespace liaison::exchange
