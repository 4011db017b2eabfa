// Every domain separation tag and signed-text header of formats version 1, once. A test checks that all differ and none is a prefix of another.
#pragma once
#include <array>
#include <string_view>

namespace liaison::tags {
using namespace std::string_view_literals;
// hashed or bound; the 0x00 that ends each is part of the tag
inline constexpr auto field = "liaison/field/v1\0"sv;       // preceded by the byte 0x10 (formats 2.2)
inline constexpr auto leaf = "liaison/leaf/v1\0"sv;
inline constexpr auto body = "liaison/body/v1\0"sv;
inline constexpr auto envelope = "liaison/env/v1\0"sv;
inline constexpr auto payload = "liaison/payload/v1\0"sv;
inline constexpr auto store = "liaison/store/v1\0"sv;
inline constexpr auto blob = "liaison/blob/v1\0"sv;
inline constexpr auto person = "liaison/person/v1\0"sv;      // audit: commitment to the acting person
inline constexpr auto decision = "liaison/decision/v1\0"sv;  // disclosure: what one recipient gets of one record, as persons approve it
inline constexpr auto policy_meaning = "liaison/policy/v1\0"sv; // fingerprint of a disclosure policy
inline constexpr auto held = "liaison/held/v1\0"sv;          // digest that persons approve of an item waiting for them
inline constexpr auto directory_entry = "liaison/directory-entry/v1\0"sv;
// first line of a signed text
inline constexpr auto record_text = "liaison record v1\n"sv;
inline constexpr auto disclosure_text = "liaison disclosure v1\n"sv;
inline constexpr auto batch_text = "liaison batch v1\n"sv;
inline constexpr auto head_text = "liaison link head v1\n"sv;
inline constexpr auto receipt_text = "liaison link receipt v1\n"sv;
inline constexpr auto evidence_text = "liaison evidence v1\n"sv;
inline constexpr auto recall_text = "liaison recall v1\n"sv;
inline constexpr auto permit_text = "liaison permit v1\n"sv;
inline constexpr auto pass_text = "liaison pass v1\n"sv;
inline constexpr auto echo_text = "liaison echo v1\n"sv;
inline constexpr auto directory_text = "liaison directory v1\n"sv;
inline constexpr auto policy_text = "liaison policy v1\n"sv;
inline constexpr auto join_text = "liaison join v1\n"sv;

inline constexpr std::array all{field, leaf, body, envelope, payload, store, blob, person, decision, policy_meaning, held, directory_entry, record_text, disclosure_text,
                                batch_text, head_text, receipt_text, evidence_text, recall_text, permit_text, pass_text, echo_text, directory_text, policy_text, join_text};
}  // namespace liaison::tags
