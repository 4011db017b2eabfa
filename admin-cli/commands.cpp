// The table of all commands, the only one: words, group, summary, example. Parsing and --help are made from it; README.md is compared with it by a test.
#include <CLI/CLI.hpp>
#include <array>
#include <cstdlib>
#include <map>
#include <memory>

#include "admin-cli/command.h"
#include "admin-cli/doctor_command.h"
#include "admin-cli/facts_command.h"
#include "admin-cli/fetch_command.h"
#include "admin-cli/held_commands.h"
#include "admin-cli/join_commands.h"
#include "admin-cli/ledger_commands.h"
#include "admin-cli/lists.h"
#include "admin-cli/node_commands.h"
#include "admin-cli/node_init.h"
#include "admin-cli/offline_binds.h"
#include "admin-cli/person_commands.h"
#include "admin-cli/ping_command.h"
#include "admin-cli/policy_node.h"
#include "admin-cli/policy_offline.h"
#include "admin-cli/policy_tables.h"
#include "admin-cli/policy_tests.h"
#include "admin-cli/proof_commands.h"
#include "admin-cli/publish_command.h"
#include "admin-cli/record_commands.h"
#include "admin-cli/send_command.h"
#include "admin-cli/who_command.h"
#include "core/form/labels.h"
#include "core/form/text.h"

