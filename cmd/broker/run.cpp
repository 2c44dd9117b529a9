#include "cmd/broker/run.h"

#include <spdlog/details/null_mutex.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include "base/text.h"
#include "base/units.h"
#include "broker/program.h"
#include "cmd/broker/config_file.h"
#include "cmd/broker/listen.h"
#include "cmd/cluster.h"
#include "cmd/exit.h"
#include "local/starter.h"
#include "os/limits.h"
#include "os/process.h"
#include "os/stdio.h"

namespace bobbin::cmd {
namespace {

// stderr is the broker's log file, or in the foreground whatever somebody gave it. One that nobody reads must not hold up
// the broker: it is waited for once, then lines are lost until it takes some again. Used by the deciding thread alone.
class StderrSink final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t text;
    formatter_->format(message, text);
    is_read_ = os::complain(Bytes(text.data(), text.size()), is_read_ ? wait_ms : 0);
  }
  void flush_() override {}

  static constexpr int64_t wait_ms = 500;
  bool is_read_ = true;
};

// A line of the log: when, and what.
std::function<void(const std::string&)> logger() {
  auto log = std::make_shared<spdlog::logger>("broker", std::make_shared<StderrSink>());
  log->set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %v");
  return [log](const std::string& line) { log->info("{}", escaped_for_line(line)); };
}

Result<BrokerId> which(const Arguments& arguments) {
  BOBBIN_TRY_ASSIGN(id, arguments.number("id", 1, INT32_MAX));
  if (id) return BrokerId(static_cast<int32_t>(*id));
  BOBBIN_TRY_ASSIGN(words, broker_ids(arguments));
  if (words.size() > 1) return error(Errc::usage, "--foreground runs one broker; name one id");
  return words.empty() ? BrokerId(1) : words[0];
}

Result<broker::ProgramOptions> read(const Arguments& arguments) {
  broker::ProgramOptions options;
  BOBBIN_TRY_ASSIGN(cluster, local_cluster(arguments));
  BOBBIN_TRY_ASSIGN(id, which(arguments));
  BOBBIN_TRY_ASSIGN(configs, static_configs(cluster.config_file(), arguments.all("set"), !arguments.has("foreground")));
  BOBBIN_TRY_ASSIGN(ready, arguments.number("ready-fd", 3, 1 << 20));
  options.dir = cluster;
  options.id = id;
  options.static_configs = configs;
  options.settings = arguments.all("set");
  constexpr std::string_view listeners = "listeners=";
  for (const std::string& setting : options.settings)
    if (setting.starts_with(listeners)) options.listeners = setting.substr(listeners.size());
  options.foreground = arguments.has("foreground");
  options.by_person = options.foreground || arguments.has("by-person");
  options.again = arguments.has("again");
  options.ready_fd = ready ? static_cast<int>(*ready) : -1;
  options.version = BOBBIN_VERSION;
  return options;
}

}  // namespace

int be_broker(const Arguments& arguments) {
  auto options = read(arguments);
  if (!options) {
    // The starter waits for a word.
    auto ready = arguments.number("ready-fd", 3, 1 << 20);
    if (ready && *ready) os::tell_failed(os::Fd(static_cast<int>(**ready)), options.error());
    return fail(options.error(), "broker run");
  }
  if (options->foreground) {
    local::StartOptions start{.timeout_ms = 10'000, .say = logger()};
    if (Status ready = local::prepare(options->dir.root, options->id, start); !ready) return fail(ready.error());
    auto listen = listen_of(arguments, options->static_configs);
    if (!listen) return fail(listen.error(), "broker start");
    if (*listen) options->listeners = (*listen)->listener;
    if (*listen && (*listen)->insecure) options->static_configs["insecure.listen.enable"] = "true";
  }
  if (options->listeners) options->static_configs["listeners"] = *options->listeners;
  options->say = logger();
  for (const std::string& line : without_effect(options->static_configs)) options->say(line);
  os::raise_soft_limits();
  std::string kept;
  for (const std::string& limit : os::inherited_limits()) kept += (kept.empty() ? "" : "; ") + limit;
  if (!kept.empty()) options->say("limits of whoever started this broker, which it cannot lift: " + kept);
  Status status = broker::run_program(*options);
  return status ? exit_done : fail(status.error());
}

namespace {

constexpr Option options[] = {
    {.name = "id", .value = "N", .doc = "The broker's id."},
    {.name = "ready-fd", .value = "N", .doc = "Where to say that it is ready."},
    {.name = "by-person", .doc = "Somebody asked for it: it does not end when idle."},
    {.name = "again", .doc = "It ran here before: its folder is not made anew."},
    {.name = "listen", .value = "HOST:PORT", .doc = "TCP listener."},
    {.name = "insecure-listen", .doc = "See broker start."},
    {.name = "set", .value = "NAME=VALUE", .doc = "A config.", .repeats = true},
    {.name = "foreground", .doc = "Log to stderr."},
};

}  // namespace

extern constinit const Command broker_run{
    .name = "broker run",
    .arguments = "",
    .summary = "Be a broker",
    .description = "What broker start and auto-start execute.",
    .options = options,
    .hidden = true,
    .run = be_broker,
};

}  // namespace bobbin::cmd
