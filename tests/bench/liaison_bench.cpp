// The bench table: sustained rate, CPU per record beside its cryptography, latency, memory, and draining after an outage, on real nodes with real clients.
// liaison_bench [--seconds N] [--queued N] [--relay] [--folder DIR]: prints one table; no thresholds here, the numbers are for people and for comparing ratios in one run.
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <fstream>
#include <mutex>
#include <sstream>
#include <thread>

#include "core/form/import.h"
#include "schemas/api_generated.h"
#include "tests/bench/crypto_cost.h"
#include "tests/bench/federation.h"

namespace {
using namespace liaison;
using namespace liaison::bench;
using SteadyClock = std::chrono::steady_clock;

struct Options {
  int seconds = 20;
  int queued = 20000;
  int rate = 200;
  bool relay = false;
  std::string folder;
  std::string node;
};

Bytes sample_message() {
  std::ifstream in(std::string(LIAISON_SOURCE_DIR) + "/integration/examples/cn-pangolin-guangxi.json");
  std::stringstream text;
  text << in.rdbuf();
  form::ImportOptions options;
  options.fill_unknown = "en";
  auto imported = form::import_json(text.str(), options);
  if (!imported.message) stop("the example message cannot be imported");
  return *imported.message;
}

class Submitter {
 public:
  Submitter(Bytes message, std::string channel) : message_(std::move(message)), channel_(std::move(channel)) {}
  Bytes call(std::uint64_t number, bool urgent) {
    flatbuffers::FlatBufferBuilder builder(message_.size() + 512);
    Uuid id;
    std::memcpy(id.bytes.data(), &number, sizeof number);
    std::memcpy(id.bytes.data() + 8, &start_, sizeof start_);
    const auto submission = builder.CreateVector(id.bytes.data(), id.bytes.size());
    const auto kind = builder.CreateString("ecomessage");
    const auto message = builder.CreateVector(message_);
    const auto to = builder.CreateVectorOfStrings({"int.gs"});
    const auto reason = builder.CreateString("bench");
    const auto channel = builder.CreateString(channel_);
    api::SubmitBuilder submit(builder);
    submit.add_submission(submission);
    submit.add_kind(kind);
    submit.add_message(message);
    submit.add_to(to);
    submit.add_urgency(urgent ? 1 : 2);
    submit.add_urgency_reason(reason);
    submit.add_channel(channel);
    const auto offset = submit.Finish();
    builder.Finish(api::CreateCall(builder, api::Request::Submit, offset.Union()));
    return {builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()};
  }

 private:
  Bytes message_;
  std::string channel_;
  std::uint64_t start_ = static_cast<std::uint64_t>(SteadyClock::now().time_since_epoch().count());
};

Bytes fetch_call(std::uint64_t done) {
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(api::CreateCall(builder, api::Request::Fetch, api::CreateFetch(builder, done, 256).Union()));
  return {builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()};
}

// Follows the inbox of the receiving node; counts and time-stamps what it gets.
class Subscriber {
 public:
  explicit Subscriber(Federation& federation) : client_(federation.client("int.gs")) {
    must(client_->subscribe("inbox"), "subscribe");
    thread_ = std::thread([this] { run(); });
  }
  ~Subscriber() {
    ending_ = true;
    thread_.join();
  }
  std::uint64_t count() const { return count_; }
  void wait_for(std::uint64_t wanted, std::chrono::seconds limit) { wait(count_, wanted, limit); }

 private:
  void wait(const std::atomic<std::uint64_t>& counter, std::uint64_t wanted, std::chrono::seconds limit) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, limit, [&] { return counter >= wanted; }))
      stop("only " + std::to_string(counter.load()) + " of " + std::to_string(wanted) + " were handed over");
  }
  void run() {
    std::uint64_t cursor = 0;
    while (!ending_) {
      auto reply = client_->request(fetch_call(cursor), Milliseconds(5000));
      if (!reply) continue;
      const auto* answer = flatbuffers::GetRoot<api::Answer>(reply->data());
      const auto* fetched = answer->reply_as_Fetched();
      if (fetched == nullptr) stop("fetch was refused");
      for (const auto* item : *fetched->items()) cursor = item->seq();
      {
        const std::scoped_lock lock(mutex_);
        count_ += fetched->items()->size();
      }
      changed_.notify_all();
      if (fetched->items()->size() == 0) (void)client_->next_event(Milliseconds(200)).has_value();
    }
  }
  std::unique_ptr<bus::BusClient> client_;
  std::atomic<std::uint64_t> count_{0};
  std::atomic<bool> ending_{false};
  std::mutex mutex_;
  std::condition_variable changed_;
  std::thread thread_;
};

