// People and programs at one agency: an officer who submits and asks again until there is an answer, two subscribers who fetch by cursor and act once
// per message, and a protection officer who asks for checkpoints. What they remember is what they were promised; check.cpp compares it with the stores.
#pragma once
#include <deque>
#include <functional>
#include <optional>

#include "core/exchange/rows.h"
#include "schemas/api_generated.h"
#include "tests/sim/chance.h"

namespace liaison::sim {

struct Submission {
  Uuid id{};
  Bytes call;
  std::vector<std::string> to;
  bool urgent = false;
  std::optional<exchange::RecordKey> accepted;
  std::string refused;                       // final code
  std::uint64_t waiting_for = 0;             // token of the request under way
  bool forgotten_by_restore = false;         // accepted before its node went back to an older store
  std::string channel = "customs";
};
struct Seen {
  std::uint64_t seq = 0;
  exchange::RecordKey record;
};
struct Subscriber {
  std::string name;
  std::uint64_t done = 0;                    // last seq acted upon
  std::vector<Seen> seen;
  std::uint64_t waiting_for = 0;
  bool caught_up = false;                    // the last answer held nothing new
};

class People {
 public:
  enum class Ask : std::uint8_t { submit, submit_again, submit_other, fetch, checkpoint };
  struct Move {
    Ask ask{};
    std::size_t number = 0;
  };
  using Send = std::function<void(std::uint64_t token, const std::string& person, Bytes call)>;
  using Problem = std::function<void(const std::string&)>;

  People(Chance& chance, std::string agency, Send send, Problem problem);
  static std::vector<std::pair<std::string, exchange::PersonRow>> persons();

  void plan(Submission submission) { submissions_.push_back(std::move(submission)); }
  std::vector<Move> moves(bool curious) const;   // curious: also what is not needed to come to an end
  void run(const Move& move);
  void on_reply(std::uint64_t token, ByteView answer);
  void on_crash();                               // requests under way get no answer
  void on_restore();
  bool satisfied() const;
  bool waiting() const;                          // for an answer that must come

  const std::deque<Submission>& submissions() const { return submissions_; }
  std::deque<Submission>& submissions() { return submissions_; }
  const std::array<Subscriber, 2>& subscribers() const { return subscribers_; }
  const std::vector<std::string>& checkpoints() const { return checkpoints_; }
  // Shown to a person: every item must have been audited before the answer left.
  std::function<void(const std::string& person, const std::vector<exchange::RecordKey>&)> on_shown;

 private:
  void ask(std::uint64_t& waiting_for, const std::string& person, Bytes call);
  void on_submitted(Submission& submission, const api::Answer& answer);
  void on_fetched(Subscriber& subscriber, const api::Answer& answer);
  Chance& chance_;
  std::string agency_;
  Send send_;
  Problem problem_;
  std::deque<Submission> submissions_;
  std::array<Subscriber, 2> subscribers_;
  std::vector<std::string> checkpoints_;
  std::uint64_t next_token_ = 1, other_waits_for_ = 0, checkpoint_waits_for_ = 0;
};

// A Call with this submission.
struct Draft {
  Uuid id{};
  std::vector<std::string> to;
  bool urgent = false;
  Time expires{};
  std::string channel{};                     // empty: the default of the agency
};
Bytes submit_call(const Draft& draft);

}  // namespace liaison::sim
