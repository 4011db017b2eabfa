// A form file (.json) or message (.bin) ready to be sent, or every problem it has, told in the reader's language. Reads one file; no network.
// Errors: invalid_argument (cannot be read), incomplete (gaps), bad_format (problems); their lines have been printed to standard error.
#pragma once
#include "admin-cli/context.h"

namespace liaison::cli {

struct MessageFile {
  Bytes message;
  std::vector<std::string> flags;  // species to look at, one sentence each
};
struct MessageSource {
  std::string file;
  bool fill_unknown = false;
};
Result<MessageFile> load_message_file(const Context& context, const MessageSource& source);

// Beside the target first, then renamed over it; readable by its owner only. For exports that a person repeats.
Result<void> write_export(const std::string& path, std::string_view bytes);

}  // namespace liaison::cli
