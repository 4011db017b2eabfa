// See exits.h. README.md holds the same table; a test compares the two.
#include "admin-cli/exits.h"

#include <array>

namespace liaison::cli {

std::span<const ExitLine> exit_table() {
  static constexpr std::array lines{
      ExitLine{Exit::done, "done"},
      ExitLine{Exit::refused, "the message, file or request has problems; each one is named"},
      ExitLine{Exit::usage_or_file, "wrong usage, or a file that cannot be read, written or used"},
      ExitLine{Exit::not_permitted, "the node does not know this person, or the role does not allow this"},
      ExitLine{Exit::not_found, "no such record, entry, agency or person"},
      ExitLine{Exit::try_again, "the node is away, busy or out of space: nothing is wrong with the request"},
      ExitLine{Exit::not_proved, "a check failed: log, ledger, proof or seal does not verify"},
      ExitLine{Exit::not_confirmed, "the person answered no; nothing was sent"},
      ExitLine{Exit::widens, "a comparison or dry run of the directory: somebody could newly read or speak; nothing was written"},
  };
  return lines;
}

Exit exit_of(Errc code) {
  if (disposition(code) == Disposition::retry_later) return Exit::try_again;
  switch (code) {
    case Errc::not_permitted:
    case Errc::not_admitted: return Exit::not_permitted;
    case Errc::not_found: return Exit::not_found;
    case Errc::already_exists:
    case Errc::invalid_argument:
    case Errc::invalid_settings:
    case Errc::key_missing:
    case Errc::key_unprotected: return Exit::usage_or_file;
    case Errc::wrong_root:
    case Errc::bad_signature:
    case Errc::chain_broken:
    case Errc::ledger_fork: return Exit::not_proved;
    default: return Exit::refused;
  }
}

}  // namespace liaison::cli