namespace liaison::cli {
namespace {

constexpr std::array table{
    Command{"form blank", "Forms", "print an empty Ecomessage to fill in", "liaison form blank --persons 2 > case.json", false, bind_form_blank},
    Command{"form check", "Forms", "name every problem, gap and doubtful species of a form at once", "liaison form check case.json", false, bind_form_check},
    Command{"form facts", "Forms", "facts that the words of a form suggest, for the disclosure policy", "liaison form facts case.json --country KE", false, bind_form_facts},
    Command{"form convert", "Forms", "between form file (.json) and message (.bin), both ways", "liaison form convert case.json case.bin", false, bind_form_convert},
    Command{"send ecomessage", "Records", "send an Ecomessage to one or more agencies", "liaison send ecomessage case.json --to ke.ncb --urgency urgent --urgency-reason \"vessel leaves at noon\"", true,
            bind_send_ecomessage},
    Command{"defaults", "Records", "what a record is sent under when nothing is said, and whom it can be sent to", "liaison defaults", true, bind_defaults},
    Command{"inbox", "Records", "what has come in, newest first", "liaison inbox --max 20", true, bind_inbox},
    Command{"show", "Records", "one record, in the form's sequence (the reading is audited)", "liaison show 12 --item 5", true, bind_show},
    Command{"track", "Records", "who holds a record since when, receipts, evidence", "liaison track 019ab3c4-1f2e", true, bind_track},
    Command{"permit", "Records", "lets relays pass on what TLP:RED, H2 or ORCON forbid them", "liaison permit 019ab3c4-1f2e --to int.gs", true, bind_permit},
    Command{"export", "Records", "a copy of a record as a file (the export is audited)", "liaison export 12 case.json", true, bind_export},
    Command{"outgoing", "Records", "what was sent and where it stands", "liaison outgoing --state waiting", true, bind_outgoing},
    Command{"fetch", "Records", "take every new record once, as a subscriber with a cursor", "liaison fetch --follow --into received", true, bind_fetch},
    Command{"release", "Disclosure", "ask that items a recipient did not get be released to it now", "liaison release 019ab3c4-1f2e --to int.gs --item 5.b --reason \"court order 17/2026\"", true,
            bind_release},
    Command{"held list", "Disclosure", "what waits for a person's decision, and reviews that are due", "liaison held list", true, bind_held_list},
    Command{"held show", "Disclosure", "one waiting item: what would leave, why it waits, who agreed (the reading is audited)", "liaison held show 3 --item 5.b", true, bind_held_show},
    Command{"held release", "Disclosure", "agree that exactly what was shown leaves", "liaison held release 3 --digest 1f3a9c20d4e5b617 --reason \"court order 17/2026\"", true, bind_held_release},
    Command{"held withhold", "Disclosure", "agree that it leaves without these items", "liaison held withhold 3 --item 5.b --digest 1f3a9c20d4e5b617 --reason \"not needed there\"", true, bind_held_withhold},
    Command{"held return", "Disclosure", "send it back with a question", "liaison held return 3 --reason \"is he a national?\"", true, bind_held_return},
    Command{"held accept", "Disclosure", "accept what screening stopped on its way in", "liaison held accept 4 --reason \"called the sender\"", true, bind_held_accept},
    Command{"held refuse", "Disclosure", "refuse what screening stopped on its way in, or a request of release", "liaison held refuse 4 --reason \"not for us\"", true, bind_held_refuse},
    Command{"held review", "Disclosure", "confirm an emergency release of somebody else, or object to it", "liaison held review 5 --object --reason \"no danger\"", true, bind_held_review},
    Command{"policy load", "Disclosure", "put a signed policy into force, between two messages", "liaison policy load ke.policy.json --signature first.sig --signature second.sig", true,
            bind_policy_load},
    Command{"policy show", "Disclosure", "the policy in force and who signed it", "liaison policy show", true, bind_policy_show},
    Command{"policy check", "Policy files", "compile; name every mistake with its line, and rules that decide nothing", "liaison policy check ke.policy.json", false, bind_policy_check},
    Command{"policy explain", "Policy files", "why each field of a message goes to a recipient or not (for people of the agency)",
            "liaison policy explain --policy ke.policy.json --message case.json --from ke.ncb --to int.gs --purpose investigation --directory directory.signed", false, bind_policy_explain},
    Command{"policy preview", "Policy files", "the message exactly as that recipient would see it",
            "liaison policy preview --policy ke.policy.json --message case.json --from ke.ncb --to int.gs --directory directory.signed", false, bind_policy_preview},
    Command{"policy test", "Policy files", "run the cases of test files", "liaison policy test --policy ke.policy.json ke.tests.json", false, bind_policy_test},
    Command{"policy coverage", "Policy files", "how much of the policy the cases assert", "liaison policy coverage --policy ke.policy.json ke.tests.json", false, bind_policy_coverage},
    Command{"policy mutate", "Policy files", "change one rule or condition at a time: each change must fail some case", "liaison policy mutate --policy ke.policy.json ke.tests.json", false,
            bind_policy_mutate},
    Command{"policy table", "Policy files", "what the policy means, cell by cell, with a hash of the meaning", "liaison policy table ke.policy.json --max 1000", false, bind_policy_table},
    Command{"policy diff", "Policy files", "what is newly disclosed, withheld or referred, and to whom", "liaison policy diff ke.policy.json ke.new.policy.json", false, bind_policy_diff},
    Command{"policy key", "Policy files", "make the key with which a person vouches for policies", "liaison policy key atieno.policy.key", false, bind_policy_key},
    Command{"policy sign", "Policy files", "vouch for a policy with your key",
            "liaison policy sign ke.policy.json --key atieno.policy.key --agency ke.ncb --realm demo --out first.sig", false, bind_policy_sign},
    Command{"audit list", "Proof", "entries of the audit log, newest first", "liaison audit list --max 20", true, bind_audit_list},
    Command{"audit show", "Proof", "one entry with its proof of inclusion, checked here", "liaison audit show 17", true, bind_audit_show},
    Command{"audit verify", "Proof", "the whole audit log from the first entry", "liaison audit verify", true, bind_audit_verify},
    Command{"ledger verify", "Proof", "all ledgers kept with a peer from the first entry", "liaison ledger verify ke.ncb", true, bind_ledger_verify},
    Command{"ledger show", "Proof", "the ledgers kept with a peer, and what to do about one that stopped", "liaison ledger show ke.ncb", true, bind_ledger_show},
    Command{"ledger reopen", "Proof", "after a fork: open a new epoch (two administrators, each with their own key)", "liaison ledger reopen ke.ncb --lane routine", true, bind_ledger_reopen},
    Command{"ledger resend", "Proof", "the peer lost entries: send them again (two administrators, each with their own key)", "liaison ledger resend ke.ncb --lane routine", true,
            bind_ledger_resend},
    Command{"status", "Node", "how the node is, its links and alarms", "liaison status", true, bind_status},
    Command{"doctor", "Node", "what is well, what is not and what to do: keys, certificates, disk, directory, peers", "liaison doctor --config /var/lib/liaison/node.json", true, bind_doctor},
    Command{"ping", "Node", "would a record get through to an agency? every relay on the way says so; no inbox is touched", "liaison ping int.gs", true, bind_ping},
    Command{"reconnect", "Node", "dial a peer now", "liaison reconnect ke.ncb", true, bind_reconnect},
    Command{"directory publish", "Node", "bring a signed directory; the node checks it, uses it and tells its peers", "liaison directory publish directory.7.signed", true, bind_directory_publish},
    Command{"directory override", "Node", "use the directory past its grace, at most 72 hours in all", "liaison directory override --hours 24 --reason \"the authority is being moved\"", true,
            bind_directory_override},
    Command{"person add", "Node", "make a person's key and let it in", "liaison person add officer-17 --role officer", true, bind_person_add},
    Command{"person disable", "Node", "shut a person out, open sessions included", "liaison person disable officer-17 --reason left-service", true, bind_person_disable},
    Command{"person list", "Node", "the people this node knows", "liaison person list", true, bind_person_list},
    Command{"node init", "Set-up", "settings, folders, bus key and first administrator of a new node",
            "liaison node init /var/lib/liaison --agency ke.customs --realm demo --listen 0.0.0.0:4650 --authority HASH", false, bind_node_init},
    Command{"join", "Set-up", "ask to join a federation, and install its answer",
            "liaison join /var/lib/liaison --agency ug.police --realm demo --type police --listen 0.0.0.0:4650 --endpoint 192.0.2.9:4650 --channel interpol --out ug.police.join", false, bind_join},
    Command{"keys init", "Set-up", "make a node's private keys; they never leave it", "liaison keys init --keys-dir /var/lib/liaison/keys", false, bind_keys_init},
    Command{"keys show", "Set-up", "the public keys, as the directory's authors need them", "liaison keys show --keys-dir keys --agency ke.customs --out ke.customs.keys.json", false,
            bind_keys_show},
    Command{"keys rotate", "Set-up", "make the next tls key and its request; the node runs on", "liaison keys rotate --keys-dir keys --agency ke.customs --realm demo --out next.csr", false, bind_keys_rotate},
    Command{"keys install", "Set-up", "put the next tls key and its certificate in place", "liaison keys install next.pem --keys-dir keys --agency ke.customs --realm demo", false, bind_keys_install},
    Command{"csr", "Set-up", "certificate request for the tls or seal key", "liaison csr --keys-dir keys --agency ke.customs --realm demo --out ke.customs.csr", false, bind_csr},
    Command{"ca init", "Set-up", "a country's certificate authority", "liaison ca init ca-ke --realm demo --country ke", false, bind_ca_init},
    Command{"ca request", "Set-up", "key and request of an issuing CA, on its machine", "liaison ca request ca-ke-issuing --realm demo --country ke --out issuing.csr", false, bind_ca_request},
    Command{"ca issuing", "Set-up", "certify an issuing CA, at the root", "liaison ca issuing issuing.csr --ca ca-ke --out issuing.crt", false, bind_ca_issuing},
    Command{"ca issue", "Set-up", "check a request and issue the certificate", "liaison ca issue ke.customs.csr --ca ca-ke --out keys/tls.pem", false, bind_ca_issue},
    Command{"ca renew", "Set-up", "the next certificate of an agency, before the last one runs out", "liaison ca renew ke.customs.csr --ca ca-ke --out keys/tls.pem", false, bind_ca_renew},
    Command{"ca revoke", "Set-up", "withdraw a certificate for a reason", "liaison ca revoke 4C0F...91 --ca ca-ke --reason keyCompromise", false, bind_ca_revoke},
    Command{"ca crl", "Set-up", "sign a new revocation list", "liaison ca crl --ca ca-ke --out ke.crl", false, bind_ca_crl},
    Command{"ca list", "Set-up", "what the CA issued, and what became of it", "liaison ca list --ca ca-ke", false, bind_ca_list},
    Command{"ca ocsp", "Set-up", "answer an OCSP request", "liaison ca ocsp request.der answer.der --ca ca-ke", false, bind_ca_ocsp},
    Command{"who", "Directory", "who is competent for what, and whom to call (from the signed directory, offline)",
            "liaison who --topic \"bank records\" --country vn --directory directory.signed --authority HASH", false, bind_who},
    Command{"directory init", "Directory", "a new directory and its authority's key", "liaison directory init directory.json --realm demo --authority-key authority.key", false,
            bind_directory_init},
    Command{"directory add", "Directory", "register an agency with its keys",
            "liaison directory add directory.json --agency ke.customs --type customs --keys ke.customs.keys.json --endpoint 192.0.2.7:4650 --channel customs --ca ca-ke/ca.crt", false,
            bind_directory_add},
    Command{"directory change", "Directory", "change names, endpoints, channels, bureau or blind pairs of an agency, or add keys",
            "liaison directory change directory.json --agency ke.customs --endpoint 192.0.2.9:4650 --dry-run", false, bind_directory_change},
    Command{"directory suspend", "Directory", "shut an agency out for now", "liaison directory suspend directory.json --agency ke.customs", false, bind_directory_suspend},
    Command{"directory resume", "Directory", "let a suspended agency in again", "liaison directory resume directory.json --agency ke.customs", false, bind_directory_resume},
    Command{"directory remove", "Directory", "an agency leaves for good; its old records stay verifiable", "liaison directory remove directory.json --agency ke.customs", false, bind_directory_remove},
    Command{"directory rename", "Directory", "an agency changes its id", "liaison directory rename directory.json --agency ke.customs --to ke.revenue --keys ke.revenue.keys.json", false,
            bind_directory_rename},
    Command{"directory succeed", "Directory", "another agency takes over from one that ends", "liaison directory succeed directory.json --agency ke.parks --by ke.wildlife", false, bind_directory_succeed},
    Command{"directory group", "Directory", "make or change a closed user group; members join and leave",
            "liaison directory group directory.json --group horn --owner int.gs --purpose \"ivory routes\" --ends 2027-12-31 --join ke.customs --join ug.police", false, bind_directory_group},
    Command{"directory competence", "Directory", "what an agency is the competent authority for, and whom to call; or its end",
            "liaison directory competence directory.json --agency vn.spp --topic \"bank records\" --urgent +84-24-000 --designated 2026-01-31", false, bind_directory_competence},
    Command{"directory revoke", "Directory", "a key does not count any more", "liaison directory revoke directory.json --key HASH --since 2026-05-01 --kind compromised", false, bind_directory_revoke},
    Command{"directory authority", "Directory", "who signs the directory, and how many must", "liaison directory authority directory.json --add PUBLICKEY --threshold 2", false, bind_directory_authority},
    Command{"directory validity", "Directory", "until when the directory is valid, and the grace after that", "liaison directory validity directory.json --expires 2027-12-31 --grace 2028-01-14", false,
            bind_directory_validity},
    Command{"directory diff", "Directory", "who could newly read what, between two directories, authored or signed", "liaison directory diff directory.signed directory.json", false, bind_directory_diff},
    Command{"directory key", "Directory", "make the key of one more authority", "liaison directory key second.authority.key", false, bind_directory_key},
    Command{"directory make", "Directory", "make the next version, without signatures", "liaison directory make directory.2 --source directory.json --previous directory.1", false, bind_directory_make},
    Command{"directory merge", "Directory", "put signatures from several machines into one file", "liaison directory merge at-kigali at-lyon --out directory.2", false, bind_directory_merge},
    Command{"directory sign", "Directory", "see what changes, then add a signature", "liaison directory sign directory.2 --previous directory.1 --authority-key authority.key", false,
            bind_directory_sign},
    Command{"directory review", "Directory", "check a request to join; print it with the fingerprints to compare", "liaison directory review ug.police.join --source directory.json", false, bind_directory_review},
    Command{"directory accept", "Directory", "put a request to join into the directory", "liaison directory accept ug.police.join --source directory.json --dry-run", false, bind_directory_accept},
    Command{"directory anchor", "Directory", "the one file that lets the new agency's node start",
            "liaison directory anchor directory.2 --request ug.police.join --certificate ug.police.tls.pem --out ug.police.anchor", false, bind_directory_anchor},
    Command{"directory show", "Directory", "verify and print a signed directory", "liaison directory show directory.signed --authority HASH", false, bind_directory_show},
};

std::string exit_code_text() {
  std::string out = "Exit codes:\n";
  for (const auto& line : exit_table()) out += "  " + std::to_string(code(line.code)) + "  " + std::string(line.meaning) + "\n";
  return out;
}

void add_common(CLI::App& app, Context& context, bool needs_node) {
  if (needs_node) {
    app.add_option("--node", context.node_file, "connection file of the node; default: LIAISON_NODE")->envname("LIAISON_NODE")->group("Connection")->option_text(" ");
    app.add_option("--as", context.person_file, "your person key file; default: LIAISON_PERSON")->envname("LIAISON_PERSON")->group("Connection")->option_text(" ");
    app.add_option("--wait", context.wait_seconds, "seconds to wait for the node's answer")->group("Connection")->option_text("[30]");
  }
  app.add_option("--lang", context.language, "en, fr, es or ar; default: the locale")->group("Output")->option_text(" ");
  app.add_flag("--json", context.json, "for machines")->group("Output");
}

struct Bound {
  const Command* command = nullptr;
  CLI::App* app = nullptr;
  std::unique_ptr<Options> options;
  Action action;
};

// "audit verify": the topic `audit` is made once, the command below it.
CLI::App& app_for(CLI::App& root, const Command& command, std::map<std::string, CLI::App*>& topics) {
  const std::string words(command.words);
  const auto space = words.find(' ');
  if (space == std::string::npos) return *root.add_subcommand(words, std::string(command.summary))->group(std::string(command.group));
  CLI::App*& topic = topics[words.substr(0, space)];
  if (topic == nullptr) {
    topic = root.add_subcommand(words.substr(0, space), "")->group("")->require_subcommand(1);
  }
  return *topic->add_subcommand(words.substr(space + 1), std::string(command.summary));
}

std::string overview() {
  std::string out;
  std::string_view group;
  for (const auto& command : table) {
    if (command.group != group) out += (out.empty() ? "" : "\n") + std::string(group = command.group) + "\n";
    std::string words(command.words);
    words.resize(std::max<std::size_t>(words.size(), 18), ' ');
    out += "  " + words + std::string(command.summary) + "\n";
  }
  return out + "\nliaison COMMAND --help shows the options and an example.\n\n" + exit_code_text();
}

std::string help_of(const Bound& one) {
  const std::string words(one.command->words);
  const auto space = words.find(' ');
  return one.app->help(space == std::string::npos ? "liaison" : "liaison " + words.substr(0, space));
}

int tell_usage(Context& context, const CLI::ParseError& error) {
  const std::string words = context.command.empty() ? "liaison" : "liaison " + context.command;
  context.err() << words << ": " << form::visible(error.what()) << "; see: " << words << " --help [usage]\n";
  return code(Exit::usage_or_file);
}
}  // namespace

std::span<const Command> commands() { return table; }

int run(int argc, const char* const* argv, const Streams& streams) {
  Context context{streams, {}, {}, {}, {}, false, 30};
  CLI::App app{"Liaison: sealed, logged exchange of records between agencies.", "liaison"};
  app.require_subcommand(1);
  std::map<std::string, CLI::App*> topics;
  std::vector<Bound> bound;
  for (const auto& command : table) {
    Bound one{&command, &app_for(app, command, topics), nullptr, {}};
    one.options = std::make_unique<Options>(*one.app);
    one.action = command.bind(*one.options);
    add_common(*one.app, context, command.needs_node);
    one.app->footer("Example:\n  " + std::string(command.example) + "\n\n" + exit_code_text());
    bound.push_back(std::move(one));
  }
  const auto chosen = [&]() -> const Bound* {
    for (const auto& one : bound)
      if (one.app->parsed()) return &one;
    return nullptr;
  };
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    const Bound* one = chosen();
    context.out() << (one != nullptr ? help_of(*one) : overview());
    return code(Exit::done);
  } catch (const CLI::ParseError& error) {
    if (const Bound* one = chosen()) context.command = one->command->words;
    return tell_usage(context, error);
  }
  const Bound* one = chosen();
  context.command = one->command->words;
  if (!context.language.empty() && !form::is_language(context.language)) return tell(context, fail(Errc::invalid_argument, "--lang: en, fr, es or ar"));
  try {
    return one->action(context);
  } catch (const std::exception& error) {
    return tell(context, fail(Errc::invalid_argument, std::string("this must not happen; tell the maintainers: ") + error.what()));
  }
}

}  // namespace liaison::cli
