// What every stage may see while it works: one immutable snapshot of who we are, the directory, the policy and the ports.
// Tasks hold it by shared_ptr, so a newly loaded directory or policy takes effect between two messages and never within one.
#pragma once
#include <memory>

#include "core/audit/entry.h"
#include "core/directory/directory.h"
#include "core/exchange/ports.h"
#include "core/policy/policy.h"
#include "core/record/verify.h"

namespace liaison::exchange {

// Defaults an agency sets for its officers; `liaison send` shows which values come from here.
struct AgencyDefaults {
  std::string purpose = "investigation";
  std::string channel = "interpol";
  std::string level = "international";
  std::vector<std::string> handling;
  std::uint32_t review_days = 365;
};

struct Context {
  std::string realm, agency;
  AgencyDefaults defaults;
  bool single_signatures = false;      // force alg 1
  Hash person_salt{};                  // makes the audit log's commitments to persons unguessable without the node
  Uuid process{};
  std::shared_ptr<const directory::Directory> directory;
  bool directory_stored = false;       // the store names it as the one in force; otherwise the caller brought it (tests, tools)
  std::optional<Time> directory_override;  // used until then, past its grace: an administrator's word
  std::shared_ptr<const policy::Policy> policy;
  bool policy_stored = false;          // it stands in the store; otherwise it is the built-in one
  std::shared_ptr<const record::SchemaRegistry> schemas;
  Hash seal_key{}, link_key{};         // hashes of our registered keys
  Ports ports;

  Time usable_until() const;           // nothing is sealed or accepted afterwards
  Result<void> check_fresh() const;    // directory_stale, with the cure
  Hash commit_to_person(std::string_view name) const;
  audit::Entry entry(audit::Event event) const;  // wall, monotonic and process filled in
  // Signs one text or a batch with the seal key.
  Result<std::vector<std::string>> seal_texts(std::span<const std::string> texts) const;
  record::RandomFill random_fill() const;
  Uuid new_uuid(Time now) const;
};
using ContextPtr = std::shared_ptr<const Context>;

Op append_audit(const audit::Entry& entry);

// record::Authority over a directory version.
class DirectoryAuthority final : public record::Authority {
 public:
  DirectoryAuthority(const directory::Directory& directory, Time now) : directory_(directory), now_(now) {}
  Result<crypto::PublicKey> seal_key(std::string_view agency, const Hash& key, Time at) const override;
  bool relays(std::string_view channel, std::string_view relay, std::string_view agency) const override;
  bool reaches(std::string_view channel, std::string_view relay, std::string_view audience) const override;
  bool audience_covers(std::string_view audience, std::string_view agency, Time created) const override;

 private:
  const directory::Directory& directory_;
  Time now_;
};

}  // namespace liaison::exchange
