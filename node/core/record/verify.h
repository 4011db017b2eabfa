// Verification of a received package in the order of formats 2.6, and the message rebuilt from its openings.
// A VerifiedPackage can only be made here. Keys, routes and groups are asked of Authority (core/directory through core/exchange). Pure.
#pragma once
#include "core/record/package.h"

namespace liaison::record {

// What verification must know about agencies.
class Authority {
 public:
  virtual ~Authority() = default;
  // The seal key `key` if registered for `agency` in that role and valid at `at` (superseded keys count up to `since`). Errc: unknown_key, key_not_valid.
  virtual Result<crypto::PublicKey> seal_key(std::string_view agency, const Hash& key, Time at) const = 0;
  // May `relay` relay for `agency` on this channel?
  virtual bool relays(std::string_view channel, std::string_view relay, std::string_view agency) const = 0;
  // Is `relay` the bureau, or a bureau above it, of an agency that the audience value covers?
  virtual bool reaches(std::string_view channel, std::string_view relay, std::string_view audience) const = 0;
  // Does an audience value ("agency:..", "group:..", "country:..") cover this agency?
  virtual bool audience_covers(std::string_view audience, std::string_view agency, Time created) const = 0;
};

struct VerifyContext {
  std::string_view realm;
  std::string_view self;
  std::string_view envelope_from;
  Time now;
  bool manifest_already_held = false;   // then the age of `created` is not tested
  const SchemaRegistry& schemas;
  const Authority& authority;
};

enum class FieldState : std::uint8_t { opened, withheld, absent, not_shown };
struct FieldStatus {
  Bytes path;
  FieldState state{};
  std::string by;     // agency that withheld it
  std::string basis;  // public basis
};

class VerifiedPackage {
 public:
  const Manifest& manifest() const { return manifest_; }
  const Hash& manifest_hash() const { return manifest_hash_; }
  const Package& package() const { return package_; }
  const std::vector<Disclosure>& disclosures() const { return disclosures_; }
  Hash last_disclosure_hash() const;
  const Bytes& message() const { return message_; }        // the rebuilt FlatBuffer
  std::size_t opaque_count() const;
  std::vector<FieldStatus> withheld_fields() const;

 private:
  friend Result<VerifiedPackage> verify(Package, const VerifyContext&, crypto::VerifiedBatches&);
  VerifiedPackage() = default;
  Manifest manifest_;
  Hash manifest_hash_{};
  Package package_;
  std::vector<Disclosure> disclosures_;
  Bytes message_;
};
Result<VerifiedPackage> verify(Package package, const VerifyContext& context, crypto::VerifiedBatches& batches);

// The FlatBuffer rebuilt from openings (placeholders for wholly held-back elements); used by verify and by views.
Result<Bytes> rebuild(const Schema& schema, const Openings& openings);
// State of one schema path (formats 2.6, last lines): opened, withheld(by, basis), absent (only where nothing is opaque), not shown.
FieldStatus status_of(const VerifiedPackage& package, ByteView path);

}  // namespace liaison::record
