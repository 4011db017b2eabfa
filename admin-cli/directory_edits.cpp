// See directory_edits.h. What an edit means is decided in core/directory/edits; this file reads, compares and writes.
#include "admin-cli/directory_edits.h"

#include <ostream>

#include "core/directory/changes.h"
#include "io/store/files.h"

namespace liaison::cli {
namespace {

struct Edited {
  bool widens = false;
};

Result<Edited> edit(const EditTarget& target, const EditAct& act, const OfflineContext& context) {
  LIAISON_TRY(const std::string json, read_text(target.source));
  auto before = directory::read_authored(json);
  if (!before) return fail(before.error().code, target.source.string() + ": " + before.error().detail);
  LIAISON_TRY(const std::string changed, act(*before));
  auto after = directory::read_authored(changed);
  if (!after) return fail(after.error().code, "refused, nothing was written: " + after.error().detail);
  const auto changes = directory::compare(before->content.get(), *after->content, context.now);
  if (changed == json) {
    context.out << "nothing changes\n";
    return Edited{};
  }
  context.out << directory::changes_text(changes);
  if (target.dry_run) {
    context.out << "dry run: nothing was written\n";
    return Edited{directory::widens(changes)};
  }
  LIAISON_TRY(const std::string now, read_text(target.source));
  if (now != json) return fail(Errc::busy, target.source.string() + " was changed by somebody else meanwhile; look at it and repeat the command");
  LIAISON_CHECK(store::write_durably(target.source, view(changed), 0644));
  context.out << "written to " << target.source.string() << "; it takes effect when a version is made and signed (liaison directory make, directory sign)\n";
  return Edited{directory::widens(changes)};
}

}  // namespace

int edit_directory(std::string_view command, const EditTarget& target, const EditAct& act, const OfflineContext& context) {
  const auto edited = edit(target, act, context);
  if (!edited) return tell(context, command, edited.error());
  return static_cast<int>(target.dry_run && edited->widens ? OfflineExit::widens : OfflineExit::done);
}

Result<Time> time_or_now(std::string_view chars, Time now, std::string_view option) {
  if (chars.empty()) return now;
  const auto time = parse_time(chars.size() == 10 ? std::string(chars) + "T00:00:00.000Z" : std::string(chars));
  if (!time) return fail(Errc::invalid_argument, std::string(option) + ": a date like 2026-01-31 or a time like 2026-01-31T00:00:00.000Z is needed");
  return *time;
}

Result<std::vector<directory::RegisteredKey>> keys_of_request(const std::filesystem::path& file, std::string_view agency) {
  LIAISON_TRY(const std::string text, read_text(file));
  auto request = directory::parse_key_request(text);
  if (!request) return fail(request.error().code, file.string() + ": " + request.error().detail);
  if (request->agency != agency) return fail(Errc::not_permitted, file.string() + " holds the keys of " + request->agency + ", not of " + std::string(agency));
  return std::move(request->keys);
}

}  // namespace liaison::cli
