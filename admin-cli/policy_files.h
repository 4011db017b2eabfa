// What the offline policy commands read: a policy, a message as it would be sent, a directory. Reads files; no network.
// Errors: invalid_argument (cannot be read), invalid_settings "file: line 12: what is wrong; what to do".
#pragma once
#include "admin-cli/context.h"
#include "admin-cli/options.h"
#include "core/policy/policy.h"

namespace liaison::cli {

struct PolicyFile {
  std::string json;
  std::shared_ptr<const policy::Policy> policy;
};
Result<PolicyFile> load_policy_file(const std::string& file);

// A message to one recipient, as the options of `explain` and `preview` name it.
struct Case {
  std::string policy, message, to, from, directory, purpose = "investigation", channel = "interpol", level = "international", urgency = "routine", authorisation, offence_class, confidentiality;
  std::vector<std::string> handling, authorities;
};
void bind_case(Options& options, Case& one);

// The message as a record of its own, held against the policy.
struct DecidedCase {
  std::shared_ptr<const policy::Policy> policy;
  std::shared_ptr<const record::Schema> schema;
  record::Manifest manifest;
  record::Openings openings;
  policy::Situation situation;
  policy::Decided decided;
  std::string note;  // what the reader must know: the directory was not verified
};
Result<DecidedCase> decide_case(const Context& context, const Case& one);

}  // namespace liaison::cli
