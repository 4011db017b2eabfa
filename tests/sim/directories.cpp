// The directory's authors among what happens: ordinary versions, an agency removed for a while, other authorities, two texts of one version, and files nobody
// signed, each brought to any node by its administrator. In the end one more version with everybody in it must reach all.
#include <algorithm>

#include "core/directory/succession.h"
#include "tests/sim/world.h"

namespace liaison::sim {
namespace {
Bytes publish_call(const Bytes& file) {
  flatbuffers::FlatBufferBuilder builder(file.size() + 256);
  const auto request = api::CreatePublishDirectory(builder, builder.CreateVector(file));
  builder.Finish(api::CreateCall(builder, api::Request::PublishDirectory, request.Union()));
  return {builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()};
}
}  // namespace

void World::publish(std::size_t index, const Bytes& file) {
  Site& site = *sites_[index];
  if (!site.up()) return;
  site.machine->node->on_request(repair_token_base + ++repair_tokens_, "admin-1", publish_call(file));
  drain(index);
}

// The next version as its authors would sign it now. After two texts of one number they leave one out: its successor could name only one of them.
DirectoryEdit World::next_version() const {
  DirectoryEdit next;
  next.version = authors_.version + (authors_.twins ? 2 : 1);
  next.previous = authors_.hash;
  next.authority = authors_.authority;
  next.signers = {authors_.authority};
  return next;
}

Bytes World::issue(const DirectoryEdit& edit) {
  Bytes file = make_directory_file(edit);
  authors_.version = edit.version;
  authors_.hash = directory::parse_label(file)->hash;
  authors_.authority = edit.authority;
  authors_.twins = false;
  return file;
}

void World::play_directory(std::size_t at) {
  const std::size_t other = (at + 1) % sites_.size();
  DirectoryEdit next = next_version();
  switch (chance_.below(8)) {
    case 0:  // signed by somebody else
      count("directory forged");
      next.signers = {static_cast<std::uint8_t>(authors_.authority == first_authority ? second_authority : first_authority)};
      return publish(at, make_directory_file(next));
    case 1: {  // two texts of one version
      count("directory conflict");
      DirectoryEdit twin = next;
      twin.group = "other";
      const Bytes second = make_directory_file(twin);
      publish(at, issue(next));
      authors_.twins = true;
      return publish(other, second);
    }
    case 2:
      if (authors_.authority != first_authority) break;
      count("authorities changed");
      next.authority = second_authority;
      next.signers = {first_authority, second_authority};
      authors_.change = issue(next);
      return publish(at, *authors_.change);
    case 3:
    case 4:
      if (scenario_.relayed) break;
      count("agency removed");
      next.without = {sites_[other]->agency};
      return publish(at, issue(next));
    default: break;
  }
  count("directory published");
  if (chance_.per_mille(500)) next.group = "joint";
  publish(at, issue(next));
}

// Until it is there: what changed the authorities, then the last one. Brought to the first site, and to those that shut somebody out and so may not hear of it.
void World::publish_last() {
  if (scenario_.trouble.directory == 0 || directory_settled()) return;
  if (!authors_.last) authors_.last = issue(next_version());
  for (std::size_t i = 0; i < sites_.size(); ++i) {
    if (!sites_[i]->up()) continue;
    const auto directory = sites_[i]->machine->node->context()->directory;
    const bool shuts_out = std::any_of(sites_.begin(), sites_.end(), [&](const auto& site) { return directory->find(site->agency) == nullptr; });
    const bool lacks_change = authors_.change && directory->version() < directory::parse_label(*authors_.change)->version;
    if (i == 0 || shuts_out) publish(i, lacks_change ? *authors_.change : *authors_.last);
  }
}

bool World::directory_settled() const {
  if (scenario_.trouble.directory == 0) return true;
  return authors_.last && std::all_of(sites_.begin(), sites_.end(), [this](const auto& site) { return site->up() && site->machine->node->context()->directory->hash() == authors_.hash; });
}

}  // namespace liaison::sim
