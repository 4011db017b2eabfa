// The file: a header line, one line "name size root" per log in order of names, a line with the SHA-256 of what stands before it.
// Replaced as a whole by rename; a file that does not parse is never repaired silently, since it is the memory of what others hold.
#include "io/store/last_signed.h"

#include <charconv>

#include "core/merkle/sha256.h"

namespace liaison::store {
namespace {
constexpr std::string_view header = "liaison last signed v1\n";
constexpr std::string_view sum_key = "sum ";
constexpr std::size_t file_bytes_max = 16 << 20;
constexpr std::size_t name_bytes_max = 256;

bool is_name(std::string_view name) {
  for (const char c : name)
    if (c <= ' ' || c > '~') return false;
  return !name.empty() && name.size() <= name_bytes_max;
}

// "name size root" without its LF
std::optional<NamedMark> parse_line(std::string_view line) {
  const auto first = line.find(' ');
  const auto second = first == line.npos ? line.npos : line.find(' ', first + 1);
  if (second == line.npos) return std::nullopt;
  NamedMark named{std::string(line.substr(0, first)), {}};
  const auto digits = line.substr(first + 1, second - first - 1);
  const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), named.mark.size);
  const auto root = hash_from_base64(line.substr(second + 1));
  if (problem != std::errc{} || end != digits.data() + digits.size() || std::to_string(named.mark.size) != digits || !root || !is_name(named.name)) return std::nullopt;
  named.mark.root = *root;
  return named;
}
}  // namespace

std::string LastSigned::format(const Marks& marks) {
  std::string out(header);
  for (const auto& [name, mark] : marks) out += name + " " + std::to_string(mark.size) + " " + to_base64(mark.root) + "\n";
  return out + std::string(sum_key) + to_base64(merkle::sha256(out)) + "\n";
}

Result<LastSigned::Marks> LastSigned::parse(std::string_view chars) {
  Marks marks;
  std::string_view rest = chars;
  if (!rest.starts_with(header)) return fail(Errc::store_corrupt, "header");
  rest.remove_prefix(header.size());
  while (!rest.starts_with(sum_key)) {
    const auto end = rest.find('\n');
    const auto named = end == rest.npos ? std::nullopt : parse_line(rest.substr(0, end));
    if (!named || !marks.emplace(named->name, named->mark).second) return fail(Errc::store_corrupt, "line " + std::to_string(marks.size() + 2));
    rest.remove_prefix(end + 1);
  }
  if (format(marks) != chars) return fail(Errc::store_corrupt, "sum");
  return marks;
}

Result<std::unique_ptr<LastSigned>> LastSigned::open(const std::filesystem::path& file) {
  std::unique_ptr<LastSigned> self(new LastSigned(file));
  const auto bytes = read_file(file, file_bytes_max);
  if (!bytes && bytes.error().code == Errc::not_found) return self;
  if (!bytes) return bytes.error();
  auto marks = parse(text(*bytes));
  if (!marks)
    return fail(Errc::store_corrupt, file.string() + " is damaged (" + marks.error().detail + "): restore it from the copy beside the last backup, or compare with the heads that peers and witnesses hold before removing it");
  self->marks_ = std::move(*marks);
  return self;
}

std::optional<Mark> LastSigned::find(std::string_view name) const {
  const std::lock_guard lock(mutex_);
  const auto found = marks_.find(name);
  if (found == marks_.end()) return std::nullopt;
  return found->second;
}

Result<void> LastSigned::advance(std::span<const NamedMark> marks) {
  const std::lock_guard lock(mutex_);
  Marks next = marks_;
  for (const auto& [name, mark] : marks) {
    liaison_assert(is_name(name) && name != "sum");
    const auto [known, fresh] = next.try_emplace(name, mark);
    if (!fresh && (mark.size < known->second.size || (mark.size == known->second.size && mark.root != known->second.root)))
      return fail(Errc::rolled_back, name + ": size " + std::to_string(known->second.size) + " was signed already, asked to sign size " + std::to_string(mark.size));
    known->second = mark;
  }
  if (next == marks_) return {};
  LIAISON_CHECK(write_durably(file_, view(format(next))));
  marks_ = std::move(next);
  return {};
}

Result<void> LastSigned::check_not_rolled_back(std::string_view name, std::uint64_t size, const RootAt& root_at) const {
  const auto mark = find(name);
  if (!mark) return {};
  if (size < mark->size)
    return fail(Errc::rolled_back, std::string(name) + ": " + file_.string() + " says that size " + std::to_string(mark->size) + " was signed, the store has " + std::to_string(size) + "; the store is older than what others hold");
  LIAISON_TRY(const Hash root, root_at(mark->size));
  if (root != mark->root) return fail(Errc::rolled_back, std::string(name) + ": the store has another root at size " + std::to_string(mark->size) + " than the one that was signed; it is not the store that signed it");
  return {};
}

}  // namespace liaison::store
