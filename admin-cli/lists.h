// `liaison inbox` and `liaison outgoing`: what came in and what went out, and finding one record by the beginning of its id in those lists.
#pragma once
#include "admin-cli/command.h"
#include "admin-cli/node_client.h"

namespace liaison::cli {

Action bind_inbox(Options& options);
Action bind_outgoing(Options& options);

struct RecordName {
  std::string from;  // empty: any
  Uuid id;
};
// `chars`: a whole id, at least 8 hex digits of its beginning, or the number of an inbox line ("12").
// Errors: invalid_argument (several records begin so: all are named), not_found.
Result<RecordName> find_record(NodeClient& client, const std::string& chars);

}  // namespace liaison::cli
