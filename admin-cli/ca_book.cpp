// See ca_book.h. The register is opened for appending only; its length is set back first when the last line is unfinished.
#include "admin-cli/ca_book.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "pki/request.h"

namespace liaison::cli {
namespace {

constexpr std::size_t register_bytes_max = 256 << 20;

Error file_error(const std::filesystem::path& file, const char* step) { return fail(Errc::disk_full, file.string() + ": cannot " + step + ": " + std::strerror(errno)); }

}  // namespace

Result<CaBook> CaBook::open(const std::filesystem::path& folder) {
  LIAISON_TRY(auto lock, store::DirectoryLock::acquire(folder));
  CaBook book(std::move(lock));
  book.file_ = folder / "register.txt";
  const auto bytes = store::read_file(book.file_, register_bytes_max);
  if (!bytes && bytes.error().code != Errc::not_found) return bytes.error();
  if (bytes) {
    LIAISON_TRY(book.register_, pki::Register::parse(text(*bytes)));
  }
  return book;
}

Result<void> CaBook::append(const Result<std::string>& line) {
  if (!line) return line.error();
  const store::Descriptor file(::open(file_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  if (!file) return file_error(file_, "open");
  const auto before = static_cast<off_t>(register_.whole_bytes() - line->size());
  if (::ftruncate(file.get(), before) != 0 || ::lseek(file.get(), before, SEEK_SET) != before) return file_error(file_, "cut off the unfinished line");
  for (std::size_t written = 0; written < line->size();) {
    const auto count = ::write(file.get(), line->data() + written, line->size() - written);
    if (count < 0 && errno != EINTR) return file_error(file_, "write");
    if (count > 0) written += static_cast<std::size_t>(count);
  }
  if (::fsync(file.get()) != 0) return file_error(file_, "sync");
  return store::sync_directory(file_.parent_path());
}

Result<Bytes> ca_certificate(const std::filesystem::path& folder) {
  LIAISON_TRY(const std::string certificate, read_text(folder / "ca.crt"));
  return pki::from_pem("CERTIFICATE", view(certificate));
}

Result<pki::CountryCa> open_ca(const std::filesystem::path& folder, const std::filesystem::path& passphrase_file) {
  LIAISON_TRY(auto key, load_person_key(folder / "ca.key", passphrase_file));
  LIAISON_TRY(const Bytes certificate, ca_certificate(folder));
  return pki::open_country_ca(certificate, std::move(key));
}

}  // namespace liaison::cli
