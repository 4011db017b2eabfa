// See directory_versions.h. What may be signed is decided in core/directory (check_before_signing), what changes in core/directory/changes.
#include "admin-cli/directory_versions.h"

#include <istream>
#include <ostream>

#include "admin-cli/context.h"
#include "core/base/limits.h"
#include "core/directory/authoring.h"
#include "core/directory/changes.h"
#include "io/keys/passphrase.h"
#include "io/store/files.h"

namespace liaison::cli {
namespace {

using Content = std::shared_ptr<const directory::Directory>;

Result<Content> named(const std::filesystem::path& file, Result<Content> read) {
  if (!read) return fail(read.error().code, file.string() + ": " + read.error().detail);
  return read;
}

Result<Content> content_of(const std::filesystem::path& file) {
  LIAISON_TRY(const Bytes bytes, store::read_file(file, limits::directory_bytes_max));
  const std::string chars(text(bytes));
  const auto first = chars.find_first_not_of(" \t\r\n");
  const bool is_json = first != std::string::npos && (chars[first] == '{' || chars.substr(first, 2) == "//" || chars.substr(first, 2) == "/*");
  return named(file, is_json ? directory::read_source_content(chars) : directory::read_content(bytes));
}

Result<Content> previous_of(const std::filesystem::path& file) {
  if (file.empty()) return Content{};
  LIAISON_TRY(const Bytes bytes, store::read_file(file, limits::directory_bytes_max));
  return named(file, directory::read_content(bytes));
}

Result<Bytes> make_next(const std::filesystem::path& source, const directory::Directory* previous, Time now) {
  LIAISON_TRY(const std::string json, read_text(source));
  directory::Draft draft{json, 1, std::nullopt, now};
  if (previous != nullptr) {
    draft.version = previous->version() + 1;
    draft.previous = previous->hash();
  }
  auto made = directory::make_unsigned(draft);
  if (!made) return fail(made.error().code, source.string() + ": " + made.error().detail);
  return made;
}

// Group ends and the like are compared at the time of issue, so that the code is the same on every machine.
std::string tell_summary(const directory::Directory* previous, const directory::Directory& next, const OfflineContext& context) {
  const auto changes = directory::compare(previous, next, next.issued());
  context.out << "version " << next.version() << " of realm " << next.realm() << ", issued " << to_string(next.issued()) << "\n";
  if (previous != nullptr) context.out << "compared with version " << previous->version() << ":\n";
  else if (next.version() > 1) context.out << "NOT compared with the version before it (--previous): everything in it is listed\n";
  context.out << directory::changes_text(changes) << (changes.empty() ? "         nothing changes but the version\n" : "");
  const auto code = directory::summary_code(changes, next.hash());
  context.out << "summary " << code << "\n";
  return code;
}

Result<void> make(const DirectoryMake& command, const OfflineContext& context) {
  LIAISON_TRY(const auto previous, previous_of(command.previous));
  LIAISON_TRY(const Bytes file, make_next(command.source, previous.get(), context.now));
  LIAISON_TRY(const auto next, directory::read_content(file));
  LIAISON_CHECK(store::create_durably(command.file, file, 0644));
  tell_summary(previous.get(), *next, context);
  context.out << "hash " << to_base64(next->hash()) << "\nunsigned, in " << command.file.string() << "; " << next->authorities().threshold << " authorities must sign it (liaison directory sign)\n";
  return {};
}

Result<bool> confirmed(const DirectorySign& command, const std::string& code, const OfflineContext& context) {
  if (!command.yes.empty()) {
    if (command.yes == code) return true;
    return fail(Errc::not_permitted, "--yes names another summary than this one (" + code + "): read it again");
  }
  if (command.in == nullptr) return false;
  context.out << "sign this? [y/N] " << std::flush;
  std::string answer;
  std::getline(*command.in, answer);
  return is_yes(answer);
}

Result<OfflineExit> sign(const DirectorySign& command, const OfflineContext& context) {
  LIAISON_TRY(const auto key, load_person_key(command.authority_key, command.passphrase_file));
  LIAISON_TRY(const auto previous, previous_of(command.previous));
  const bool is_new = !command.source.empty();
  LIAISON_TRY(const Bytes file, is_new ? make_next(command.source, previous.get(), context.now) : store::read_file(command.file, limits::directory_bytes_max));
  LIAISON_TRY(const auto next, named(command.file, directory::read_content(file)));
  LIAISON_CHECK(directory::check_before_signing(*next, previous.get(), key.public_key().hash(), context.now));
  LIAISON_TRY(const Bytes signed_file, directory::add_signature(file, key.public_key(), [&](ByteView text) { return key.sign(text); }));
  const std::string code = tell_summary(previous.get(), *next, context);
  LIAISON_TRY(const bool yes, confirmed(command, code, context));
  if (!yes) {
    context.err << "not signed; to agree to exactly this summary, repeat with --yes " << code << "\n";
    return OfflineExit::not_confirmed;
  }
  LIAISON_CHECK(is_new ? store::create_durably(command.file, signed_file, 0644) : store::write_durably(command.file, signed_file, 0644));
  LIAISON_TRY(const auto summary, directory::summarise(signed_file));
  context.out << "directory version " << summary.version << "\n  hash        " << to_base64(summary.hash) << "\n  signatures  " << summary.signed_by.size() << " of "
              << summary.threshold << " needed\n  file        " << command.file.string() << "\n";
  return OfflineExit::done;
}

Result<void> merge(const DirectoryMerge& command, const OfflineContext& context) {
  std::vector<Bytes> files;
  for (const auto& name : command.files) {
    LIAISON_TRY(files.emplace_back(), store::read_file(name, limits::directory_bytes_max));
  }
  LIAISON_TRY(const Bytes merged, directory::merge_signatures(files));
  LIAISON_TRY(const auto summary, directory::summarise(merged));
  LIAISON_CHECK(store::create_durably(command.out, merged, 0644));
  context.out << "directory version " << summary.version << ", signatures " << summary.signed_by.size() << " of " << summary.threshold << " needed, in " << command.out.string() << "\n";
  return {};
}

Result<OfflineExit> diff(const DirectoryDiff& command, const OfflineContext& context) {
  LIAISON_TRY(const auto before, content_of(command.before));
  LIAISON_TRY(const auto after, content_of(command.after));
  if (before->realm() != after->realm()) return fail(Errc::wrong_realm, "one is of realm " + before->realm() + ", the other of " + after->realm());
  const auto changes = directory::compare(before.get(), *after, context.now);
  context.out << directory::changes_text(changes) << (changes.empty() ? "nothing changes\n" : "");
  return directory::widens(changes) ? OfflineExit::widens : OfflineExit::done;
}

Result<void> make_key(const DirectoryKey& command, const OfflineContext& context) {
  LIAISON_TRY(const SecretBytes passphrase, keys::load_passphrase(command.passphrase_file));
  LIAISON_TRY(const auto key, crypto::PrivateKey::generate(crypto::key_type(crypto::KeyRole::authority)));
  LIAISON_CHECK(write_private_key(command.file, key, passphrase.reveal()));
  context.out << "authority key  " << command.file.string() << (passphrase.empty() ? "  (not encrypted)" : "  (encrypted)") << "\npublic key     " << to_base64(key.public_key().spki())
              << "\nkey hash       " << to_base64(key.public_key().hash()) << "\n";
  return {};
}

int finish_with(const OfflineContext& context, std::string_view command, const Result<OfflineExit>& result) {
  return result ? static_cast<int>(*result) : tell(context, command, result.error());
}

}  // namespace

int directory_make(const DirectoryMake& command, const OfflineContext& context) { return finish(context, "directory make", make(command, context)); }
int directory_sign(const DirectorySign& command, const OfflineContext& context) { return finish_with(context, "directory sign", sign(command, context)); }
int directory_merge(const DirectoryMerge& command, const OfflineContext& context) { return finish(context, "directory merge", merge(command, context)); }
int directory_diff(const DirectoryDiff& command, const OfflineContext& context) { return finish_with(context, "directory diff", diff(command, context)); }
int directory_key(const DirectoryKey& command, const OfflineContext& context) { return finish(context, "directory key", make_key(command, context)); }

}  // namespace liaison::cli
