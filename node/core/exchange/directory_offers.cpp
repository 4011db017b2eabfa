// Handing the directory on: what follows the version a peer holds, as a delta, piece by piece as the peer asks for it. A few deltas are kept, since many peers
// ask for the same one. See directory_keeper.h.
#include <algorithm>

#include "core/base/limits.h"
#include "core/directory/delta.h"
#include "core/exchange/directory_keeper.h"
#include "core/exchange/node.h"

namespace liaison::exchange {

void DirectoryKeeper::tell_everybody() {
  for (const auto& [id, link] : links_)
    if (link.held != mark()) (void)node_.peer(id).tell_directory(mark()).has_value();  // a peer without the feature learns it from the next Hello
}

void DirectoryKeeper::on_asked(const std::string& peer, const link::DirectoryQuestion& question) {
  const auto own = mark();
  if (question.held.version > own.version || question.held == own) return node_.peer(peer).send_directory({own, 0, 0, {}});
  if (const Offer* offer = find_offer(question)) return send_piece(peer, *offer, question.offset);
  make_offer(peer, question);
}

const DirectoryKeeper::Offer* DirectoryKeeper::find_offer(const link::DirectoryQuestion& question) const {
  const auto found = std::find_if(offers_.begin(), offers_.end(), [&](const Offer& offer) {
    return offer.from == question.held && (question.step == 0 || (question.step == offer.to.version && question.offset < offer.delta->size()));
  });
  return found == offers_.end() ? nullptr : &*found;
}

void DirectoryKeeper::send_piece(const std::string& peer, const Offer& offer, std::uint32_t offset) {
  const ByteView rest = ByteView(*offer.delta).subspan(offset);
  node_.peer(peer).send_directory({offer.to, static_cast<std::uint32_t>(offer.delta->size()), offset, to_bytes(rest.first(std::min(rest.size(), limits::directory_piece_bytes_max)))});
}

// A change of authorities that the asker has not taken comes first; else the version in force.
void DirectoryKeeper::make_offer(const std::string& peer, const link::DirectoryQuestion& question) {
  const auto own = mark();
  const auto step = std::upper_bound(steps_.begin(), steps_.end(), question.held.version);
  const std::uint64_t to = step == steps_.end() ? own.version : *step;
  ++node_.tasks_;
  node_.engine_.run(false, [this, peer, held = question.held, to, context = node_.context_]() -> Finish {
    auto made = std::make_shared<Result<Offer>>([&]() -> Result<Offer> {
      LIAISON_TRY(const auto file, load_directory_file(context->ports.store, to));
      if (!file) return fail(Errc::not_found, "directory version " + std::to_string(to) + " is not kept");
      LIAISON_TRY(const auto base, load_directory_file(context->ports.store, held.version));
      const auto base_label = base ? directory::parse_label(*base) : Result<directory::Label>(fail(Errc::not_found));
      const bool same = base_label && base_label->hash == held.hash;
      LIAISON_TRY(Bytes delta, directory::make_delta(*file, same ? std::optional<ByteView>(*base) : std::nullopt));
      LIAISON_TRY(const auto label, directory::parse_label(*file));
      return Offer{held, {label.version, label.hash}, std::make_shared<const Bytes>(std::move(delta))};
    }());
    return [this, peer, made, own_then = context->directory->hash()] {
      --node_.tasks_;
      if (!*made) {
        node_.engine_.log(Severity::error, "no directory for " + peer + ": " + made->error().message());
        return node_.peer(peer).send_directory({mark(), 0, 0, {}});
      }
      if (own_then != mark().hash) return send_piece(peer, **made, 0);  // a newer one is in force: not kept
      offers_.push_back(**made);
      std::size_t bytes = 0;
      for (auto offer = offers_.rbegin(); offer != offers_.rend(); ++offer) bytes += (*offer).delta->size();
      for (; bytes > limits::directory_offers_bytes_max && offers_.size() > 1; offers_.pop_front()) bytes -= offers_.front().delta->size();
      send_piece(peer, offers_.back(), 0);
    };
  });
}

}  // namespace liaison::exchange
