// What the node says each recipient would get of a message that is not sent yet: in full for `send --preview`, in one line before the question.
#pragma once
#include "admin-cli/context.h"
#include "schemas/api_generated.h"

namespace liaison::cli {

// Every next hop's view, and everything that would keep the message from leaving: then Exit::refused.
Result<Exit> show_preview(const Context& context, const api::Previewed& previewed, const std::string& agency);
// One line per next hop. An error when it cannot be sent like this, with every reason.
Result<void> summarise_preview(const Context& context, const api::Previewed& previewed);

}  // namespace liaison::cli
