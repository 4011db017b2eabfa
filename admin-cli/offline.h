// What the offline commands (ca, keys, csr, directory) share: where they write, what time it is, how errors are told, files and passphrases.
// Exit codes: those of exits.h, of which 0, 1, 2, 7 and 8 occur. Private keys are only ever written with mode 0600.
#pragma once
#include <filesystem>
#include <functional>
#include <iosfwd>

#include "core/base/ids.h"
#include "core/crypto/keys.h"

namespace liaison::cli {

struct OfflineContext {
  std::ostream& out;
  std::ostream& err;
  Time now{};
  // Told after each step that an interruption may follow; an error stops the command there. Set by tests only.
  std::function<Result<void>(std::string_view step)> on_step{};
  Result<void> reached(std::string_view step) const { return on_step ? on_step(step) : Result<void>{}; }
};
enum class OfflineExit : int { done = 0, refused = 1, usage_or_file = 2, not_confirmed = 7, widens = 8 };

// Prints "liaison <command>: <what is wrong>" and answers the exit code for it.
int tell(const OfflineContext& context, std::string_view command, const Error& error);
int finish(const OfflineContext& context, std::string_view command, const Result<void>& result);

Result<std::string> read_text(const std::filesystem::path& path);
// An empty path writes to context.out; an existing file is never replaced.
Result<void> write_new(const OfflineContext& context, const std::filesystem::path& path, std::string_view content);
Result<void> write_private_key(const std::filesystem::path& path, const crypto::PrivateKey& key, ByteView passphrase);
// Authority and CA keys belong to persons: read with the same care as a node's.
Result<crypto::PrivateKey> load_person_key(const std::filesystem::path& path, const std::filesystem::path& passphrase_file);

}  // namespace liaison::cli
