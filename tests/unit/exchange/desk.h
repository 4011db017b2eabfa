// One agency with its whole node and the people at it, for unit tests of requests: every action is carried out at once, in order, by the thread of the test.
#pragma once
#include <gtest/gtest.h>

#include "schemas/api_generated.h"
#include "schemas/embedded.h"
#include "tests/support/messages.h"
#include "tests/unit/exchange/party.h"

namespace liaison::exchange::test {

// Fills in what a test does not care about: bases, and what no rule covers.
inline std::string policy_json(const std::string& rules, unsigned version = 1, const std::string& more = "") {
  return R"({ "policy": "desk", "version": )" + std::to_string(version) + R"(, "default_basis": "NONE", "relays": true,
    "bases": [ { "id": "NONE", "text": "No rule", "public": "GENERAL" }, { "id": "LAW", "text": "Data Protection Act, s. 48", "public": "KE.DATA-PROTECTION" } ],
    "rules": [ { "id": "R900", "effect": "disclose", "paths": ["**"], "basis": "LAW" })" + (rules.empty() ? "" : ", " + rules) + "]" + more + " }";
}
inline std::shared_ptr<const policy::Policy> make_policy(const std::string& rules, unsigned version = 1, const std::string& more = "") {
  auto made = policy::Policy::compile(policy_json(rules, version, more));
  if (!made) assertion_failed(made.error().message().c_str(), __FILE__, __LINE__);
  return *made;
}
inline std::string item_rule(const std::string& id, const std::string& effect, const std::string& item, const std::string& more = "") {
  return R"({ "id": ")" + id + R"(", "effect": ")" + effect + R"(", "items": [")" + item + R"("], "basis": "LAW")" + more + "}";
}

// A complete Ecomessage about one person; item 12 is free for a test's words.
inline Bytes message_with(const std::string& additional) {
  return support::message_from_json(view(schemas::embedded("ecomessage.1.bfbs")), R"({ offence: "Export without permit", discovery_place_text: "Port of Mombasa",
    discovery_city_country: "Mombasa, Kenya", discovery_time_text: "3 March 2026", contraband_text: "Tusks", quantity_text: "unknown", responsible_agency: "Customs",
    persons: [{ arrest_date: "unknown", family_name: "Wanyonyi", first_names: "Juma", sex_text: "male", aliases: "unknown", birth_text: "unknown", nationality_text: "Kenyan",
      address_text: "unknown", document_text: "unknown", profession: "unknown", company_function: "unknown", other: "unknown", nationality: own }],
    additional_information: ")" + additional + R"(" })");
}

struct Desk {
  Party party;
  std::map<RequestToken, Bytes> answers;
  RequestToken next = 1;

  explicit Desk(const std::string& agency, std::shared_ptr<const policy::Policy> policy = nullptr) : party(agency) {
    std::uint8_t number = 100;
    WriteSet set;
    for (const auto& [name, role] : {std::pair{"release-1", "releasing-officer"}, {"release-2", "releasing-officer"}, {"release-3", "releasing-officer"}, {"admin", "administrator"}, {"security", "security-officer"}})
      set.ops.push_back({OpKind::insert, Table::person, to_bytes(name), encode(PersonRow{role, Bytes(32, number++), false, start})});
    liaison_assert(party.site.disk.commit(std::span(&set, 1)).front() == Outcome::committed);
    restart(std::move(policy));
  }
  Node& node() { return *party.site.machine->node; }
  support::MemoryStore& store() { return party.site.disk.memory; }
  ContextPtr context() { return node().context(); }

  // A new process over the same store.
  void restart(std::shared_ptr<const policy::Policy> policy = nullptr) {
    party.site.machine.reset();
    store().reopen();
    EXPECT_TRUE(party.site.start());
    if (policy != nullptr) use(std::move(policy));
    drain();
  }
  void use(std::shared_ptr<const policy::Policy> policy) {
    auto changed = std::make_shared<Context>(*node().context());
    changed->policy = std::move(policy);
    node().replace_context(std::move(changed));
  }
  void act(Action& action) {
    if (auto* job = std::get_if<CommitSet>(&action)) {
      node().on_committed(job->job, party.site.disk.commit(std::span(&job->set, 1)).front());
    } else if (auto* task = std::get_if<RunTask>(&action)) {
      task->work()();
    } else if (auto* reply = std::get_if<SendReply>(&action)) {
      EXPECT_TRUE(answers.emplace(reply->token, std::move(reply->answer)).second) << "answered twice";
    }
  }
  void drain() {
    for (auto actions = node().take_actions(); !actions.empty(); actions = node().take_actions())
      for (auto& action : actions) act(action);
  }
  const api::Answer& ask(const std::string& person, Bytes call) {
    const RequestToken token = next++;
    node().on_request(token, person, std::move(call));
    drain();
    return *flatbuffers::GetRoot<api::Answer>(answers.at(token).data());
  }
  static std::string refusal(const api::Answer& answer) { return answer.reply_as_Refusal() == nullptr ? "none" : answer.reply_as_Refusal()->code()->str(); }
  std::size_t rows(Table table) { return store().scan(table, {}, 1000)->size(); }
  // Audit entries with this reason.
  std::size_t audited(std::string_view reason) {
    const auto all = store().scan(Table::audit_entry, {}, 10'000).value();
    return static_cast<std::size_t>(std::count_if(all.begin(), all.end(), [&](const auto& row) { return audit::decode(row.second)->reason == reason; }));
  }

  // `make` writes one request of api.fbs into the builder it gets.
  template <class Make>
  static Bytes call(const Make& make) {
    flatbuffers::FlatBufferBuilder builder(4096);
    return finish(builder, make(builder));
  }

 private:
  template <class T>
  static Bytes finish(flatbuffers::FlatBufferBuilder& builder, flatbuffers::Offset<T> request) {
    builder.Finish(api::CreateCall(builder, api::RequestTraits<T>::enum_value, request.Union()));
    return {builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()};
  }
};

}  // namespace liaison::exchange::test
