// A scenario: agencies, people, a network and what goes wrong, run step by step in an order drawn from one seed, under a virtual clock. First trouble,
// then everything is healed and must come to rest, then check.cpp judges what is left. The first problem ends the scenario. One thread.
#pragma once
#include "tests/sim/network.h"
#include "tests/sim/site.h"

namespace liaison::sim {

// How likely what is, per mille of the steps in which it could happen; drawn per seed, many of them 0, so that scenarios differ in kind.
struct Trouble {
  std::uint64_t crash = 0, crash_at_commit = 0, lost_connection = 0, partition = 0, clock_jump = 0, commit_fault = 0, missing_key = 0, tampering = 0, erased_body = 0,
      read_failure = 0, double_dial = 0, slow_store = 0, directory = 0;
  bool restore = false;
};

inline constexpr std::uint64_t repair_token_base = std::uint64_t{1} << 40;  // above: requests of administrators, not of People

enum class Mutation : std::uint8_t {
  none,
  acknowledge_before_commit,
  drop_audit,
  deliver_twice,
  lose_outbox_row,
  skip_root_check,
  drop_void,
  hide_copy,
  lose_inbox_row,
  lose_receipt,
  lose_onward_row,
  lose_report,
};

struct Scenario {
  std::uint64_t seed = 1;
  std::size_t sites = 2, submissions = 6, trouble_steps = 600;
  Trouble trouble;
  bool relayed = false;                              // the agencies of federation().chain, records over bureaus
  Mutation mutation = Mutation::none;
  Tampering::Kind hostile = Tampering::Kind::none;  // what hostile connections do; none: drawn
  bool fork = false;  // the first two agencies go back to old copies and talk, then the second one's newer copy comes back; people repair what stops
};
Scenario draw_scenario(std::uint64_t seed);

class World {
 public:
  explicit World(const Scenario& scenario, std::ostream* trace = nullptr);
  ~World();
  // The first thing that is not as promised; nothing: all is well.
  std::optional<std::string> run();
  std::uint64_t steps() const { return steps_; }
  const std::vector<std::unique_ptr<Site>>& sites() const { return sites_; }
  std::uint64_t frames_changed() const { return network_.tampered(); }
  const std::map<std::string, std::uint64_t>& happened() const { return happened_; }

 private:
  enum class Kind : std::uint8_t { task, finish, commit, completion, tick, network, person, dial, restart, pass_time };
  struct Move {
    Kind kind{};
    std::size_t site = 0, other = 0;
    Network::Move network;
    People::Move person;
  };
  void problem(std::string what);
  void note(const std::string& line);
  void count(const std::string& what) { ++happened_[what]; }
  void plan_submissions();
  void plan_mutation();
  void run_steps(std::uint64_t until);

  // one step
  std::vector<Move> moves(bool troubled) const;
  Move choose();
  void perform(const Move& move);
  void drain(std::size_t site);
  void act(std::size_t site, exchange::Action& action);
  void run_task(Site& site);
  void commit_group(std::size_t site);
  void dial(std::size_t from, std::size_t to);

  // repairs.cpp
  void fork();
  void put_back(std::size_t site, const support::MemoryStore::State& state);
  void decide_repairs();
  bool repaired() const;
  std::optional<std::string> check_repairs() const;

  // directories.cpp
  void publish(std::size_t site, const Bytes& file);
  DirectoryEdit next_version() const;
  Bytes issue(const DirectoryEdit& edit);
  void play_directory(std::size_t at);
  void publish_last();
  bool directory_settled() const;

  // trouble.cpp
  void make_trouble();
  void crash(std::size_t site);
  void restart(std::size_t site);
  void erase_body(Site& site);
  void script_faults(Site& site, std::size_t sets);
  Tampering draw_tampering(const std::string& agency);
  void heal();
  bool come_to_rest();
  bool at_rest() const;

  Scenario scenario_;
  struct {                                           // of the directory
    std::uint64_t version = 1;
    Hash hash = federation().directory->hash();
    std::uint8_t authority = first_authority;
    bool twins = false;                              // two texts of the last version are about
    std::optional<Bytes> change, last;               // the version that changed the authorities, and the one that ends it
  } authors_;
  Chance chance_;
  std::ostream* trace_;
  Time now_ = scenario_start;
  std::vector<std::unique_ptr<Site>> sites_;
  Network network_;
  std::map<std::pair<std::size_t, std::size_t>, Time> redial_at_;
  std::map<std::string, std::uint64_t> happened_;
  std::optional<std::string> problem_;
  std::uint64_t steps_ = 0, repair_tokens_ = 0;
  bool troubled_ = true;
};

}  // namespace liaison::sim
