// What the pure node asks its shell to do: actions, and the table of what is under way. One thread; no I/O.
// The shell runs actions in order, then reports commits and finished tasks back; results of tasks run on the engine's thread again.
#pragma once
#include <deque>
#include <functional>
#include <unordered_map>
#include <variant>

#include "core/directory/directory.h"
#include "core/exchange/ports.h"

namespace liaison::exchange {

using SessionId = std::uint64_t;
using RequestToken = std::uint64_t;
using JobId = std::uint64_t;

struct SendBytes { SessionId session; Bytes bytes; };
struct CloseSession { SessionId session; std::string reason; };
struct DropSession { SessionId session; std::string reason; };  // at once: what is queued for it is not sent any more; its end is not told
struct CommitSet { JobId job; WriteSet set; };
// `work` runs on a pool thread over immutable inputs; what it returns runs on the engine's thread.
using Finish = std::function<void()>;
struct RunTask { bool urgent; std::function<Finish()> work; };
struct SendReply { RequestToken token; Bytes answer; };
struct PublishHint { std::string topic; Bytes payload; };      // a hint without content: subscribers fetch
struct RedialPeer { std::string peer; };
struct UseDirectory { std::shared_ptr<const directory::Directory> directory; };  // admission, dialling: from now on
struct AskAround {};                                                              // dial everybody who is not connected, once, whoever dials usually
enum class Severity : std::uint8_t { info, warning, error };
struct LogEvent { Severity severity; std::string text; };      // ids, codes and sizes only
using Action = std::variant<SendBytes, CloseSession, CommitSet, RunTask, SendReply, PublishHint, RedialPeer, UseDirectory, AskAround, DropSession, LogEvent>;

class Engine {
 public:
  explicit Engine(Ports ports) : ports_(ports) {}
  const Ports& ports() const { return ports_; }
  Time now() const { return ports_.clock.now(); }

  void emit(Action action) { actions_.push_back(std::move(action)); }
  void commit(WriteSet set, std::function<void(Outcome)> then);
  void run(bool urgent, std::function<Finish()> work) { emit(RunTask{urgent, std::move(work)}); }
  void log(Severity severity, std::string text) { emit(LogEvent{severity, std::move(text)}); }
  // Durable, audited, shown by `liaison status`; the same code and text once per start. `effects` is what changes with it, in the same transaction;
  // such an alarm is never left out. What cannot be stored is tried again at every tick, unless a precondition does not hold any more.
  void alarm(std::string code, std::string text, const std::function<Op()>& audit_op, WriteSet effects = {});
  // Tried once; `then` hears what came of it.
  void commit_alarm(std::string code, std::string text, const std::function<Op()>& audit_op, WriteSet effects, std::function<void(Outcome)> then);
  void store_alarms_again();

  void on_committed(JobId job, Outcome outcome);
  std::vector<Action> take_actions() { return std::exchange(actions_, {}); }
  bool idle() const { return waiting_.empty() && alarms_not_stored_.empty(); }

 private:
  void add_alarm(std::string code, std::string text, const std::function<Op()>& audit_op, WriteSet& set);
  void commit_alarm(WriteSet set);

  Ports ports_;
  std::vector<Action> actions_;
  std::unordered_map<JobId, std::function<void(Outcome)>> waiting_;
  std::vector<std::string> alarms_raised_;
  std::vector<WriteSet> alarms_not_stored_;
  JobId next_job_ = 1;
  std::uint32_t alarm_number_ = 0;
};

}  // namespace liaison::exchange