// The load's own clock: records are due at fixed times, whatever the nodes do.
class Pacer {
 public:
  void wait_until(SteadyClock::time_point due) {
    std::unique_lock lock(mutex_);
    never_.wait_until(lock, due, [] { return false; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable never_;
};

double own_cpu() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6; };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// Keeps `window` submissions under way until `until`; answers how many were accepted.
std::uint64_t submit_for(bus::BusClient& client, Submitter& submitter, std::uint64_t& number, std::size_t window, SteadyClock::time_point until, std::uint64_t most = ~std::uint64_t{0}) {
  std::size_t under_way = 0;
  std::uint64_t accepted = 0, posted = 0;
  for (;;) {
    const bool more = SteadyClock::now() < until && posted < most;
    while (more && under_way < window && posted < most) {
      must(client.post(submitter.call(number++, false)), "post");
      ++under_way;
      ++posted;
    }
    if (under_way == 0) return accepted;
    auto reply = must(client.next_reply(Milliseconds(20000)), "answer");
    --under_way;
    if (reply.status == bus::Status::busy) continue;
    const auto* answer = flatbuffers::GetRoot<api::Answer>(reply.payload.data());
    if (answer->reply_as_Accepted() != nullptr) ++accepted;
    else if (answer->reply_as_Refusal() != nullptr) stop("refused: " + answer->reply_as_Refusal()->text()->str());
  }
}

void print(const char* what, double value, const char* unit) { std::printf("  %-52s %12.2f %s\n", what, value, unit); std::fflush(stdout); }

void sustained(Federation& federation, Subscriber& subscriber, Submitter& submitter, std::uint64_t& number, const Options& options) {
  auto client = federation.client("ke.customs");
  submit_for(*client, submitter, number, 64, SteadyClock::now() + std::chrono::seconds(1));
  const std::uint64_t warm = number;
  subscriber.wait_for(warm, std::chrono::seconds(20));
  const Usage a = federation.usage("ke.customs"), b = federation.usage("int.gs");
  const double own = own_cpu();
  const double relay_before = options.relay ? federation.usage("ke.ncb").cpu_seconds : 0;
  const auto start = SteadyClock::now();
  const std::uint64_t accepted = submit_for(*client, submitter, number, 512, start + std::chrono::seconds(options.seconds));
  subscriber.wait_for(warm + accepted, std::chrono::seconds(60));
  const double seconds = std::chrono::duration<double>(SteadyClock::now() - start).count();
  const Usage a2 = federation.usage("ke.customs"), b2 = federation.usage("int.gs");
  const double records = static_cast<double>(accepted);
  const double sender = (a2.cpu_seconds - a.cpu_seconds) / records * 1e6, receiver = (b2.cpu_seconds - b.cpu_seconds) / records * 1e6, clients = (own_cpu() - own) / records * 1e6;
  print("sustained, submitted to handed over", records / seconds, "records/s");
  print("CPU of everything", (sender + receiver + clients) * 1e-3, "s per 1,000");
  print("  sending node", sender, "us per record");
  print("  receiving node", receiver, "us per record");
  print("  both clients", clients, "us per record");
  if (options.relay) print("  relay", (federation.usage("ke.ncb").cpu_seconds - relay_before) / records * 1e6, "us per record");
  const double crypto = crypto_microseconds_per_record();
  print("  its cryptographic operations, measured alone", crypto, "us per record");
  print("  all the rest, as a ratio to them", (sender + receiver + clients - crypto) / crypto, "");
  print("memory under load, sending node", static_cast<double>(a2.anonymous_bytes) / 1048576, "MiB anonymous");
  print("memory under load, receiving node", static_cast<double>(b2.anonymous_bytes) / 1048576, "MiB anonymous");
}

void latency(Federation& federation, Subscriber& subscriber, Submitter& submitter, std::uint64_t& number, const Options& options) {
  auto client = federation.client("ke.customs");
  submit_for(*client, submitter, number, 4, SteadyClock::now() + std::chrono::milliseconds(500));
  subscriber.wait_for(number, std::chrono::seconds(60));
  // The hint comes when the record is durable at the receiver: that is delivered. Handing it over to a subscriber is one more transaction.
  auto desk = federation.client("int.gs");
  must(desk->subscribe("inbox"), "subscribe");
  submit_for(*client, submitter, number, 1, SteadyClock::now() + std::chrono::milliseconds(200));
  subscriber.wait_for(number, std::chrono::seconds(60));
  while (desk->next_event(Milliseconds(100))) {
  }
  std::vector<double> delivered, milliseconds;
  Pacer pacer;
  const auto start = SteadyClock::now();
  for (int i = 0; i < options.rate * 5; ++i) {
    const auto due = start + std::chrono::microseconds(1'000'000LL * i / options.rate);
    pacer.wait_until(due);
    const std::uint64_t before = subscriber.count();
    const auto begin = SteadyClock::now();
    must(client->post(submitter.call(number++, false)), "post");
    (void)must(desk->next_event(Milliseconds(10000)), "the hint").payload.size();
    delivered.push_back(std::chrono::duration<double, std::milli>(SteadyClock::now() - begin).count());
    subscriber.wait_for(before + 1, std::chrono::seconds(10));
    milliseconds.push_back(std::chrono::duration<double, std::milli>(SteadyClock::now() - begin).count());
    must(client->next_reply(Milliseconds(5000)), "answer");
  }
  std::sort(delivered.begin(), delivered.end());
  std::sort(milliseconds.begin(), milliseconds.end());
  print("submit to delivered at 200/s, p50", delivered[delivered.size() / 2], "ms");
  print("submit to delivered at 200/s, p99", delivered[delivered.size() * 99 / 100], "ms");
  print("submit to handed over at 200/s, p50", milliseconds[milliseconds.size() / 2], "ms");
  print("submit to handed over at 200/s, p99", milliseconds[milliseconds.size() * 99 / 100], "ms");
  print("  one flush of this disk, p50", flush_milliseconds(federation.place("int.gs").folder), "ms");
}

void outage(Federation& federation, Subscriber& subscriber, Submitter& submitter, std::uint64_t& number, const Options& options) {
  federation.kill("int.gs");
  auto client = federation.client("ke.customs");
  const auto queue_start = SteadyClock::now();
  const std::uint64_t queued = submit_for(*client, submitter, number, 512, queue_start + std::chrono::hours(1), static_cast<std::uint64_t>(options.queued));
  print("accepted while the peer is away", static_cast<double>(queued) / std::chrono::duration<double>(SteadyClock::now() - queue_start).count(), "records/s");
  federation.start("int.gs");
  auto desk = federation.client("int.gs");
  must(desk->subscribe("urgent"), "subscribe");
  // ask the sender to dial now, as the duty desk would
  auto administrator = federation.client("ke.customs", true);
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(api::CreateCall(builder, api::Request::Reconnect, api::CreateReconnect(builder, builder.CreateString("int.gs")).Union()));
  must(administrator->request(ByteView(builder.GetBufferPointer(), builder.GetSize()), Milliseconds(5000)), "reconnect");
  const std::uint64_t before = subscriber.count();
  const auto start = SteadyClock::now();
  subscriber.wait_for(before + queued / 4, std::chrono::seconds(120));
  const auto urgent_start = SteadyClock::now();
  must(client->post(submitter.call(number++, true)), "post");
  (void)must(desk->next_event(Milliseconds(60000)), "the urgent hint").payload.size();
  print("urgent record while draining, until the desk is told", std::chrono::duration<double, std::milli>(SteadyClock::now() - urgent_start).count(), "ms");
  subscriber.wait_for(number, std::chrono::seconds(300));
  print("draining the queue", static_cast<double>(queued) / std::chrono::duration<double>(SteadyClock::now() - start).count(), "records/s");
  print("memory after draining, sending node", static_cast<double>(federation.usage("ke.customs").anonymous_bytes) / 1048576, "MiB anonymous");
}
}  // namespace

int main(int argc, char** argv) {
  CLI::App program{"Measures two nodes and their clients on this machine."};
  Options options;
  options.node = std::filesystem::path(argv[0]).parent_path() / "liaison-node";
  program.add_option("--seconds", options.seconds, "length of the sustained run");
  program.add_option("--queued", options.queued, "records queued during the outage; 0: no outage");
  program.add_flag("--relay", options.relay, "over a bureau that passes everything on; no outage is played");
  program.add_option("--folder", options.folder, "where the nodes live (default: a new folder in /var/tmp)");
  program.add_option("--node", options.node, "the liaison-node program");
  CLI11_PARSE(program, argc, argv);
  std::string folder = options.folder.empty() ? "/var/tmp/liaison-bench-XXXXXX" : options.folder;
  if (options.folder.empty() && ::mkdtemp(folder.data()) == nullptr) stop("cannot make a folder");
  Submitter submitter(sample_message(), options.relay ? "interpol" : "customs");
  std::uint64_t number = 0;
  {
    const auto agencies = options.relay ? std::vector<std::string>{"ke.customs", "ke.ncb", "int.gs"} : std::vector<std::string>{"ke.customs", "int.gs"};
    Federation federation(folder, options.node, agencies);
    for (const auto& agency : agencies) federation.start(agency);
    std::printf("Liaison bench: message of %zu bytes, %s, all nodes and clients on %u cores\n", sample_message().size(), options.relay ? "over the bureau ke.ncb" : "node to node",
                std::thread::hardware_concurrency());
    print("idle memory of a node", static_cast<double>(federation.usage("int.gs").anonymous_bytes) / 1048576, "MiB anonymous");
    Subscriber subscriber(federation);
    latency(federation, subscriber, submitter, number, options);
    sustained(federation, subscriber, submitter, number, options);
    if (options.queued > 0 && !options.relay) outage(federation, subscriber, submitter, number, options);
  }
  if (options.folder.empty()) std::filesystem::remove_all(folder);
  return 0;
}
