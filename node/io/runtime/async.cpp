// The parts of the coroutine helpers that need no template.
#include "io/runtime/async.h"

#include <boost/system/system_error.hpp>

#include "io/runtime/log.h"

namespace liaison::runtime {

std::string describe(std::exception_ptr exception) {
  try {
    std::rethrow_exception(exception);
  } catch (const boost::system::system_error& error) {
    return error.code().message();
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    return "unknown exception";
  }
}

void log_task_end(std::string_view task, const std::optional<std::string>& crash) {
  if (crash) log_line(Level::error, "task_failed", {{"task", task}, {"why", *crash}});
}

asio::awaitable<void> wait_until(std::chrono::steady_clock::time_point when) {
  auto executor = co_await asio::this_coro::executor;
  asio::steady_timer timer(executor, when);
  auto outcome = co_await timer.async_wait(as_values);
  (void)outcome;
}

}  // namespace liaison::runtime
