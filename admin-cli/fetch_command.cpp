// See fetch_command.h. With --follow it waits for the node's events; they are hints, so it also looks without one from time to time.
#include "admin-cli/fetch_command.h"

#include <csignal>
#include <filesystem>
#include <memory>
#include <ostream>

#include "admin-cli/message_file.h"
#include "admin-cli/node_client.h"
#include "admin-cli/print.h"
#include "core/form/export.h"

namespace liaison::cli {
namespace {
using Flat = flatbuffers::FlatBufferBuilder;
constexpr Milliseconds look_again = Seconds(10);

struct FetchOrder {
  std::string folder;
  bool follow = false, keep = false;
  std::uint64_t most = 64;
};

volatile std::sig_atomic_t asked_to_stop = 0;
void on_signal(int) { asked_to_stop = 1; }

// The file of one record: its number first, so that they sort as they came.
std::string file_of(const FetchOrder& order, const api::FetchedItem& item) {
  std::string number = std::to_string(item.seq());
  number.insert(0, number.size() < 10 ? 10 - number.size() : 0, '0');
  return (std::filesystem::path(order.folder) / (number + "-" + string_of(item.from()) + "-" + id_of(item.record()) + ".json")).string();
}

Result<void> put_out(const FetchOrder& order, const Context& context, const api::FetchedItem& item) {
  std::string file;
  if (!order.folder.empty()) {
    file = file_of(order, item);
    LIAISON_TRY(const std::string json, form::export_json(bytes_of(item.message())));
    LIAISON_CHECK(write_export(file, json));
  }
  if (context.json) {
    // One line per record: what write_json breaks into lines holds no line feed inside a text.
    context.out() << "{\"seq\":" << item.seq() << ",\"from\":\"" << string_of(item.from()) << "\",\"record\":\"" << id_of(item.record()) << "\",\"version\":" << item.version()
                  << ",\"urgency\":\"" << (item.urgency() == 1 ? "urgent" : "routine") << "\",\"received\":\"" << to_string(time_from_millis(item.received_ms())) << "\"}\n";
  } else {
    context.out() << item.seq() << "  " << utc_of_millis(item.received_ms()) << "  " << string_of(item.from()) << "  " << (item.urgency() == 1 ? "urgent " : "routine") << "  "
                  << id_of(item.record()) << (file.empty() ? "" : "  " + file) << "\n";
  }
  context.out().flush();
  return context.out() ? Result<void>{} : Result<void>(fail(Errc::disk_full, "standard output takes no more; the cursor was not moved"));
}

// One page: acknowledges what was put out before, takes what is new. True: there may be more.
Result<bool> take_page(NodeClient& client, const FetchOrder& order, const Context& context, std::uint64_t& done) {
  Flat builder;
  LIAISON_TRY(const auto page, client.ask<api::Fetched>(builder, api::CreateFetch(builder, order.keep ? 0 : done, static_cast<std::uint32_t>(order.most))));
  if (page->items() == nullptr || page->items()->size() == 0) return false;
  for (const auto* item : *page->items()) {
    LIAISON_CHECK(put_out(order, context, *item));
    done = item->seq();
  }
  return !order.keep;
}

Result<void> fetch(const FetchOrder& order, Context& context) {
  if (order.keep && order.follow) return fail(Errc::invalid_argument, "--keep shows the same page for ever with --follow; take one of them");
  LIAISON_TRY(auto client, NodeClient::open(context, order.follow ? NodeClient::Events::subscribed : NodeClient::Events::none));
  std::signal(SIGINT, on_signal);
  std::signal(SIGTERM, on_signal);
  std::uint64_t done = 0;
  for (;;) {
    LIAISON_TRY(const bool more, take_page(client, order, context, done));
    if (more && asked_to_stop == 0) continue;
    if (!order.follow || asked_to_stop != 0) return {};
    LIAISON_CHECK(client.wait_for_event(look_again));
  }
}
}  // namespace

Action bind_fetch(Options& options) {
  auto order = std::make_shared<FetchOrder>();
  options.text("--into", order->folder, "also write each message as a form file into this folder");
  options.flag("--follow", order->follow, "wait for more until interrupted");
  options.flag("--keep", order->keep, "look at the next page without moving the cursor");
  options.number("--page", order->most, "records per request, up to 256");
  return [order](Context& context) { return finish(context, fetch(*order, context)); };
}

}  // namespace liaison::cli
