// CURVE key pairs on disk: a person's key (a person is a key pair known to the node) and the node's own bus key. Text files of four lines,
// mode 0600, never overwritten:  header / name / public / secret, keys in Z85 (ZeroMQ RFC 32).
// A file that others may read is refused (key_unprotected); every error names the file and what to do.
#pragma once
#include <string>

#include "core/base/result.h"
#include "core/base/secret.h"

namespace liaison::bus {

inline constexpr std::string_view person_key_header = "liaison person key v1";
inline constexpr std::string_view bus_key_header = "liaison bus key v1";
inline constexpr std::size_t z85_key_chars = 40;
inline constexpr std::size_t curve_frame_overhead = 33;  // ZeroMQ counts it into ZMQ_MAXMSGSIZE: command name 8, nonce 8, flags 1, tag 16

struct CurveKeys {
  std::string name;        // person, or agency of the node
  std::string public_z85;  // 40 characters
  SecretBytes secret_z85;  // 40 characters
};

bool is_person_name(std::string_view name);  // 1 to 64 of [a-z0-9._-], begins with a letter or digit
bool is_z85_key(std::string_view chars);
std::string z85_of(ByteView key);                 // of the 32 bytes of a public key; empty for any other length

CurveKeys make_keys(const std::string& name);
// Errc::already_exists, or store_failed when the disk does not take it; durable when it returns.
Result<void> create_key_file(const std::string& path, std::string_view header, const CurveKeys& keys);
Result<CurveKeys> load_key_file(const std::string& path, std::string_view header);
// The node's key: loaded, or made and written at the first start.
Result<CurveKeys> load_or_create_bus_key(const std::string& path, const std::string& agency);

}  // namespace liaison::bus
