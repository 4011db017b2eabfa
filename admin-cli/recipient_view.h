// What one recipient would get, as the node answers it (preview, held items): the message as it will be rebuilt there, every field that is not plainly
// disclosed with its rule and law, places where a withheld value stands again. For people of this agency only.
#pragma once
#include "admin-cli/context.h"
#include "core/form/value.h"
#include "schemas/api_generated.h"

namespace liaison::cli {

// `agency`: this one, which would withhold.
Result<void> print_recipient_view(const Context& context, const api::RecipientView& view, const std::string& agency);
Result<form::Value> json_recipient_view(const Context& context, const api::RecipientView& view, const std::string& agency);
// What these fields (dotted, without the numbers of elements) say; only where the node gave values.
void print_values(const Context& context, const api::RecipientView& view, const std::vector<std::string>& fields);
// "12 values withheld, waits for a person" in one line.
std::string recipient_summary(const api::RecipientView& view);

}  // namespace liaison::cli
