// See node_client.h. Every answer is verified as a FlatBuffer before anything of it is read.
#include "admin-cli/node_client.h"

#include <cstring>

#include "io/bus/curve_keys.h"

namespace liaison::cli {
namespace {
constexpr int code_numbers_max = 1000;

Errc code_named(std::string_view wanted) {
  for (int number = 1; number < code_numbers_max; ++number)
    if (name(static_cast<Errc>(number)) == wanted) return static_cast<Errc>(number);
  return Errc::bad_format;
}

Error to_error(const api::Refusal& refusal) {
  std::string what = string_of(refusal.text());
  if (refusal.places() != nullptr && refusal.places()->size() > 1) {
    what = "the node names " + std::to_string(refusal.places()->size()) + " problems:";
    for (const auto* place : *refusal.places()) what += "\n  " + place->str();
  }
  return fail(code_named(refusal.code() ? refusal.code()->string_view() : ""), what);
}
}  // namespace

Result<NodeClient> NodeClient::open(const Context& context, Events events) {
  LIAISON_TRY(Connection connection, load_connection(context.node_file));
  if (context.person_file.empty()) return fail(Errc::invalid_argument, "who are you? give your person key file with --as FILE or LIAISON_PERSON");
  LIAISON_TRY(auto person, bus::load_key_file(context.person_file, bus::person_key_header));
  bus::BusClientSettings settings;
  settings.request_endpoint = connection.requests;
  if (events == Events::subscribed) settings.event_endpoint = connection.events;
  settings.server_key_z85 = connection.server_key_z85;
  LIAISON_TRY(auto bus, bus::BusClient::open(std::move(settings), std::move(person)));
  if (events == Events::subscribed) LIAISON_CHECK(bus->subscribe("inbox"));
  return NodeClient(std::move(connection), std::move(bus), Seconds(context.wait_seconds));
}

Result<Bytes> NodeClient::exchange(ByteView call, api::Reply wanted) {
  auto bytes = bus_->request(call, wait_);
  if (!bytes) {
    if (bytes.error().code == Errc::peer_away) return fail(Errc::peer_away, "no answer from the node of " + connection_.agency + " at " + connection_.requests + ": is it running, and is its key the one in the connection file?");
    if (bytes.error().code == Errc::not_admitted) return fail(Errc::not_admitted, "the node of " + connection_.agency + " does not know this person key, or it is disabled: ask an administrator (liaison person list)");
    return bytes.error();
  }
  flatbuffers::Verifier verifier(bytes->data(), bytes->size());
  if (!verifier.VerifyBuffer<api::Answer>()) return fail(Errc::bad_format, "the node's answer is damaged");
  const auto* answer = flatbuffers::GetRoot<api::Answer>(bytes->data());
  if (const auto* refusal = answer->reply_as_Refusal()) return to_error(*refusal);
  if (answer->reply_type() != wanted || answer->reply() == nullptr) return fail(Errc::bad_format, "the node answered something else: is it of another version?");
  return std::move(*bytes);
}

Result<bool> NodeClient::wait_for_event(Milliseconds limit) {
  auto event = bus_->next_event(limit);
  if (event) return true;
  if (event.error().code == Errc::peer_away) return false;
  return event.error();
}

std::vector<std::string> strings_of(const flatbuffers::Vector<flatbuffers::Offset<flatbuffers::String>>* list) {
  std::vector<std::string> out;
  if (list != nullptr)
    for (const auto* item : *list) out.push_back(item->str());
  return out;
}

std::string id_of(const flatbuffers::Vector<std::uint8_t>* id) {
  if (id == nullptr || id->size() != 16) return "-";
  Uuid uuid;
  std::memcpy(uuid.bytes.data(), id->data(), 16);
  return to_string(uuid);
}

}  // namespace liaison::cli
