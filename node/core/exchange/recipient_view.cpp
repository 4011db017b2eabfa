// See recipient_view.h. Disclosed and rebuilt by the same code that sends and receives; nothing is signed, since nothing leaves.
#include "core/exchange/recipient_view.h"

#include "core/exchange/answers.h"
#include "core/form/labels.h"
#include "core/policy/explain.h"
#include "core/record/path.h"

namespace liaison::exchange {
namespace {
std::string text_of(const record::Openings::Item& item) {
  ByteReader reader(item.value);
  switch (item.type) {
    case record::LeafType::string: return std::string(text(item.value));
    case record::LeafType::boolean: return reader.u8() != 0 ? "yes" : "no";
    case record::LeafType::unsigned_number: return std::to_string(reader.u64());
    case record::LeafType::signed_number: return std::to_string(static_cast<std::int64_t>(reader.u64()));
    case record::LeafType::vector_length: return std::to_string(reader.u32());
    default: return std::to_string(item.value.size()) + " bytes";
  }
}

class Viewer {
 public:
  Viewer(const Context& context, flatbuffers::FlatBufferBuilder& builder, const DecisionInput& input, const policy::Decided& decided)
      : context_(context), builder_(builder), input_(input), decided_(decided), waits_(decided.leaves.size()) {
    for (const std::size_t leaf : decided.referred) waits_[leaf] = true;
  }

  Result<flatbuffers::Offset<api::RecipientView>> run(const std::vector<policy::Repeat>& repeats, ShowValues values) {
    LIAISON_TRY(const Bytes message, rebuilt());
    std::vector<flatbuffers::Offset<api::FieldDecision>> fields;
    for (std::size_t i = 0; i < decided_.leaves.size(); ++i) {
      const auto item = input_.held.openings[i];
      if (record::is_audience(item.path) || record::is_decoy(item.path)) continue;
      LIAISON_TRY(const auto field, field_of(i, values));
      fields.push_back(field);
    }
    std::vector<flatbuffers::Offset<api::Repetition>> places;
    for (const auto& repeat : repeats) {
      LIAISON_TRY(const auto place, place_of(repeat));
      places.push_back(place);
    }
    const auto agency = builder_.CreateString(std::string(input_.recipient));
    const auto body = put_bytes(builder_, message);
    const auto field_list = builder_.CreateVector(fields);
    LIAISON_TRY(const std::string words, explained());
    const auto explanation = builder_.CreateString(words);
    const auto place_list = builder_.CreateVector(places);
    return api::CreateRecipientView(builder_, agency, body, field_list, explanation, !decided_.may_leave(), place_list, builder_.CreateString(refusal_));
  }

 private:
  // Empty when it could not be sent like this; the reason stands in refusal_.
  Result<Bytes> rebuilt() {
    record::Hop hop;
    hop.relay = context_.agency;
    hop.key = context_.seal_key;
    hop.recipient = input_.recipient;
    hop.purpose = input_.manifest.purpose;
    hop.policy = context_.policy->ref();
    hop.at = context_.ports.clock.now();
    auto package = record::disclose(input_.held, decided_.leaves, hop, context_.random_fill());
    if (package) return record::rebuild(input_.schema, package->openings);
    if (disposition(package.error().code) != Disposition::refuse_message) return package.error();
    refusal_ = package.error().message();
    return Bytes{};
  }

  Result<flatbuffers::Offset<api::FieldDecision>> field_of(std::size_t leaf, ShowValues values) {
    const auto item = input_.held.openings[leaf];
    LIAISON_TRY(const auto facts, describe_leaf(input_.schema, item.path));
    const auto& reason = decided_.reasons[leaf];
    const auto& basis = context_.policy->basis_of(reason);
    const auto path = put_bytes(builder_, item.path);
    const auto field = builder_.CreateString(facts.name);
    const auto form_item = builder_.CreateString(facts.item.empty() ? facts.twin : facts.item);
    const auto effect = builder_.CreateString(waits_[leaf] ? "refer" : decided_.leaves[leaf].effect == record::LeafEffect::open ? "disclose" : decided_.leaves[leaf].effect == record::LeafEffect::withhold ? "withhold" : "opaque");
    const auto rule = builder_.CreateString(reason.overridden ? "person" : reason.rule < 0 ? "" : context_.policy->rules()[static_cast<std::size_t>(reason.rule)].id);
    const auto law = builder_.CreateString(basis.text);
    const auto shown = builder_.CreateString(decided_.leaves[leaf].effect == record::LeafEffect::withhold ? decided_.leaves[leaf].public_basis : "");
    const auto value = builder_.CreateString(values == ShowValues::yes ? text_of(item) : "");
    return api::CreateFieldDecision(builder_, path, field, form_item, effect, rule, law, shown, value);
  }

  Result<flatbuffers::Offset<api::Repetition>> place_of(const policy::Repeat& repeat) {
    LIAISON_TRY(const auto found, describe_leaf(input_.schema, input_.held.openings.path(repeat.found_in)));
    LIAISON_TRY(const auto held_back, describe_leaf(input_.schema, input_.held.openings.path(repeat.held_back)));
    const auto item = builder_.CreateString(found.item.empty() ? found.twin : found.item);
    const auto field = builder_.CreateString(found.name);
    const auto held_item = builder_.CreateString(held_back.item.empty() ? held_back.twin : held_back.item);
    return api::CreateRepetition(builder_, item, field, static_cast<std::uint32_t>(repeat.offset), held_item, builder_.CreateString(held_back.name));
  }

  // One line per field that does not simply leave, in the words of people of this agency.
  Result<std::string> explained() const {
    LIAISON_TRY(const auto situation, situation_of(context_, input_));
    LIAISON_TRY(const auto leaves, policy::explain(*context_.policy, input_.schema, input_.held.openings, situation, decided_));
    std::string lines;
    for (const auto& leaf : leaves)
      if (leaf.reason.effect != policy::Effect::disclose || leaf.reason.overridden)
        lines += policy::explain_line(leaf, situation, [](std::string_view item) { return form::item_label(item, "en"); }) + "\n";
    return lines;
  }

  const Context& context_;
  flatbuffers::FlatBufferBuilder& builder_;
  const DecisionInput& input_;
  const policy::Decided& decided_;
  std::vector<bool> waits_;
  std::string refusal_;
};
}  // namespace

Result<flatbuffers::Offset<api::RecipientView>> make_recipient_view(const Context& context, flatbuffers::FlatBufferBuilder& builder, const DecisionInput& input, const policy::Decided& decided,
                                                                    const std::vector<policy::Repeat>& repeats, ShowValues values) {
  return Viewer(context, builder, input, decided).run(repeats, values);
}

}  // namespace liaison::exchange
