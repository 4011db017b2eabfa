// Small helpers over the snapshot; pure but for the ports it carries.
#include "core/exchange/context.h"

#include <algorithm>

#include "core/base/tags.h"
#include "core/exchange/routes.h"

namespace liaison::exchange {

Time Context::usable_until() const { return directory_override ? std::max(*directory_override, directory->grace()) : directory->grace(); }

Result<void> Context::check_fresh() const {
  if (ports.clock.now() <= usable_until()) return {};
  return fail(Errc::directory_stale, "directory version " + std::to_string(directory->version()) + " was usable until " + to_string(usable_until()) +
                                         "; publish a newer one (liaison directory publish), or as an administrator allow some hours more (liaison directory override)");
}

Hash Context::commit_to_person(std::string_view name) const { return merkle::sha256({view(tags::person), ByteView(person_salt), view(name)}); }

audit::Entry Context::entry(audit::Event event) const {
  audit::Entry entry;
  entry.event = event;
  entry.wall = ports.clock.now();
  entry.monotonic_ns = static_cast<std::uint64_t>(ports.clock.monotonic().count());
  entry.process = process;
  return entry;
}

Result<std::vector<std::string>> Context::seal_texts(std::span<const std::string> texts) const {
  const auto sign = [this](ByteView bytes) { return ports.keys.sign(crypto::KeyRole::seal, bytes); };
  if (!single_signatures) return crypto::sign_texts(realm, seal_key, texts, sign);
  std::vector<std::string> blocks;
  for (const auto& one : texts) {
    LIAISON_TRY(auto block, crypto::sign_texts(realm, seal_key, std::span(&one, 1), sign));
    blocks.push_back(std::move(block.front()));
  }
  return blocks;
}

record::RandomFill Context::random_fill() const {
  return [&random = ports.random](std::span<std::uint8_t> out) { random.fill(out); };
}

Uuid Context::new_uuid(Time now) const {
  std::array<std::uint8_t, 10> random{};
  ports.random.fill(random);
  return make_uuid(now, random);
}

Op append_audit(const audit::Entry& entry) { return {OpKind::append, Table::audit_entry, {}, audit::encode(entry)}; }

Result<crypto::PublicKey> DirectoryAuthority::seal_key(std::string_view agency, const Hash& key, Time at) const {
  return directory_.key(agency, crypto::KeyRole::seal, key, at);
}
bool DirectoryAuthority::relays(std::string_view channel, std::string_view relay, std::string_view agency) const { return directory_.relays(channel, relay, agency); }
bool DirectoryAuthority::reaches(std::string_view channel, std::string_view relay, std::string_view audience) const {
  return exchange::reaches(directory_, {relay, channel, {}, {}, now_}, relay, audience);
}
bool DirectoryAuthority::audience_covers(std::string_view audience, std::string_view agency, Time created) const {
  return directory_.audience_covers(audience, agency, {now_, created});
}

}  // namespace liaison::exchange
