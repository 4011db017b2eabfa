// See message_file.h. Reads with the limits of form files; a refusal has printed every place before it is answered.
#include "admin-cli/message_file.h"

#include <ostream>

#include "core/base/limits.h"
#include "core/form/import.h"
#include "core/form/labels.h"
#include "core/form/text.h"
#include "io/store/files.h"

namespace liaison::cli {
namespace {
using form::Import;

Result<Import> read_binary(const std::string& file, const Bytes& bytes) {
  const auto checked = form::check_message(bytes);
  if (!checked) return fail(Errc::bad_format, form::visible(file) + " is not an Ecomessage: " + checked.error().message());
  Import import;
  import.message = bytes;
  import.gaps = checked->gaps;
  import.flags = checked->flags;
  return import;
}

Error tell_problems(const Context& context, const std::string& file, const Import& import) {
  const std::string language = language_of(context);
  for (const auto& problem : import.problems) context.err() << form::problem_line(problem, language) << "\n";
  for (const auto& gap : import.gaps) context.err() << form::problem_line(gap, language) << "\n";
  const std::size_t count = import.problems.size() + import.gaps.size();
  const std::string cure = import.problems.empty() ? "state them, or fill them all with --fill-unknown" : "correct them and send again";
  return fail(import.problems.empty() ? Errc::incomplete : Errc::bad_format, form::visible(file) + ": " + std::to_string(count) + " places to look at (above); nothing was sent; " + cure);
}
}  // namespace

Result<MessageFile> load_message_file(const Context& context, const MessageSource& source) {
  const bool binary = source.file.ends_with(".bin");
  if (!binary && !source.file.ends_with(".json")) return fail(Errc::invalid_argument, form::visible(source.file) + ": a form file ends in .json, a message in .bin");
  auto bytes = store::read_file(source.file, limits::form_file_bytes_max);
  if (!bytes) return fail(Errc::invalid_argument, "cannot read " + form::visible(source.file) + ": check the name and the rights");
  Import import;
  if (binary) {
    LIAISON_TRY(import, read_binary(source.file, *bytes));
  } else {
    form::ImportOptions options;
    if (source.fill_unknown) options.fill_unknown = language_of(context);
    import = form::import_json(text(*bytes), options);
  }
  if (!import.is_complete()) return tell_problems(context, source.file, import);
  MessageFile out{std::move(*import.message), {}};
  for (const auto& flag : import.flags) out.flags.push_back(form::problem_line(flag, language_of(context)));
  return out;
}

Result<void> write_export(const std::string& path, std::string_view bytes) { return store::write_durably(path, view(bytes), 0600); }

}  // namespace liaison::cli
