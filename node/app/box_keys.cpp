// The node's box keys follow the directory: the one that peers seal to now is in use, and one is destroyed 30 days after the end of its registration. The audit log
// says so first; a stop in between is made up for at the next look.
#include "app/shell.h"
#include "core/directory/box_keys.h"
#include "io/runtime/log.h"

namespace liaison::app {

void Shell::choose_box_key() {
  const auto held = keys_->box_keys();
  const auto plan = directory::plan_box_keys(*directory_, settings_.agency, held, clock_.now());
  if (plan.current) keys_->use_box_key(*plan.current);
}

void Shell::destroy_old_box_keys() {
  const auto held = keys_->box_keys();
  for (const Hash& key : directory::plan_box_keys(*directory_, settings_.agency, held, clock_.now()).destroy) {
    audit::Entry entry = node_->context()->entry(audit::Event::key);
    entry.reason = "box_destroyed";
    exchange::WriteSet set;
    set.ops.push_back(exchange::append_audit(entry));
    node_->engine().commit(std::move(set), [this, key](exchange::Outcome outcome) {
      if (outcome != exchange::Outcome::committed) return;
      const auto destroyed = keys_->destroy_box_key(key);
      runtime::log_line(destroyed ? runtime::Level::info : runtime::Level::error, "box_key_destroyed", {{"key", to_base64(key)}, {"what", destroyed ? "30 days after its end" : destroyed.error().message()}});
    });
  }
}

}  // namespace liaison::app
