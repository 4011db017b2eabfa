// The signed text `liaison policy v1`: a person's key of role `policy` vouches for one version of an agency's disclosure policy. Made and parsed here. Pure.
#pragma once
#include "core/base/ids.h"
#include "core/crypto/signed_text.h"
#include "core/record/package.h"

namespace liaison::exchange {

struct PolicyText {
  std::string realm, agency;
  record::PolicyRef policy;          // fingerprint: of the meaning, not of the file's bytes
  Hash key{};                        // of role `policy`, registered for `agency`
  Time at{};
};
std::string make_text(const PolicyText& text);
Result<PolicyText> parse_policy_text(ByteView bytes);

}  // namespace liaison::exchange
