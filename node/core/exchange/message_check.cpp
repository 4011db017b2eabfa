// One case per kind that has a form. Pure.
#include "core/exchange/message_check.h"

#include "core/form/check.h"

namespace liaison::exchange {

Result<void> check_complete(std::string_view kind, ByteView message) {
  if (kind != "ecomessage") return fail(Errc::unknown_schema, "no form for this kind of message");
  LIAISON_TRY(const auto checked, form::check_message(message));
  if (checked.gaps.empty()) return {};
  std::string items;
  for (const auto& gap : checked.gaps) items += (items.empty() ? "" : ", ") + gap.item + (gap.number == 0 ? "" : " of number " + std::to_string(gap.number));
  return fail(Errc::incomplete, "neither stated nor \"unknown\": items " + items);
}

}  // namespace liaison::exchange
