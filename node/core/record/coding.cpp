// Number codings. The host is little endian like FlatBuffers (asserted at compile time), so memcpy reads their numbers.
#include "core/record/coding.h"

#include <bit>
#include <cmath>
#include <limits>

namespace liaison::record {
namespace {

static_assert(std::endian::native == std::endian::little);

template <class T>
T load(const std::uint8_t* in) {
  T value;
  std::memcpy(&value, in, sizeof value);
  return value;
}

void put_big(std::uint64_t value, std::uint8_t* out) {
  for (int i = 7; i >= 0; --i, value >>= 8) out[i] = static_cast<std::uint8_t>(value);
}

std::uint64_t get_big(const std::uint8_t* in) {
  std::uint64_t value = 0;
  for (int i = 0; i < 8; ++i) value = value << 8 | in[i];
  return value;
}

template <class T>
bool encode_integer(const std::uint8_t* in, std::uint8_t* out) {
  using Wide = std::conditional_t<std::is_signed_v<T>, std::int64_t, std::uint64_t>;
  put_big(static_cast<std::uint64_t>(static_cast<Wide>(load<T>(in))), out);
  return true;
}

template <class T>
bool decode_integer(const std::uint8_t* in, std::uint8_t* out) {
  using Wide = std::conditional_t<std::is_signed_v<T>, std::int64_t, std::uint64_t>;
  const auto wide = static_cast<Wide>(get_big(in));
  if (wide < static_cast<Wide>(std::numeric_limits<T>::min()) || wide > static_cast<Wide>(std::numeric_limits<T>::max())) return false;
  const auto value = static_cast<T>(wide);
  std::memcpy(out, &value, sizeof value);
  return true;
}

bool encode_real(double value, std::uint8_t* out) {
  if (std::isnan(value)) return false;
  put_big(std::bit_cast<std::uint64_t>(value == 0 ? 0.0 : value), out);  // -0 is +0
  return true;
}

template <class T>
bool decode_real(const std::uint8_t* in, std::uint8_t* out) {
  const auto wide = std::bit_cast<double>(get_big(in));
  if (std::isnan(wide) || (wide == 0 && std::signbit(wide))) return false;
  if (std::isfinite(wide) && std::abs(wide) > static_cast<double>(std::numeric_limits<T>::max())) return false;
  const auto value = static_cast<T>(wide);
  if (static_cast<double>(value) != wide) return false;
  std::memcpy(out, &value, sizeof value);
  return true;
}

}  // namespace

LeafType leaf_type(ScalarCode code) {
  switch (code) {
    case ScalarCode::boolean: return LeafType::boolean;
    case ScalarCode::i8:
    case ScalarCode::i16:
    case ScalarCode::i32:
    case ScalarCode::i64: return LeafType::signed_number;
    case ScalarCode::f32:
    case ScalarCode::f64: return LeafType::real;
    default: return LeafType::unsigned_number;
  }
}

bool encode_scalar(ScalarCode code, const std::uint8_t* in, std::uint8_t* out) {
  switch (code) {
    case ScalarCode::boolean: *out = *in; return *in <= 1;
    case ScalarCode::i8: return encode_integer<std::int8_t>(in, out);
    case ScalarCode::i16: return encode_integer<std::int16_t>(in, out);
    case ScalarCode::i32: return encode_integer<std::int32_t>(in, out);
    case ScalarCode::i64: return encode_integer<std::int64_t>(in, out);
    case ScalarCode::u8: return encode_integer<std::uint8_t>(in, out);
    case ScalarCode::u16: return encode_integer<std::uint16_t>(in, out);
    case ScalarCode::u32: return encode_integer<std::uint32_t>(in, out);
    case ScalarCode::u64: return encode_integer<std::uint64_t>(in, out);
    case ScalarCode::f32: return encode_real(static_cast<double>(load<float>(in)), out);
    case ScalarCode::f64: return encode_real(load<double>(in), out);
  }
  return false;
}

bool decode_scalar(ScalarCode code, const std::uint8_t* in, std::uint8_t* out) {
  switch (code) {
    case ScalarCode::boolean: *out = *in; return *in <= 1;
    case ScalarCode::i8: return decode_integer<std::int8_t>(in, out);
    case ScalarCode::i16: return decode_integer<std::int16_t>(in, out);
    case ScalarCode::i32: return decode_integer<std::int32_t>(in, out);
    case ScalarCode::i64: return decode_integer<std::int64_t>(in, out);
    case ScalarCode::u8: return decode_integer<std::uint8_t>(in, out);
    case ScalarCode::u16: return decode_integer<std::uint16_t>(in, out);
    case ScalarCode::u32: return decode_integer<std::uint32_t>(in, out);
    case ScalarCode::u64: return decode_integer<std::uint64_t>(in, out);
    case ScalarCode::f32: return decode_real<float>(in, out);
    case ScalarCode::f64: return decode_real<double>(in, out);
  }
  return false;
}

}  // namespace liaison::record
