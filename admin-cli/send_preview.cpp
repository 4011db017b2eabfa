// See send_preview.h. A refusal is known here, before anything leaves.
#include "admin-cli/send_preview.h"

#include <ostream>

#include "admin-cli/node_client.h"
#include "admin-cli/print.h"
#include "admin-cli/recipient_view.h"
#include "core/form/text.h"

namespace liaison::cli {

Result<Exit> show_preview(const Context& context, const api::Previewed& previewed, const std::string& agency) {
  const auto problems = strings_of(previewed.problems());
  form::Value root = form::Value::object(), views = form::Value::array();
  if (previewed.views() != nullptr)
    for (const auto* view : *previewed.views()) {
      if (context.json) {
        LIAISON_TRY(auto one, json_recipient_view(context, *view, agency));
        views.elements.push_back(std::move(one));
        continue;
      }
      context.out() << form::visible("--- what " + string_of(view->agency()) + " would see: " + recipient_summary(*view)) << "\n";
      LIAISON_CHECK(print_recipient_view(context, *view, agency));
      context.out() << "\n";
    }
  if (context.json) {
    root.add("views", std::move(views));
    root.add("problems", json_list(problems));
    print_json(context, root);
  } else {
    for (const auto& problem : problems) context.out() << toned(context, Tone::bad, form::visible("! " + problem, true)) << "\n";
    context.out() << word(context, problems.empty() ? "preview_done" : "preview_problems") << "\n";
  }
  return problems.empty() ? Exit::done : Exit::refused;
}

Result<void> summarise_preview(const Context& context, const api::Previewed& previewed) {
  if (previewed.views() != nullptr)
    for (const auto* view : *previewed.views()) context.out() << form::visible("  " + string_of(view->agency()) + ": " + recipient_summary(*view)) << "\n";
  const auto problems = strings_of(previewed.problems());
  if (problems.empty()) return {};
  std::string all;
  for (const auto& problem : problems) all += (all.empty() ? "" : "\n  ") + problem;
  return fail(Errc::not_permitted, "it cannot be sent like this; look at it with --preview:\n  " + all);
}

}  // namespace liaison::cli
