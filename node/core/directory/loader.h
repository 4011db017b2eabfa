// The distributed file of a directory, opened step by step: form, tree, signatures, entries. Pure; used by load and by the authoring tools.
// The order matters: nothing of an entry is read before the root and the signatures over it hold. Errors: bad_format, bad_text, limit_exceeded, wrong_root, bad_signature.
#pragma once
#include "core/crypto/signed_text.h"
#include "core/directory/directory.h"
#include "schemas/directory_generated.h"

namespace liaison::directory {

const crypto::TextGrammar& directory_grammar();

// A file whose form holds and whose entries are the leaves of the root in its text. Owns a copy of the bytes.
struct OpenedFile {
  std::unique_ptr<Bytes> bytes;       // entries and blocks are views into it
  crypto::ParsedText text;
  ByteView signatures;
  std::vector<ByteView> authority_keys;
  std::vector<ByteView> entries;
};
Result<OpenedFile> open_file(ByteView file);
Hash entry_leaf(ByteView entry);

// Authority keys that validly signed the text of the file; each counts once, keys outside `wanted` do not.
Result<std::vector<Hash>> valid_signers(const OpenedFile& file, std::span<const Hash> wanted);

class Loader {
 public:
  // Everything but the signatures.
  static Result<std::shared_ptr<Directory>> read(const OpenedFile& file);

 private:
  struct Owned;
  Result<void> read_text(const crypto::ParsedText& text);
  Result<void> read_entry(ByteView entry);
  Result<void> index_keys();
  Result<void> check_references() const;
  Result<void> check_agency(const Agency& agency) const;
  Result<void> check_successors(const Agency& agency) const;
  Directory* to_ = nullptr;
};

}  // namespace liaison::directory
