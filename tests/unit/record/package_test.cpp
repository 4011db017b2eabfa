// Encoding of packages (formats 2.4): round trip, and what a relay may do to the bytes.
#include "core/base/limits.h"
#include "schemas/record_generated.h"
#include "tests/unit/record/package_fixture.h"

namespace liaison::record {
namespace {

class encoded_package : public RecordOnItsWay {
 protected:
  Package small() { return sealed(*schema, support::tiny_ecomessage()); }
  // What a recipient learns, as one string.
  static std::string meaning(const VerifiedPackage& verified) {
    std::string out = to_hex(verified.message()) + to_hex(verified.manifest_hash()) + to_hex(verified.last_disclosure_hash());
    out += to_hex(verified.package().openings.packed()) + std::to_string(verified.opaque_count());
    for (const auto& field : verified.withheld_fields()) out += to_hex(field.path) + field.by + field.basis;
    for (const auto& permit : verified.package().permits) out += permit.text;
    return out;
  }
};

TEST_F(encoded_package, round_trip) {
  Package package = direct(small());
  package.permits = {{"liaison permit v1\nb", "s"}, {"liaison permit v1\na", "t"}};
  const auto decoded = decode_package(encode_package(package));
  ASSERT_TRUE(decoded) << decoded.error().message();
  EXPECT_EQ(decoded->manifest, package.manifest);
  EXPECT_EQ(decoded->openings, package.openings);
  EXPECT_EQ(decoded->withheld, package.withheld);
  EXPECT_EQ(decoded->opaque, package.opaque);
  EXPECT_EQ(decoded->disclosures, package.disclosures);
  std::swap(package.permits[0], package.permits[1]);
  EXPECT_EQ(decode_package(encode_package(package))->permits, decoded->permits);
}

TEST_F(encoded_package, truncation_at_every_length_is_refused_or_means_the_same) {
  const Bytes bytes = encode_package(direct(small()));
  const std::string meant = meaning(*check(*decode_package(bytes), to_ncb));
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const auto decoded = decode_package(ByteView(bytes).first(size));
    if (!decoded) continue;
    const auto verified = check(*decoded, to_ncb);
    if (verified) {
      EXPECT_EQ(meaning(*verified), meant);
    }
  }
}

TEST_F(encoded_package, a_flipped_bit_at_every_byte_is_refused_or_means_the_same) {
  const Bytes bytes = encode_package(direct(small()));
  const std::string meant = meaning(*check(*decode_package(bytes), to_ncb));
  std::size_t refused = 0;
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    Bytes flipped = bytes;
    flipped[at] ^= static_cast<std::uint8_t>(1 << at % 8);
    const auto decoded = decode_package(flipped);
    const auto verified = decoded ? check(*decoded, to_ncb) : Result<VerifiedPackage>(decoded.error());
    refused += verified ? 0 : 1;
    if (verified) {
      EXPECT_EQ(meaning(*verified), meant) << "byte " << at;
    }
  }
  EXPECT_GT(refused, bytes.size() * 9 / 10);
}

TEST_F(encoded_package, permuted_parts_are_refused) {
  const Package first = *pass(small(), to_ncb);
  const Package second = *pass(first, to_gs);
  Package swapped = second;
  std::swap(swapped.disclosures[0], swapped.disclosures[1]);
  EXPECT_FALSE(receive(swapped, to_gs));
  swapped = second;
  std::swap(swapped.opaque[0], swapped.opaque[1]);
  EXPECT_FALSE(receive(swapped, to_gs));
  swapped = second;
  std::swap(swapped.opaque[0][0], swapped.opaque[0][1]);
  EXPECT_EQ(decode_package(encode_package(swapped)).error().code, Errc::bad_format);
  swapped = second;
  swapped.withheld = {{*from_hex("010001"), Hash{}}, {*from_hex("010000"), Hash{}}};
  EXPECT_EQ(decode_package(encode_package(swapped)).error().code, Errc::bad_format);
}

TEST_F(encoded_package, a_part_shared_many_times_is_refused) {
  const Package package = direct(small());
  flatbuffers::FlatBufferBuilder builder;
  const auto bytes = [&](std::string_view part) { return builder.CreateVector(view(part).data(), part.size()); };
  const auto manifest = bytes(package.manifest.text);
  const auto opened = builder.CreateVector(package.openings.packed().data(), package.openings.packed().size());
  const auto text = wire::CreateSignedText(builder, bytes(std::string(30'000, 'x')), 0);
  const auto shared = builder.CreateVector(std::vector<flatbuffers::Offset<wire::SignedText>>(200, text));
  builder.Finish(wire::CreatePackage(builder, manifest, manifest, opened, 0, 0, 0, shared));
  EXPECT_EQ(decode_package(ByteView(builder.GetBufferPointer(), builder.GetSize())).error().code, Errc::limit_exceeded);
}

TEST_F(encoded_package, blob_keys_need_their_attachment) {
  Package package = direct(small());
  package.blob_keys.push_back({*from_hex("010000"), {}, 5, {}, {}});
  EXPECT_EQ(decode_package(encode_package(package)).error().code, Errc::bad_format);
}

TEST_F(encoded_package, over_limit_sizes_are_refused) {
  EXPECT_EQ(decode_package(Bytes(limits::plain_bytes_max + 1)).error().code, Errc::limit_exceeded);
  Package package = direct(small());
  package.manifest.signatures.assign(limits::signature_block_bytes_max + 1, 'x');
  EXPECT_EQ(decode_package(encode_package(package)).error().code, Errc::limit_exceeded);
  package = direct(small());
  package.disclosures.resize(limits::hops_max + 1, package.disclosures.front());
  EXPECT_FALSE(decode_package(encode_package(package)));
}

}  // namespace
}  // namespace liaison::record
