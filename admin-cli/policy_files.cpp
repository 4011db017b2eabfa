// See policy_files.h. The record is made as a node makes it, with salts that nobody sees; nothing is signed and nothing is kept.
#include "admin-cli/policy_files.h"

#include <array>

#include "admin-cli/message_file.h"
#include "core/base/limits.h"
#include "core/directory/loader.h"
#include "core/form/text.h"
#include "io/runtime/random.h"
#include "io/store/files.h"

namespace liaison::cli {
namespace {
constexpr std::uint64_t review_days = 365;

Result<Bytes> read_named(const std::string& file, std::size_t bytes_max) {
  auto bytes = store::read_file(file, bytes_max);
  if (!bytes) return fail(Errc::invalid_argument, "cannot read " + form::visible(file) + ": check the name and the rights");
  return bytes;
}

// With the authorities the reader trusts, or unverified, which the note says.
Result<std::shared_ptr<const directory::Directory>> load_directory(const Case& one, std::string& note) {
  LIAISON_TRY(const Bytes file, read_named(one.directory, limits::directory_bytes_max));
  if (one.authorities.empty()) {
    LIAISON_TRY(const auto opened, directory::open_file(file));
    LIAISON_TRY(const auto read, directory::Loader::read(opened));
    note = "the directory was not verified: name the authorities you trust with --authority HASH";
    return std::shared_ptr<const directory::Directory>(read);
  }
  directory::AuthorityPins pins;
  for (const auto& chars : one.authorities) {
    const auto hash = hash_from_base64(chars);
    if (!hash) return fail(Errc::invalid_argument, "--authority: base64 of a key hash is needed");
    pins.keys.push_back(*hash);
  }
  return directory::Directory::load(file, pins);
}

template <class Value>
Result<Value> stated(const std::string& chars, policy::Dim dim, std::string_view option) {
  const auto value = policy::find_value(dim, chars.empty() ? "unknown" : chars);
  if (!value) return fail(Errc::invalid_argument, std::string(option) + " " + form::visible(chars) + ": one of " + policy::list_names(dim, policy::all_values(dim)));
  return static_cast<Value>(*value);
}

Result<policy::StatedFacts> stated_facts(const Case& one) {
  policy::StatedFacts facts;
  LIAISON_TRY(facts.authorisation, stated<policy::Authorisation>(one.authorisation, policy::Dim::authorisation, "--authorisation"));
  LIAISON_TRY(facts.offence_class, stated<policy::OffenceClass>(one.offence_class, policy::Dim::offence_class, "--offence-class"));
  LIAISON_TRY(facts.confidentiality, stated<policy::Confidentiality>(one.confidentiality, policy::Dim::confidentiality, "--confidentiality"));
  return facts;
}

Result<void> check_codes(const Case& one) {
  for (const auto& [chars, dim, option] : {std::tuple{one.purpose, policy::Dim::purpose, "--purpose"}, {one.channel, policy::Dim::channel, "--channel"},
                                           {one.level, policy::Dim::level, "--level"}, {one.urgency, policy::Dim::urgency, "--urgency"}})
    if (!policy::find_value(dim, chars)) return fail(Errc::invalid_argument, std::string(option) + " " + form::visible(chars) + ": one of " + policy::list_names(dim, policy::all_values(dim) & ~policy::unknown_value));
  return {};
}

record::NewRecord new_record(const Case& one, const record::Schema& schema, const std::string& realm) {
  record::NewRecord out;
  auto& manifest = out.manifest;
  manifest.realm = realm;
  manifest.record.id = fresh_uuid();
  manifest.kind = schema.kind();
  manifest.schema_number = schema.number();
  manifest.schema = schema.hash();
  manifest.from = one.from;
  manifest.purpose = one.purpose;
  manifest.urgent = one.urgency == "urgent";
  manifest.channel = one.channel;
  manifest.level = one.level;
  manifest.created = wall_now();
  manifest.review = manifest.created + std::chrono::days(review_days);
  for (const auto& code : one.handling) manifest.handling.push_back({code, std::nullopt});
  out.audience = {"agency:" + one.to};
  return out;
}
}  // namespace

Result<PolicyFile> load_policy_file(const std::string& file) {
  LIAISON_TRY(const Bytes bytes, read_named(file, limits::policy_bytes_max));
  PolicyFile out{std::string(text(bytes)), nullptr};
  auto compiled = policy::Policy::compile(out.json);
  if (!compiled) return fail(compiled.error().code, form::visible(file) + ": " + compiled.error().detail);
  out.policy = std::move(*compiled);
  return out;
}

void bind_case(Options& options, Case& one) {
  options.text("--policy", one.policy, "policy file", Need::required);
  options.text("--message", one.message, "form file (.json) or message (.bin)", Need::required);
  options.text("--from", one.from, "agency that decides, for example ke.ncb", Need::required);
  options.text("--to", one.to, "recipient, for example int.gs", Need::required);
  options.text("--directory", one.directory, "signed directory that knows both", Need::required);
  options.list("--authority", one.authorities, "key hash of an authority that signed it; without one it is read unverified");
  options.text("--purpose", one.purpose, "purpose [investigation]");
  options.text("--channel", one.channel, "channel [interpol]");
  options.text("--level", one.level, "sharing level [international]");
  options.text("--urgency", one.urgency, "routine or urgent [routine]");
  options.list("--handling", one.handling, "handling code, for example TLP:AMBER");
  options.text("--authorisation", one.authorisation, "none, court, prosecutor or ministry; default: unknown");
  options.text("--offence-class", one.offence_class, "class of offence; default: unknown");
  options.text("--confidentiality", one.confidentiality, "open, restricted, confidential or secret; default: unknown");
}

Result<DecidedCase> decide_case(const Context& context, const Case& one) {
  if (!is_agency_id(one.from) || !is_agency_id(one.to)) return fail(Errc::invalid_argument, "--from and --to: ids like ke.ncb are needed");
  LIAISON_CHECK(check_codes(one));
  LIAISON_TRY(const auto stated, stated_facts(one));
  DecidedCase out;
  LIAISON_TRY(PolicyFile file, load_policy_file(one.policy));
  out.policy = std::move(file.policy);
  LIAISON_TRY(const MessageFile message, load_message_file(context, {one.message, false}));
  LIAISON_TRY(const auto directory, load_directory(one, out.note));
  if (directory->find(one.to) == nullptr) return fail(Errc::not_found, one.to + " is not in the directory");
  LIAISON_TRY(const auto schemas, record::SchemaRegistry::shipped());
  out.schema = schemas.newest("ecomessage");
  LIAISON_CHECK(out.schema->verify_message(message.message));
  const record::RandomFill random = [](std::span<std::uint8_t> bytes) { runtime::SystemRandom{}.fill(bytes); };
  LIAISON_TRY(auto committed, record::commit_record(*out.schema, message.message, new_record(one, *out.schema, directory->realm()), random));
  out.manifest = std::move(committed.manifest);
  out.openings = std::move(committed.openings);
  auto recipient = policy::describe_recipient(*directory, one.from, one.to, out.manifest.created);
  LIAISON_TRY(out.situation, policy::make_situation(*out.schema, out.manifest, out.openings, std::move(recipient), stated, country_of(one.from)));
  const std::string audience = "agency:" + one.to;
  LIAISON_TRY(out.decided, out.policy->decide(*out.schema, out.manifest, out.openings, out.situation, std::span(&audience, 1)));
  return out;
}

}  // namespace liaison::cli
