// Result<T> and Error: how every fallible function of Liaison answers. Somebody else's mistake is an Error;
// our own broken rule is liaison_assert. `detail` carries ids, places and sizes, never message content.
#pragma once
#include <boost/system/result.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace liaison {

// What the caller does about an error; the list below is grouped by it.
enum class Disposition { retry_later, refuse_message, close_link, stop_node };

enum class Errc : std::uint16_t {
  // retry_later: nothing is wrong with the request
  busy = 1,
  disk_full,
  peer_away,
  conflict,          // a precondition no longer holds: read again and redo
  directory_stale,   // past its grace period
  outcome_unknown,   // a commit may or may not have been applied
  // refuse_message: this message, text or request will never be good
  bad_format = 100,
  bad_text,
  bad_signature,
  unknown_key,
  key_not_valid,
  wrong_realm,
  wrong_recipient,
  wrong_sender,
  limit_exceeded,
  unknown_schema,
  commitment_mismatch,
  chain_broken,
  route_not_allowed,
  audience_excludes,
  group_split,
  structure_broken,
  rebuild_mismatch,
  permit_missing,
  superseded,
  conflicting_version,
  cannot_open,
  expired,
  clock_out_of_range,
  incomplete,        // required items neither stated nor unknown
  not_permitted,     // the person's role or the policy does not allow it
  repeated_value,    // what is held back stands again in what would be shown
  not_found,
  already_exists,
  invalid_argument,
  invalid_settings,
  // close_link: the peer broke the protocol or is not who it says
  bad_frame = 200,
  protocol_violation,
  wrong_root,
  ledger_fork,
  peer_rolled_back,
  peer_lost_entries,
  not_admitted,
  tls_failed,
  // stop_node: going on could lose or falsify something
  store_failed = 300,
  store_corrupt,
  store_read_only,
  rolled_back,
  key_missing,
  key_unprotected,
  crypto_failed,
  clock_wrong,
};

Disposition disposition(Errc code);
std::string_view name(Errc code);  // "bad_signature": stable, used in logs, audit and evidence

struct Error {
  Errc code{};
  std::string detail;
  std::string message() const { return detail.empty() ? std::string(name(code)) : std::string(name(code)) + ": " + detail; }
};

[[noreturn]] void throw_exception_from_error(const Error& error, const boost::source_location& where);

template <class T>
class [[nodiscard]] Result : public boost::system::result<T, Error> {
 public:
  using boost::system::result<T, Error>::result;
};

inline Error fail(Errc code, std::string detail = {}) { return Error{code, std::move(detail)}; }

[[noreturn]] void assertion_failed(const char* expression, const char* file, int line);

}  // namespace liaison

// Always on, in every build: a broken rule of our own stops the process before it writes or signs anything wrong.
#define liaison_assert(expression) ((expression) ? static_cast<void>(0) : ::liaison::assertion_failed(#expression, __FILE__, __LINE__))

#define LIAISON_JOIN_2(a, b) a##b
#define LIAISON_JOIN(a, b) LIAISON_JOIN_2(a, b)
#define LIAISON_TRY_2(temporary, declaration, expression)   \
  auto temporary = (expression);                            \
  if (!temporary) return std::move(temporary).error();      \
  declaration = std::move(*temporary)
// LIAISON_TRY(auto key, find_key(id)): declares key, or returns the Error to the caller. Not in coroutines.
#define LIAISON_TRY(declaration, expression) LIAISON_TRY_2(LIAISON_JOIN(liaison_try_, __LINE__), declaration, expression)
// LIAISON_CHECK(verify(x)): the same for Result<void>.
#define LIAISON_CHECK(expression)                                                          \
  do {                                                                                     \
    if (auto liaison_check = (expression); !liaison_check) return std::move(liaison_check).error(); \
  } while (false)
