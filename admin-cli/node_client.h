// A person's conversation with the node: one Call of api.fbs, one verified Answer. Who asks is the person key of --as; nothing else names the caller.
// A refusal of the node becomes an Error with its code and every place it names. Blocking; errors name the file or endpoint and what to do.
#pragma once
#include "admin-cli/connection.h"
#include "admin-cli/context.h"
#include "io/bus/client.h"
#include "schemas/api_generated.h"

namespace liaison::cli {

// An answer and the bytes it stands in.
template <class T>
class Answered {
 public:
  Answered(Bytes bytes, const T* table) : bytes_(std::move(bytes)), table_(table) {}
  const T* operator->() const { return table_; }
  const T& operator*() const { return *table_; }

 private:
  Bytes bytes_;
  const T* table_;
};

class NodeClient {
 public:
  enum class Events : std::uint8_t { none, subscribed };
  static Result<NodeClient> open(const Context& context, Events events = Events::none);

  template <class Reply, class Request>
  Result<Answered<Reply>> ask(flatbuffers::FlatBufferBuilder& builder, flatbuffers::Offset<Request> request) {
    builder.Finish(api::CreateCall(builder, api::RequestTraits<Request>::enum_value, request.Union()));
    LIAISON_TRY(Bytes bytes, exchange({builder.GetBufferPointer(), builder.GetSize()}, api::ReplyTraits<Reply>::enum_value));
    const auto* table = flatbuffers::GetRoot<api::Answer>(bytes.data())->template reply_as<Reply>();
    return Answered<Reply>(std::move(bytes), table);
  }
  // True: something came; false: the time is over.
  Result<bool> wait_for_event(Milliseconds limit);
  const Connection& connection() const { return connection_; }

 private:
  NodeClient(Connection connection, std::unique_ptr<bus::BusClient> bus, Milliseconds wait) : connection_(std::move(connection)), bus_(std::move(bus)), wait_(wait) {}
  Result<Bytes> exchange(ByteView call, api::Reply wanted);

  Connection connection_;
  std::unique_ptr<bus::BusClient> bus_;
  Milliseconds wait_;
};

inline ByteView bytes_of(const flatbuffers::Vector<std::uint8_t>* vector) { return vector == nullptr ? ByteView{} : ByteView(vector->data(), vector->size()); }
inline std::string string_of(const flatbuffers::String* chars) { return chars == nullptr ? std::string{} : chars->str(); }
std::vector<std::string> strings_of(const flatbuffers::Vector<flatbuffers::Offset<flatbuffers::String>>* list);
// The id in its text form; "-" when it is none.
std::string id_of(const flatbuffers::Vector<std::uint8_t>* id);

}  // namespace liaison::cli
