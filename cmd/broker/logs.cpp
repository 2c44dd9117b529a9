#include "base/ids.h"
#include "base/text.h"
#include "cmd/cluster.h"
#include "cmd/exit.h"
#include "cmd/output/output.h"
#include "os/posix/storage.h"
#include "os/signals.h"
#include "os/stdio.h"
#include "os/wait.h"
#include "os/watch.h"

namespace bobbin::cmd {
namespace {

// One log file and how far it was printed.
struct Tail {
  BrokerId id;
  std::string path;
  uint64_t at = 0;
};

constexpr size_t piece_bytes = 1 << 20;

Error hole(const Tail& tail) {
  std::string at = std::to_string(tail.at);
  return error(Errc::damaged, tail.path + " is damaged: from byte " + at +
                                  " on there is no text, only a hole; `truncate -s " + at + "` takes it away");
}

// Appends what is new, whole lines, each after the broker's id where there are several.
Status read_new(Tail& tail, bool several, std::string& out) {
  os::PosixStorage storage;
  auto file = storage.open(tail.path, os::Open::read);
  if (!file && file.error().code == Errc::not_found) return {};
  if (!file) return std::move(file).error();
  BOBBIN_TRY_ASSIGN(size, (*file)->size());
  if (size < tail.at) tail.at = 0;  // begun anew
  std::string text(std::min<uint64_t>(size - tail.at, piece_bytes), '\0');
  BOBBIN_TRY_ASSIGN(got, (*file)->read(std::span<char>(text.data(), text.size()), tail.at));
  text.resize(got);
  if (got == piece_bytes && text.find_first_not_of('\0') == std::string::npos) return hole(tail);
  size_t end = text.rfind('\n');
  bool whole = tail.at + got == size;
  if (end == std::string::npos && !whole && got == piece_bytes) end = got - 1;
  if (end == std::string::npos) return {};
  text.resize(end + 1);
  tail.at += text.size();
  for (size_t i = 0; i < text.size();) {
    size_t newline = std::min(text.find('\n', i), text.size() - 1);
    if (several) out += to_string(tail.id) + ": ";
    out.append(text, i, newline + 1 - i);
    i = newline + 1;
  }
  return {};
}

Result<bool> print_new(std::vector<Tail>& tails) {
  bool terminal = os::is_terminal(os::stdout_fd);
  for (Tail& tail : tails) {
    while (true) {
      std::string out;
      BOBBIN_TRY(read_new(tail, tails.size() > 1, out));
      if (out.empty()) break;
      Status written = os::write_all(os::stdout_fd, terminal ? escaped_for_terminal(out) : out);
      if (!written && written.error().code == Errc::disconnected) return false;
      BOBBIN_TRY(std::move(written));
    }
  }
  return true;
}

Result<int> follow(std::vector<Tail>& tails) {
  BOBBIN_TRY_ASSIGN(watch, os::Watch::open());
  for (const Tail& tail : tails) {
    auto id = watch.file(tail.path);
    if (!id && id.error().code != Errc::not_found) return std::move(id).error();
  }
  while (true) {
    BOBBIN_TRY_ASSIGN(more, print_new(tails));
    if (!more) return exit_done;
    os::WaitFd fds[] = {{.fd = watch.fd(), .want_read = true}, {.fd = os::stdout_fd}};
    BOBBIN_TRY(os::wait(fds, -1));
    if (fds[1].hangup) return exit_done;
    if (fds[0].readable) watch.changes();
  }
}

Result<int> logs(const Arguments& arguments) {
  BOBBIN_TRY_ASSIGN(cluster, local_cluster(arguments));
  BOBBIN_TRY_ASSIGN(wanted, broker_ids(arguments));
  os::PosixStorage storage;
  BOBBIN_TRY_ASSIGN(known, home::brokers(storage, cluster));
  for (BrokerId id : wanted)
    if (!holds(known, id)) return error(Errc::broker_id_not_registered, "there is no broker " + to_string(id));
  if (known.empty()) return error(Errc::not_found, "there is no broker in " + cluster.root);
  std::vector<Tail> tails;
  for (BrokerId id : wanted.empty() ? known : wanted) tails.push_back({id, cluster.broker_log(id)});
  if (arguments.has("follow")) return follow(tails);
  BOBBIN_TRY(print_new(tails));
  return exit_done;
}

int run(const Arguments& arguments) {
  auto code = logs(arguments);
  return code ? *code : fail(code.error(), "broker logs");
}

constexpr Option options[] = {
    {.name = "follow", .shorts = "f", .doc = "Go on as the log grows."},
};

constexpr Example examples[] = {
    {"bobbin broker logs", "what the brokers had to say"},
    {"bobbin broker logs -f 1", "and go on"},
};

}  // namespace

extern constinit const Command broker_logs{
    .name = "broker logs",
    .arguments = "[ID...]",
    .summary = "Print what brokers had to say",
    .description = "Prints the log files of the brokers. Never starts one.",
    .options = options,
    .examples = examples,
    .run = run,
};

}  // namespace bobbin::cmd
