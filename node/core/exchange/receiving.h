// What the elements of one piece of T2's work share, and its two stages behind the opened envelope: a package, or texts.
// An Error that refuses the message is the sender's mistake: the caller ledgers and answers it. Any other Error means that the batch cannot be taken now.
#pragma once
#include <set>

#include "core/exchange/receive.h"

namespace liaison::exchange {

struct Receiving {
  const Context& context;
  const LogKey& log;                          // inbound, peer is the sender
  Time now;
  DirectoryAuthority authority;
  crypto::VerifiedBatches batches;
  Reports reports;
  std::set<Bytes> taken;                      // keys of table received in this piece of work
};

Result<void> take_package(Receiving& work, const ParsedEnvelope& envelope, const OpenedEnvelope& opened, ReceivedItem& item);
Result<void> take_texts(Receiving& work, const ParsedEnvelope& envelope, const OpenedEnvelope& opened, ReceivedItem& item);

// True once per message or text: later ones with the same id are duplicates.
Result<bool> take_once(Receiving& work, std::string_view from, const Uuid& id);

}  // namespace liaison::exchange
