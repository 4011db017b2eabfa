// What the directory asks of one peer: records flow or wait, versions are told and asked for, a session is ended for good, a queue is returned.
// On the engine's thread; the decisions are those of directory_keeper.h.
#include "core/exchange/peer.h"

namespace liaison::exchange {

bool Peer::may_exchange() {
  gate_closed_ = !host_.may_exchange(id_);
  return !gate_closed_;
}

void Peer::look_at_gate() {
  if (gate_closed_ && session_ && may_exchange()) on_policy();
}

Result<void> Peer::tell_directory(const link::DirectoryMark& held) {
  if (!session_) return fail(Errc::peer_away, id_);
  LIAISON_CHECK(session_->tell_directory(held));
  flush_output();
  return {};
}

Result<void> Peer::ask_directory(const link::DirectoryQuestion& question) {
  if (!session_) return fail(Errc::peer_away, id_);
  LIAISON_CHECK(session_->ask_directory(question));
  flush_output();
  return {};
}

void Peer::send_directory(link::DirectoryPiece piece) {
  if (!session_) return;
  if (auto sent = session_->send_directory(std::move(piece)); !sent) return host_.engine().log(Severity::warning, "no directory to " + id_ + ": " + sent.error().message());
  flush_output();
}

void Peer::shut_out(const Error& error) {
  if (waiting_session_ != 0) {
    host_.engine().emit(DropSession{std::exchange(waiting_session_, 0), std::string(name(error.code))});
    waiting_bytes_.clear();
  }
  if (session_id_ == 0) {
    last_reason_ = error.message();
    return;
  }
  host_.engine().emit(DropSession{session_id_, std::string(name(error.code))});
  close(error);
}

}  // namespace liaison::exchange
