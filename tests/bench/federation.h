// A federation of real liaison-node processes for measuring: keys, country CA, certificates, signed directory and settings made with the product's own code
// in a fresh folder, free ports, one officer and one administrator per node. Stops the program with a clear line when a step fails.
#pragma once
#include <sys/types.h>

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "io/bus/client.h"

namespace liaison::bench {

struct NodePlace {
  std::string agency;
  std::filesystem::path folder, settings, log;
  std::string bus;              // ipc endpoint of requests
  std::string bus_key_z85;
  std::uint16_t port = 0;
  bus::CurveKeys administrator, officer;
  pid_t process = 0;
};

// What the kernel says of a process.
struct Usage {
  double cpu_seconds = 0;
  std::size_t anonymous_bytes = 0;
};

class Federation {
 public:
  // `ke.ncb` is the bureau of the other agencies of its country, `int.gs` the one above it; bureaus pass on, everything disclosed.
  Federation(std::filesystem::path folder, std::filesystem::path node_program, const std::vector<std::string>& agencies);
  ~Federation();  // ends the nodes
  void start(const std::string& agency);   // and waits until it answers
  void kill(const std::string& agency);    // SIGKILL
  std::unique_ptr<bus::BusClient> client(const std::string& agency, bool administrator = false);
  Usage usage(const std::string& agency) const;
  NodePlace& place(const std::string& agency) { return places_.at(agency); }

 private:
  void make_keys(NodePlace& place);
  void write_settings(NodePlace& place);
  void add_officer(NodePlace& place);
  std::filesystem::path folder_, program_;
  std::map<std::string, NodePlace> places_;
  Bytes directory_;
  std::string pin_;
};

[[noreturn]] void stop(const std::string& what);
template <class T>
T must(Result<T> result, const std::string& what) {
  if (!result) stop(what + ": " + result.error().message());
  return std::move(*result);
}
inline void must(Result<void> result, const std::string& what) {
  if (!result) stop(what + ": " + result.error().message());
}

}  // namespace liaison::bench
