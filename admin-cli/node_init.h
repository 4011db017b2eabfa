// `liaison node init DIR`: everything a new node needs but its agency keys: settings with comments, private folders, the bus key, the key of the
// first administrator, and the connection file for officers. Never replaces a file; run on the node's machine, no network.
#pragma once
#include "admin-cli/command.h"

namespace liaison::cli {

struct NodeInit {
  std::string directory, agency, realm, listen, directory_file = "directory.signed", passphrase_file, log_level = "info";
  std::vector<std::string> authorities, bus;  // without authorities the node does not start until an anchor brings them (liaison join --anchor)
  std::uint64_t threshold = 1;
};
Result<void> init_node(const NodeInit& command, Context& context);

Action bind_node_init(Options& options);

}  // namespace liaison::cli
