// Waiting items as the node answers them, in words and as JSON. They hold names, codes and dotted fields, never a value of a message.
#pragma once
#include "admin-cli/print.h"
#include "schemas/api_generated.h"

namespace liaison::cli {

void print_held_rows(const Context& context, const api::Held& held);
form::Value json_held_row(const api::HeldRow& row);
// One item in full, without what would be sent.
void print_held_row(const Context& context, const api::HeldRow& row, std::uint32_t approvals_needed);

}  // namespace liaison::cli
