// What core asks of the world: Clock, Random, KeyHolder, Store. io implements them; the simulator and tests implement them with faults.
// Every duty named here is relied upon for the invariants of ARCHITECTURE.md; an implementation that cannot keep one must answer an error.
#pragma once
#include <optional>
#include <span>
#include <vector>

#include "core/base/ids.h"
#include "core/base/result.h"
#include "core/base/secret.h"
#include "core/crypto/keys.h"
#include "core/exchange/tables.h"
#include "core/merkle/tree.h"

namespace liaison::exchange {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Time now() const = 0;                                  // wall time, may jump
  virtual std::chrono::nanoseconds monotonic() const = 0;        // since an arbitrary start, never goes back
};

class Random {
 public:
  virtual ~Random() = default;
  virtual void fill(std::span<std::uint8_t> out) = 0;            // cryptographic quality; thread safe; cannot fail (a node without randomness stops)
};

// Private keys of this agency. Thread safe. Refuses to sign what is not of the role (seal and link keys sign only texts that begin "liaison ").
class KeyHolder {
 public:
  virtual ~KeyHolder() = default;
  virtual Result<Bytes> sign(crypto::KeyRole role, ByteView text) const = 0;
  virtual Result<crypto::PublicKey> public_key(crypto::KeyRole role) const = 0;
  // DHKEM decapsulation with the box key of that id (SHA-256 of its SPKI); Errc::unknown_key when it is not (any more) held.
  virtual Result<SecretBytes> decapsulate(const Hash& box_key, ByteView enc) const = 0;
  // Data keys at rest (formats 6): a pool of wrapped keys is committed in the `keys` environment before any is handed out.
  struct DataKey { std::uint64_t id; SecretBytes key; };
  virtual Result<DataKey> new_data_key() = 0;                    // durable before it returns; never the same id twice, restarts included
  virtual Result<SecretBytes> data_key(std::uint64_t id) const = 0;  // Errc::not_found once destroyed
};

enum class OpKind : std::uint8_t {
  put,     // insert or replace
  insert,  // key must be absent, else the whole write set fails with Errc::conflict
  del,     // absent is fine
  append,  // audit log only: table audit_entry, value = entry with the index field to be set; key empty
};
struct Op {
  OpKind kind;
  Table table;
  Bytes key;
  Bytes value;
};
struct Precondition {
  Table table;
  Bytes key;
  std::optional<Bytes> expected;  // nullopt: the row must be absent
};

// One transaction's worth of work as values. Applied completely or not at all.
struct WriteSet {
  WriteClass cls = WriteClass::accept;
  std::vector<Precondition> preconditions;
  std::vector<Op> ops;
  std::size_t bytes() const;
};

enum class Outcome : std::uint8_t {
  committed,  // durable (flushed) before commit() returned
  conflict,   // a precondition or insert failed; nothing of this set was applied
  refused,    // the store could not take it (disk full, value too large); nothing of this set was applied
  unknown,    // may or may not have been applied: read again before going on
};

using Row = std::pair<Bytes, Bytes>;  // key, value

class Store {
 public:
  virtual ~Store() = default;
  // Reads see everything committed before the call. Thread safe. Copies.
  virtual Result<std::optional<Bytes>> get(Table table, ByteView key) const = 0;
  struct Range { ByteView from; ByteView to; };                  // from <= key < to, bytewise; an empty `to` has no upper bound
  virtual Result<std::vector<Row>> scan(Table table, Range range, std::size_t rows_max) const = 0;
  virtual Result<std::optional<Row>> last(Table table, Range range) const = 0;  // greatest key in the range
  // One group: each set stands alone (one may conflict, the others commit), later sets see earlier ones, all committed ones share one flush.
  virtual std::vector<Outcome> commit(std::span<const WriteSet> sets) = 0;
};

// The audit log as the store holds it, and the start-up guard's duty (formats 7): what is about to be signed is noted outside the environment first.
class AuditLog {
 public:
  virtual ~AuditLog() = default;
  virtual merkle::Frontier frontier() const = 0;                 // of everything committed
  // Durable before it returns. Errc::rolled_back when something newer was signed before: then nothing is signed, and an alarm is due.
  virtual Result<void> before_signing(std::string_view origin, const merkle::TreeHead& head) = 0;
};

// Everything a pure function of core may ask for while it works; the referents outlive the node.
struct Ports {
  const Clock& clock;
  Random& random;
  KeyHolder& keys;
  const Store& store;
  AuditLog& audit;
};

}  // namespace liaison::exchange
