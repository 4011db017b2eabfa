// `liaison show`, `track`, `permit`, `export`: one record as its reader sees it, where it is and what proves that, and a copy of it as a file.
// Showing and exporting are written into the node's audit log before anything is answered.
#pragma once
#include "admin-cli/command.h"
#include "admin-cli/node_client.h"

namespace liaison::cli {
Action bind_show(Options& options);
Action bind_track(Options& options);
Action bind_permit(Options& options);
Action bind_export(Options& options);

// One record, named as lists.h says.
struct AskRecord {
  std::string id, from;
  std::uint64_t version = 0;
};
void bind_record(Options& options, AskRecord& ask);
enum class ReadingFor : std::uint8_t { showing, exporting };
Result<Answered<api::Record>> ask_record(Context& context, const AskRecord& ask, ReadingFor reading);

}  // namespace liaison::cli
