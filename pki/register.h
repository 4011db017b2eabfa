// The register of a CA: everything it ever issued or revoked, one line each, only ever appended. Each line ends with the hash of all before it, so that a
// changed or missing line shows. Pure: text in, text out. A last line without its end was never finished and counts for nothing.
// Errors: bad_format with the line, already_exists (serial, key), not_found, invalid_argument.
#pragma once
#include <optional>
#include <vector>

#include "core/base/ids.h"
#include "core/crypto/keys.h"

namespace liaison::pki {

struct Withdrawal {
  Time at{};
  std::string reason;  // as in RFC 5280 section 5.3.1: keyCompromise, superseded, ...
};
struct RegisteredCertificate {
  std::string serial;  // hex
  std::string role;    // tls, seal, or ca for an issuing CA
  std::string subject; // agency, or the country of an issuing CA
  Hash key{};
  Time from{}, to{};
  Bytes certificate;
  bool handed_over = false;
  std::optional<Withdrawal> revoked{};
};

bool is_revocation_reason(std::string_view reason);
std::string_view revocation_reasons();  // for people: all of them

class Register {
 public:
  Register() = default;
  static Result<Register> parse(std::string_view text);
  std::size_t whole_bytes() const { return whole_bytes_; }  // what lies behind is an unfinished line
  const std::vector<RegisteredCertificate>& certificates() const { return certificates_; }
  std::uint64_t last_crl() const { return last_crl_; }
  const RegisteredCertificate* find(std::string_view serial) const;
  const RegisteredCertificate* find_key(const Hash& key) const;  // the newest with this key

  // The next line, and the register with it. Refused when it would contradict what stands already.
  Result<std::string> add_issued(const RegisteredCertificate& certificate);
  Result<std::string> add_handed_over(const std::string& serial);
  Result<std::string> add_revoked(const std::string& serial, const Withdrawal& why);
  Result<std::string> add_crl(std::uint64_t number, Time now);

 private:
  Result<void> take(std::string_view body);
  Result<std::string> append(const std::string& body);
  Result<void> take_issued(std::span<const std::string_view> words);
  RegisteredCertificate* find_mutable(std::string_view serial);
  std::vector<RegisteredCertificate> certificates_;
  std::uint64_t last_crl_ = 0;
  std::size_t whole_bytes_ = 0;
  Hash chain_{};
};

}  // namespace liaison::pki
