// Settings of a node, validated: what main needs to build everything, with defaults filled in and paths made absolute.
// Refuses to guess: every error names file, line, field and what to write instead (Errc::invalid_settings). Reads one file; start-up only.
#pragma once
#include <filesystem>
#include <optional>
#include <vector>

#include "core/base/ids.h"
#include "core/base/result.h"

namespace liaison::config {

struct Address {
  std::string host;        // numeric or a name; without brackets
  std::uint16_t port = 0;  // 0: any free one
  bool operator==(const Address&) const = default;
};
std::string to_string(const Address& address);

enum class LogLevel : std::uint8_t { debug, info, warning, error };

struct Settings {
  std::string agency, realm;
  std::filesystem::path data_dir;
  std::filesystem::path keys_dir;
  std::filesystem::path passphrase_file;  // empty: systemd credential or none
  std::filesystem::path last_signed_file;
  std::filesystem::path directory_file;
  struct Authorities {
    std::size_t threshold = 0;
    std::vector<Hash> keys;  // distinct
  } authorities;
  Address listen;
  struct Bus {
    std::vector<std::string> endpoints;  // ipc:// and tcp://
    std::filesystem::path key_file;
    std::optional<std::array<std::uint8_t, 32>> first_administrator;  // CURVE public key
  } bus;
  LogLevel log_level = LogLevel::info;
  std::optional<Address> metrics;
  std::filesystem::path certificate_file;
  std::filesystem::path policy_file;      // empty: the built-in policy
  // What a message says when its sender does not; the codes are checked where the node is built.
  struct Defaults {
    std::string purpose = "investigation", channel = "interpol", level = "international";
    std::vector<std::string> handling;
    std::uint32_t review_days = 365;
  } defaults;
  // Keys in a token; an empty label is a key file.
  struct Pkcs11 {
    std::filesystem::path module, pin_file;  // empty pin_file: systemd credential
    std::string token, seal, tls;
  };
  std::optional<Pkcs11> pkcs11;
  bool force_alg1 = false;
  std::uint64_t map_bytes = 64ULL << 30;
};

Result<Settings> load_settings(const std::filesystem::path& file);
// `file` is for messages and for relative paths; it is not opened.
Result<Settings> parse_settings(std::string_view chars, const std::filesystem::path& file);

// A CURVE public key as people copy it: 40 characters Z85 (ZeroMQ RFC 32) or 64 hex digits.
std::optional<std::array<std::uint8_t, 32>> parse_curve_key(std::string_view chars);

}  // namespace liaison::config
