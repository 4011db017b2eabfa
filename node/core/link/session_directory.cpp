// Directory frames of a ready session: notices, questions and pieces of an answer. What is in them is for exchange; here it is only who may say what when.
#include "core/link/session_state.h"

namespace liaison::link {
namespace {

Error not_now(const char* what) { return fail(Errc::conflict, what); }

}  // namespace

Result<void> Session::State::on(const DirectoryNoticeFrame& frame) {
  if (!directories) return fail(Errc::protocol_violation, "directory frames without the feature");
  events.push_back(DirectoryTold{frame.held});
  return {};
}

Result<void> Session::State::on(const DirectoryRequestFrame& frame) {
  if (!directories || directory_wanted) return fail(Errc::protocol_violation, "directory asked for again before the answer");
  if (frame.question.step == 0 && frame.question.offset != 0) return fail(Errc::protocol_violation, "directory asked for from the middle");
  directory_wanted = true;
  events.push_back(DirectoryAsked{frame.question});
  return {};
}

Result<void> Session::State::on(DirectoryPieceFrame frame) {
  if (!std::exchange(directory_asked, false)) return fail(Errc::protocol_violation, "piece of a directory not asked for");
  const DirectoryPiece& piece = frame.piece;
  const bool inside = piece.offset <= piece.total && piece.bytes.size() <= piece.total - piece.offset;
  if (!inside || (piece.total != 0 && piece.bytes.empty())) return fail(Errc::bad_frame, "piece of a directory");
  events.push_back(DirectoryCame{std::move(frame.piece)});
  return {};
}

bool Session::passes_directories() const { return ready() && state_->directories; }

Result<void> Session::tell_directory(const DirectoryMark& held) {
  if (!passes_directories()) return not_now("the peer takes no directories");
  state_->push_control(encode(DirectoryNoticeFrame{held}));
  return {};
}

Result<void> Session::ask_directory(const DirectoryQuestion& question) {
  if (!passes_directories() || state_->directory_asked) return not_now("no question now");
  state_->directory_asked = true;
  state_->push_control(encode(DirectoryRequestFrame{question}));
  return {};
}

Result<void> Session::send_directory(DirectoryPiece piece) {
  if (!passes_directories() || !state_->directory_wanted) return not_now("no directory wanted");
  if (piece.bytes.size() > limits::directory_piece_bytes_max) return fail(Errc::invalid_argument, "piece of a directory");
  state_->directory_wanted = false;
  state_->push_control(encode(DirectoryPieceFrame{std::move(piece)}));
  return {};
}

}  // namespace liaison::link
