// One entry of the directory between its FlatBuffer table and the owned struct of directory.h: the same reader for authored and distributed entries.
// Checks every value by itself (form, size, code); what refers to other entries is checked by the Loader. Errors name entry and field: bad_format, limit_exceeded.
#pragma once
#include "core/directory/directory.h"
#include "schemas/directory_generated.h"

namespace liaison::directory {

// Counts that no entry passes; the sum of all bytes is bounded by the file.
inline constexpr std::size_t list_items_max = 64;
inline constexpr std::size_t group_members_max = 4096;
inline constexpr std::size_t value_bytes_max = 512;
inline constexpr std::size_t crls_per_country_max = 8;
inline constexpr std::chrono::hours crl_grace_max{24 * 90};

struct KeyRequest;
Result<KeyRequest> read_key_request(const fb::KeyRequest& from);
Result<Agency> read_agency(const fb::Agency& from);
Result<Group> read_group(const fb::Group& from);
Result<CountryAuthority> read_country(const fb::CountryAuthority& from);
Result<Revocation> read_revocation(const fb::Revocation& from);
Result<FederationPolicy> read_policy(const fb::FederationPolicy& from);

Bytes write_entry(const Agency& agency);
Bytes write_entry(const Group& group);
Bytes write_entry(const CountryAuthority& country);
Bytes write_entry(const Revocation& revocation);
Bytes write_entry(const FederationPolicy& policy);

}  // namespace liaison::directory
