// From the text to `Settings`: strict check, FlatBuffers' parser, then each value by its own rule. The schema comes from inside the program.
#include "io/config/settings.h"

#include <algorithm>
#include <charconv>
#include <fstream>

#include "io/config/strict_json.h"
#include "schemas/embedded.h"
#include "schemas/settings_generated.h"

namespace liaison::config {
namespace {
constexpr std::uint32_t review_days_max = 1827;  // five years
constexpr std::size_t settings_bytes_max = 1 << 20;
constexpr std::uint64_t map_bytes_min = 16 << 20;
constexpr std::uint64_t map_bytes_max = std::uint64_t{1} << 46;

struct Field {
  std::string_view path;  // as in messages and FieldLines
  const flatbuffers::String* value;
};

std::string_view chars_of(const flatbuffers::String* value) { return value == nullptr ? std::string_view() : std::string_view(value->c_str(), value->size()); }

std::optional<Address> parse_address(std::string_view chars) {
  const auto colon = chars.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  auto host = chars.substr(0, colon);
  const auto digits = chars.substr(colon + 1);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  else if (host.find(':') != std::string_view::npos) return std::nullopt;
  Address address{std::string(host), 0};
  const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), address.port);
  if (host.empty() || host.find_first_of(" /[]@") != std::string_view::npos || problem != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return address;
}

bool is_realm(std::string_view chars) {
  const bool letters = std::all_of(chars.begin(), chars.end(), [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
  return letters && !chars.empty() && chars.size() <= 63 && chars.front() != '-' && chars.back() != '-';
}

bool is_endpoint(std::string_view chars) {
  if (chars.starts_with("ipc://")) return chars.size() > 6 && chars.size() <= 6 + 107;  // sockaddr_un
  return chars.starts_with("tcp://") && parse_address(chars.substr(6)).has_value();
}

class Reader {
 public:
  Reader(const std::filesystem::path& file, FieldLines lines) : file_(file), lines_(std::move(lines)) {}
  Result<Settings> read(const fb::SettingsFile& in);

 private:
  Error wrong(std::string_view field, std::string_view what, std::string_view cure) const {
    const auto line = lines_.find(field);
    const std::string place = file_.string() + (line == lines_.end() ? "" : ":" + std::to_string(line->second));
    return fail(Errc::invalid_settings, place + ": field '" + std::string(field) + "' " + std::string(what) + "; " + std::string(cure));
  }
  Result<std::string> required(Field field, std::string_view example) const {
    if (field.value == nullptr) return wrong(field.path, "is missing", "add it, for example " + std::string(example));
    return printable(field);
  }
  Result<std::string> printable(Field field) const {
    const auto chars = chars_of(field.value);
    if (std::any_of(chars.begin(), chars.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; })) return wrong(field.path, "holds a control character", "remove it");
    return std::string(chars);
  }
  Result<std::filesystem::path> path(Field field, std::filesystem::path otherwise) const {
    if (field.value == nullptr) return otherwise;
    LIAISON_TRY(const auto chars, printable(field));
    return (std::filesystem::absolute(file_).parent_path() / chars).lexically_normal();
  }
  Result<Address> address(Field field) const {
    const auto parsed = parse_address(chars_of(field.value));
    if (!parsed) return wrong(field.path, "is not an address and a port", "write for example \"0.0.0.0:4650\" or \"[::1]:0\"");
    return *parsed;
  }
  Result<void> read_places(const fb::SettingsFile& in, Settings& out) const;
  Result<void> read_authorities(const fb::Authorities* in, Settings::Authorities& out) const;
  Result<void> read_bus(const fb::Bus* in, Settings& out) const;
  Result<void> read_defaults(const fb::Defaults* in, Settings::Defaults& out) const;
  Result<void> read_pkcs11(const fb::Pkcs11* in, Settings& out) const;
  Result<void> read_rest(const fb::SettingsFile& in, Settings& out) const;

  const std::filesystem::path& file_;
  FieldLines lines_;
};

Result<Settings> Reader::read(const fb::SettingsFile& in) {
  Settings out;
  LIAISON_TRY(out.agency, required({"agency", in.agency()}, "\"agency\": \"ke.customs\""));
  if (!is_agency_id(out.agency)) return wrong("agency", "is not an agency id", "write a country code and a name in small letters, for example \"ke.customs\"");
  LIAISON_TRY(out.realm, required({"realm", in.realm()}, "\"realm\": \"demo-exercise\""));
  if (!is_realm(out.realm)) return wrong("realm", "is not the name of a realm", "use a-z, 0-9 and -, at most 63 characters");
  LIAISON_CHECK(read_places(in, out));
  LIAISON_CHECK(read_authorities(in.authorities(), out.authorities));
  LIAISON_CHECK(required({"listen", in.listen()}, "\"listen\": \"0.0.0.0:4650\""));
  LIAISON_TRY(out.listen, address({"listen", in.listen()}));
  LIAISON_CHECK(read_bus(in.bus(), out));
  LIAISON_CHECK(read_defaults(in.defaults(), out.defaults));
  LIAISON_CHECK(read_pkcs11(in.pkcs11(), out));
  LIAISON_CHECK(read_rest(in, out));
  return out;
}

Result<void> Reader::read_places(const fb::SettingsFile& in, Settings& out) const {
  LIAISON_CHECK(required({"data_dir", in.data_dir()}, "\"data_dir\": \"/var/lib/liaison\""));
  LIAISON_CHECK(required({"directory_file", in.directory_file()}, "\"directory_file\": \"/etc/liaison/directory.bin\""));
  LIAISON_TRY(out.data_dir, path({"data_dir", in.data_dir()}, {}));
  LIAISON_TRY(out.keys_dir, path({"keys_dir", in.keys_dir()}, out.data_dir / "secret"));
  LIAISON_TRY(out.passphrase_file, path({"passphrase_file", in.passphrase_file()}, {}));
  LIAISON_TRY(out.last_signed_file, path({"last_signed_file", in.last_signed_file()}, out.data_dir / "last_signed"));
  LIAISON_TRY(out.directory_file, path({"directory_file", in.directory_file()}, {}));
  LIAISON_TRY(out.policy_file, path({"policy_file", in.policy_file()}, {}));
  LIAISON_TRY(out.certificate_file, path({"certificate_file", in.certificate_file()}, out.keys_dir / "tls.pem"));
  return {};
}

Result<void> Reader::read_authorities(const fb::Authorities* in, Settings::Authorities& out) const {
  constexpr std::string_view cure = "write {\"threshold\": 2, \"keys\": [\"<base64 key hash>\", ...]} as 'liaison directory show' prints them";
  if (in == nullptr || in->keys() == nullptr || in->keys()->size() == 0) return wrong("authorities", "names no keys", cure);
  for (const auto* key : *in->keys()) {
    const auto hash = hash_from_base64(chars_of(key));
    if (!hash) return wrong("authorities.keys", "holds '" + std::string(chars_of(key)) + "', which is not a base64 key hash", cure);
    if (std::find(out.keys.begin(), out.keys.end(), *hash) != out.keys.end()) return wrong("authorities.keys", "holds a key twice", "name distinct authorities");
    out.keys.push_back(*hash);
  }
  out.threshold = in->threshold();
  if (out.threshold == 0 || out.threshold > out.keys.size())
    return wrong("authorities.threshold", "is " + std::to_string(out.threshold), "write a number from 1 to the number of keys (" + std::to_string(out.keys.size()) + ")");
  return {};
}

Result<void> Reader::read_bus(const fb::Bus* in, Settings& out) const {
  if (in == nullptr || in->endpoints() == nullptr || in->endpoints()->size() == 0)
    return wrong("bus", "names no endpoints", "write {\"endpoints\": [\"ipc:///run/liaison/node\"]}");
  for (const auto* endpoint : *in->endpoints()) {
    LIAISON_TRY(const auto chars, printable({"bus.endpoints", endpoint}));
    if (!is_endpoint(chars)) return wrong("bus.endpoints", "holds '" + chars + "'", "write \"ipc:///path\" (at most 107 bytes) or \"tcp://address:port\"");
    out.bus.endpoints.push_back(chars);
  }
  LIAISON_TRY(out.bus.key_file, path({"bus.key_file", in->key_file()}, out.keys_dir / "bus.key"));
  if (in->first_administrator() == nullptr) return {};
  out.bus.first_administrator = parse_curve_key(chars_of(in->first_administrator()));
  if (!out.bus.first_administrator) return wrong("bus.first_administrator", "is not a public key", "write the 40 characters (Z85) or 64 hex digits that 'liaison person key' prints");
  return {};
}

Result<void> Reader::read_defaults(const fb::Defaults* in, Settings::Defaults& out) const {
  if (in == nullptr) return {};
  if (in->purpose() != nullptr) {
    LIAISON_TRY(out.purpose, printable({"defaults.purpose", in->purpose()}));
  }
  if (in->channel() != nullptr) {
    LIAISON_TRY(out.channel, printable({"defaults.channel", in->channel()}));
  }
  if (in->level() != nullptr) {
    LIAISON_TRY(out.level, printable({"defaults.level", in->level()}));
  }
  if (in->handling() != nullptr) {
    for (const auto* code : *in->handling()) {
      LIAISON_TRY(auto chars, printable({"defaults.handling", code}));
      out.handling.push_back(std::move(chars));
    }
  }
  if (!lines_.contains("defaults.review_days")) return {};
  out.review_days = in->review_days();
  if (out.review_days == 0 || out.review_days > review_days_max)
    return wrong("defaults.review_days", "is " + std::to_string(out.review_days), "write a number of days from 1 to " + std::to_string(review_days_max));
  return {};
}

Result<void> Reader::read_pkcs11(const fb::Pkcs11* in, Settings& out) const {
  if (in == nullptr) return {};
  Settings::Pkcs11 token;
  LIAISON_CHECK(required({"pkcs11.module", in->module_()}, "\"module\": \"/usr/lib/softhsm/libsofthsm2.so\""));
  LIAISON_TRY(token.module, path({"pkcs11.module", in->module_()}, {}));
  LIAISON_TRY(token.token, required({"pkcs11.token", in->token()}, "\"token\": \"hub\""));
  LIAISON_TRY(token.pin_file, path({"pkcs11.pin_file", in->pin_file()}, {}));
  LIAISON_TRY(token.seal, printable({"pkcs11.seal", in->seal()}));
  LIAISON_TRY(token.tls, printable({"pkcs11.tls", in->tls()}));
  if (token.token.size() > 32) return wrong("pkcs11.token", "is longer than 32 characters", "write the label of the token as its tool shows it");
  if (token.seal.empty() && token.tls.empty()) return wrong("pkcs11", "names no key", "add \"seal\" or \"tls\" with the label of the key, or remove pkcs11");
  if (token.seal == token.tls) return wrong("pkcs11.tls", "is the key of seal too", "every role needs its own key");
  out.pkcs11 = std::move(token);
  return {};
}

Result<void> Reader::read_rest(const fb::SettingsFile& in, Settings& out) const {
  constexpr std::array<std::string_view, 4> levels{"debug", "info", "warning", "error"};
  if (in.log_level() != nullptr) {
    const auto level = std::find(levels.begin(), levels.end(), chars_of(in.log_level()));
    if (level == levels.end()) return wrong("log_level", "is unknown", "write debug, info, warning or error");
    out.log_level = static_cast<LogLevel>(level - levels.begin());
  }
  if (in.metrics() != nullptr) {
    LIAISON_TRY(out.metrics, address({"metrics", in.metrics()}));
  }
  out.force_alg1 = in.force_alg1();
  if (!lines_.contains("map_bytes")) return {};
  out.map_bytes = in.map_bytes();
  if (out.map_bytes < map_bytes_min || out.map_bytes > map_bytes_max)
    return wrong("map_bytes", "is " + std::to_string(out.map_bytes), "write a number from " + std::to_string(map_bytes_min) + " to " + std::to_string(map_bytes_max) + "; it costs address space, not disk");
  return {};
}
}  // namespace

std::string to_string(const Address& address) {
  const bool six = address.host.find(':') != std::string::npos;
  return (six ? "[" + address.host + "]" : address.host) + ":" + std::to_string(address.port);
}

Result<Settings> parse_settings(std::string_view chars, const std::filesystem::path& file) {
  flatbuffers::Parser parser;
  const std::string schema(schemas::embedded("settings.fbs"));
  liaison_assert(!schema.empty() && parser.Parse(schema.c_str()) && parser.root_struct_def_ != nullptr);
  LIAISON_TRY(auto lines, check_json(chars, *parser.root_struct_def_, file.string()));
  const std::string copy(chars);
  if (!parser.ParseJson(copy.c_str(), file.c_str())) return fail(Errc::invalid_settings, parser.error_ + "; see the description of the field in settings.fbs");
  flatbuffers::Verifier verifier(parser.builder_.GetBufferPointer(), parser.builder_.GetSize());
  liaison_assert(fb::VerifySettingsFileBuffer(verifier));
  return Reader(file, std::move(lines)).read(*fb::GetSettingsFile(parser.builder_.GetBufferPointer()));
}

Result<Settings> load_settings(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return fail(Errc::invalid_settings, file.string() + " cannot be read: name an existing file with --config and make it readable for the user of the node");
  std::string chars(settings_bytes_max + 1, '\0');
  in.read(chars.data(), static_cast<std::streamsize>(chars.size()));
  chars.resize(static_cast<std::size_t>(in.gcount()));
  if (in.bad() || std::filesystem::is_directory(file)) return fail(Errc::invalid_settings, file.string() + " cannot be read as a file");
  if (chars.size() > settings_bytes_max) return fail(Errc::invalid_settings, file.string() + " is larger than 1 MiB: this is not a settings file");
  return parse_settings(chars, file);
}

std::optional<std::array<std::uint8_t, 32>> parse_curve_key(std::string_view chars) {
  std::array<std::uint8_t, 32> key{};
  if (chars.size() == 64) {
    const auto bytes = from_hex(chars);
    if (!bytes) return std::nullopt;
    std::copy(bytes->begin(), bytes->end(), key.begin());
    return key;
  }
  constexpr std::string_view digits = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";
  if (chars.size() != 40) return std::nullopt;
  for (std::size_t group = 0; group < 8; ++group) {
    std::uint64_t value = 0;
    for (const char c : chars.substr(group * 5, 5)) {
      const auto digit = digits.find(c);
      if (digit == std::string_view::npos) return std::nullopt;
      value = value * 85 + digit;
    }
    if (value > 0xFFFFFFFF) return std::nullopt;
    for (std::size_t i = 0; i < 4; ++i) key[group * 4 + i] = static_cast<std::uint8_t>(value >> (24 - 8 * i));
  }
  return key;
}

}  // namespace liaison::config
