// See policy_node.h. A signature file is the signed text `liaison policy v1`, an empty line, and the signature lines: a person can read what was signed.
#include "admin-cli/policy_node.h"

#include <memory>
#include <ostream>

#include "admin-cli/node_client.h"
#include "admin-cli/offline.h"
#include "admin-cli/policy_files.h"
#include "admin-cli/print.h"
#include "core/exchange/policy_text.h"
#include "core/form/text.h"
#include "io/keys/key_files.h"
#include "io/keys/passphrase.h"

namespace liaison::cli {
namespace {

OfflineContext offline(const Context& context) { return {context.out(), context.err(), wall_now()}; }

struct NewKey {
  std::string file, passphrase;
};

Result<void> make_key(const NewKey& command, const Context& context) {
  LIAISON_TRY(const SecretBytes passphrase, keys::load_passphrase(command.passphrase));
  LIAISON_TRY(const auto key, crypto::PrivateKey::generate(crypto::key_type(crypto::KeyRole::policy)));
  LIAISON_CHECK(write_private_key(command.file, key, passphrase.reveal()));
  LIAISON_CHECK(write_new(offline(context), command.file + ".pub", to_base64(key.public_key().spki()) + "\n"));
  context.out() << "policy key " << command.file << (passphrase.empty() ? "  (not encrypted)" : "  (encrypted)") << "\n  public key  " << command.file << ".pub  (liaison keys show --policy-key)\n  key hash    "
                << to_base64(key.public_key().hash()) << "\n";
  return {};
}

struct Sign {
  std::string policy, key, passphrase, realm, agency, out;
};

Result<void> sign(const Sign& command, const Context& context) {
  if (!is_agency_id(command.agency)) return fail(Errc::invalid_argument, "--agency: an id like ke.ncb is needed");
  LIAISON_TRY(const PolicyFile file, load_policy_file(command.policy));
  LIAISON_TRY(const SecretBytes passphrase, keys::load_passphrase(command.passphrase));
  LIAISON_TRY(const auto key, keys::load_key(command.key, crypto::KeyRole::policy, passphrase.reveal()));
  const std::string chars = make_text(exchange::PolicyText{command.realm, command.agency, file.policy->ref(), key.public_key().hash(), wall_now()});
  LIAISON_TRY(const auto signatures, crypto::sign_texts(command.realm, key.public_key().hash(), std::span(&chars, 1), [&](ByteView bytes) { return key.sign(bytes); }));
  return write_new(offline(context), command.out, chars + "\n" + signatures.front());
}

struct Load {
  std::string policy;
  std::vector<std::string> signatures;
};

void print_in_force(const Context& context, const api::PolicyInForce& policy, bool with_text) {
  std::vector<std::string> signers;
  if (policy.signatures() != nullptr)
    for (const auto* one : *policy.signatures()) {
      const auto signed_text = exchange::parse_policy_text(bytes_of(one->text()));
      if (signed_text) signers.push_back(to_base64(signed_text->key) + ", " + utc(signed_text->at));
    }
  if (context.json) {
    form::Value root = form::Value::object();
    root.add("policy", json_text(string_of(policy.name())));
    root.add("version", json_number(policy.version()));
    root.add("fingerprint", json_text(to_base64(bytes_of(policy.fingerprint()))));
    root.add("loaded", json_time(policy.loaded_ms()));
    root.add("relays", json_truth(policy.relays()));
    root.add("signed_by", json_list(signers));
    if (with_text) root.add("text", json_text(std::string(text(bytes_of(policy.json())))));
    return print_json(context, root);
  }
  if (with_text) {
    context.out() << form::visible(text(bytes_of(policy.json())), true);
    return;
  }
  Pairs pairs{{"Policy", string_of(policy.name()) + " version " + std::to_string(policy.version())},
              {"Meaning", to_base64(bytes_of(policy.fingerprint()))},
              {"In force since", policy.loaded_ms() == 0 ? "built in" : utc_of_millis(policy.loaded_ms())},
              {"Passes on", policy.relays() ? "records of other agencies too" : "own records only"}};
  for (const auto& signer : signers) pairs.emplace_back("Signed by", signer);
  print_pairs(context, pairs);
}

Result<void> load(const Load& command, Context& context) {
  LIAISON_TRY(const PolicyFile file, load_policy_file(command.policy));
  flatbuffers::FlatBufferBuilder builder(file.json.size() + 4096);
  std::vector<flatbuffers::Offset<wire::SignedText>> signatures;
  for (const auto& name : command.signatures) {
    LIAISON_TRY(const std::string chars, read_text(name));
    const auto gap = chars.find("\n\n");
    if (gap == std::string::npos) return fail(Errc::invalid_argument, form::visible(name) + ": not a signature file of liaison policy sign");
    const auto signed_text = builder.CreateVector(to_bytes(chars.substr(0, gap + 1)));
    signatures.push_back(wire::CreateSignedText(builder, signed_text, builder.CreateVector(to_bytes(chars.substr(gap + 2)))));
  }
  const auto json = builder.CreateVector(to_bytes(file.json));
  const auto list = builder.CreateVector(signatures);
  LIAISON_TRY(auto client, NodeClient::open(context));
  LIAISON_TRY(const auto policy, client.ask<api::PolicyInForce>(builder, api::CreateLoadPolicy(builder, json, list)));
  print_in_force(context, *policy, false);
  return {};
}

Result<void> show(bool with_text, Context& context) {
  LIAISON_TRY(auto client, NodeClient::open(context));
  flatbuffers::FlatBufferBuilder builder;
  LIAISON_TRY(const auto policy, client.ask<api::PolicyInForce>(builder, api::CreateAskPolicy(builder, with_text)));
  print_in_force(context, *policy, with_text);
  return {};
}
}  // namespace

Action bind_policy_key(Options& options) {
  auto command = std::make_shared<NewKey>();
  options.text("OUT", command->file, "private key to make; the public key goes to OUT.pub", Need::required);
  options.text("--passphrase-file", command->passphrase, "file with the passphrase of the key");
  return [command](Context& context) { return finish(context, make_key(*command, context)); };
}

Action bind_policy_sign(Options& options) {
  auto command = std::make_shared<Sign>();
  options.text("POLICY", command->policy, "policy file", Need::required);
  options.text("--key", command->key, "your policy key", Need::required);
  options.text("--agency", command->agency, "agency whose policy it is", Need::required);
  options.text("--realm", command->realm, "name of the federation", Need::required);
  options.text("--out", command->out, "signature file to write; default: standard output");
  options.text("--passphrase-file", command->passphrase, "file with the passphrase of the key");
  return [command](Context& context) { return finish(context, sign(*command, context)); };
}

Action bind_policy_load(Options& options) {
  auto command = std::make_shared<Load>();
  options.text("POLICY", command->policy, "policy file", Need::required);
  options.list("--signature", command->signatures, "signature file (liaison policy sign); two when something is newly disclosed", Need::required);
  return [command](Context& context) { return finish(context, load(*command, context)); };
}

Action bind_policy_show(Options& options) {
  auto with_text = std::make_shared<bool>(false);
  options.flag("--text", *with_text, "the file as it was loaded");
  return [with_text](Context& context) { return finish(context, show(*with_text, context)); };
}

}  // namespace liaison::cli
