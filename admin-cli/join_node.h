// The new agency's side of joining: makes the request out of the node's own keys, installs the anchor after checking it the way the node will.
// Each step can be repeated after an interruption: what is there and right is kept. Errors name file and cure.
#pragma once
#include "admin-cli/node_init.h"
#include "core/directory/joining.h"

namespace liaison::cli {

struct JoinOrder {
  NodeInit node;                     // `directory`: folder of the node
  directory::Agency agency;          // as it wishes to stand in the directory, without keys
  std::vector<std::string> policy_keys;
  std::uint64_t days = 730;          // validity asked for the keys
  std::string out;
};
Result<void> make_join_request(const JoinOrder& order, Context& context);

struct AnchorOrder {
  std::string folder, anchor, certificate, seal_certificate, yes;
};
// False: nobody confirmed the authorities; nothing was installed.
Result<bool> install_anchor(const AnchorOrder& order, Context& context);

}  // namespace liaison::cli
