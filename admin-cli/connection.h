// The small file that tells clients where a node's bus is and which public key it has; written by `liaison node init`, handed to officers.
// Holds no secret. Errors: invalid_settings with the file and what to do.
#pragma once
#include <filesystem>
#include <string>

#include "core/base/result.h"

namespace liaison::cli {

struct Connection {
  std::string agency;
  std::string requests;        // ipc:// or tcp:// endpoint
  std::string events;
  std::string server_key_z85;
};
std::string to_json(const Connection& connection);
Result<Connection> parse_connection(std::string_view json, const std::filesystem::path& file);
Result<Connection> load_connection(const std::filesystem::path& file);
// Where the events of a node stand: ipc path + ".events", tcp port + 1.
std::string events_of(const std::string& requests);

}  // namespace liaison::cli
