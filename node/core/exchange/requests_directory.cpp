// Requests about the signed directory: publishing a version through this node, and using one past its grace for some hours.
// What a published file may do is decided by signatures alone; the administrator only brings it.
#include <algorithm>

#include "core/base/limits.h"
#include "core/exchange/answers.h"
#include "core/exchange/requests.h"

namespace liaison::exchange {
namespace {
constexpr std::size_t reason_bytes_max = 200;

Bytes in_force_answer(const DirectoryKeeper::Published& published) {
  flatbuffers::FlatBufferBuilder builder(1024);
  const auto hash = put_bytes(builder, published.directory->hash());
  const auto changes = builder.CreateVectorOfStrings(published.changes);
  return finish_answer(builder, api::CreateDirectoryInForce(builder, published.directory->version(), hash, changes, published.known));
}
}  // namespace

void Requests::on_publish_directory(const Caller& caller, const api::PublishDirectory& publish) {
  const ByteView file = bytes_of(publish.file());
  if (file.empty()) return refuse(caller, Errc::invalid_argument, "a signed directory file is needed (liaison directory sign)");
  node_.directories_.publish(to_bytes(file), caller.person, [this, caller](Result<DirectoryKeeper::Published> published) {
    if (!published) return refuse(caller, published.error());
    answer(caller, in_force_answer(*published));
  });
}

void Requests::on_override_directory(const Caller& caller, const api::OverrideDirectory& ask) {
  const std::string reason = string_of(ask.reason());
  const bool printable = std::all_of(reason.begin(), reason.end(), [](unsigned char c) { return c >= 0x20 && c != 0x7F; });
  if (reason.empty() || reason.size() > reason_bytes_max || !printable)
    return refuse(caller, Errc::invalid_argument, "a reason of 1 to " + std::to_string(reason_bytes_max) + " bytes on one line is needed; it is shown to everybody who asks for the status");
  node_.directories_.allow(ask.hours(), caller.person, reason, [this, caller](Result<Time> until) {
    if (!until) {
      audit_refusal(caller, until.error().code, api::Request::OverrideDirectory);
      return refuse(caller, until.error());
    }
    flatbuffers::FlatBufferBuilder builder(256);
    const auto words = builder.CreateString("directory version " + std::to_string(node_.context_->directory->version()) + " may be used until " + to_string(*until));
    answer(caller, finish_answer(builder, api::CreateDone(builder, words)));
  });
}

}  // namespace liaison::exchange
