// The simulation's program: runs seeds, counts what happened, and says how to repeat what failed.
//
//   --seeds N [--first S]   N seeds from S (1) on; fails if a kind of fault or a crash point never happened in them
//   --seed S                one seed, with its trace
//   --mutant NAME           with --seeds: succeeds when a seed finds the planted bug (builds with BOBBIN_MUTANTS)
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "base/mutants.h"
#include "sim/simulation.h"

namespace {

using namespace bobbin;

constexpr uint64_t repeat_every = 50;  // one seed in so many is run twice, to see that it repeats
constexpr uint64_t seeds_that_meet_all = 1000;
constexpr size_t trace_lines_max = 400;

// What is told when a check in the broker ends the process.
volatile uint64_t seed_under_way = 0;

std::string command_for(uint64_t seed, const std::string& mutant) {
  return "tests/sim/run --seed " + std::to_string(seed) + (mutant.empty() ? "" : " --mutant " + mutant);
}

void on_abort(int) {
  char line[96];
  int n = std::snprintf(line, sizeof line, "\nthe process ends here; repeat with: tests/sim/run --seed %llu\n",
                        static_cast<unsigned long long>(seed_under_way));
  std::fwrite(line, 1, static_cast<size_t>(n), stderr);
  std::signal(SIGABRT, SIG_DFL);
  std::abort();
}

struct Options {
  uint64_t seeds = 100, first = 1;
  std::optional<uint64_t> seed;
  std::string mutant;
};

std::optional<uint64_t> number(const char* text) {
  uint64_t v = 0;
  auto [at, failed] = std::from_chars(text, text + std::strlen(text), v);
  if (failed != std::errc{} || *at != '\0') return std::nullopt;
  return v;
}

std::optional<Options> parse(int argc, char** argv) {
  Options o;
  for (int i = 1; i + 1 < argc; i += 2) {
    std::string name = argv[i];
    auto n = number(argv[i + 1]);
    if (name == "--mutant") o.mutant = argv[i + 1];
    else if (!n) return std::nullopt;
    else if (name == "--seeds") o.seeds = *n;
    else if (name == "--first") o.first = *n;
    else if (name == "--seed") o.seed = *n;
    else return std::nullopt;
  }
  if (argc % 2 == 0) return std::nullopt;
  return o;
}

bool plant(const std::string& name) {
#ifdef BOBBIN_MUTANTS
  const std::pair<const char*, Mutant> mutants[] = {
      {"ack_before_sync", Mutant::ack_before_sync}, {"forget_epoch_check", Mutant::forget_epoch_check},
      {"cut_too_much", Mutant::cut_too_much},       {"cut_too_little", Mutant::cut_too_little},
      {"skip_dir_sync", Mutant::skip_dir_sync},     {"lose_producer_state", Mutant::lose_producer_state},
      {"let_overtake", Mutant::let_overtake},       {"remove_untold", Mutant::remove_untold}};
  for (const auto& [known, mutant] : mutants)
    if (name == known) {
      bobbin::mutant = static_cast<int>(mutant);
      return true;
    }
#endif
  return name.empty();
}

sim::Outcome run(uint64_t seed, sim::Counters& counters, bool tracing) {
  seed_under_way = seed;
  return sim::Simulation(seed, counters, tracing).run();
}

void tell(uint64_t seed, const sim::Outcome& outcome, const std::string& mutant) {
  std::printf("seed %llu: %s\n", static_cast<unsigned long long>(seed), outcome.violation->c_str());
  std::printf("repeat with: %s\n", command_for(seed, mutant).c_str());
}

int run_one(const Options& o) {
  sim::Counters counters;
  sim::Outcome outcome = run(*o.seed, counters, true);
  for (const std::string& line : outcome.trace) std::printf("%s\n", line.c_str());
  if (outcome.violation) tell(*o.seed, outcome, o.mutant);
  else std::printf("seed %llu: all is well\n", static_cast<unsigned long long>(*o.seed));
  return outcome.violation ? 1 : 0;
}

int find_mutant(const Options& o) {
  sim::Counters counters;
  for (uint64_t seed = o.first; seed < o.first + o.seeds; seed++) {
    sim::Outcome outcome = run(seed, counters, false);
    if (!outcome.violation) continue;
    std::printf("%s is found after %llu seeds\n", o.mutant.c_str(),
                static_cast<unsigned long long>(seed - o.first + 1));
    tell(seed, outcome, o.mutant);
    return 0;
  }
  std::printf("%s is not found in %llu seeds\n", o.mutant.c_str(), static_cast<unsigned long long>(o.seeds));
  return 1;
}

int run_many(const Options& o) {
  sim::Counters counters, ignored;
  for (uint64_t seed = o.first; seed < o.first + o.seeds; seed++) {
    sim::Outcome outcome = run(seed, counters, false);
    if (outcome.violation) {
      sim::Outcome again = run(seed, ignored, true);
      size_t from = again.trace.size() > trace_lines_max ? again.trace.size() - trace_lines_max : 0;
      for (size_t i = from; i < again.trace.size(); i++) std::printf("%s\n", again.trace[i].c_str());
      tell(seed, outcome, {});
      return 1;
    }
    if (seed % repeat_every != 0) continue;
    sim::Outcome again = run(seed, ignored, true);
    if (again.notes != outcome.notes || again.calls != outcome.calls) {
      std::printf("seed %llu does not repeat: %llu and %llu calls\n", static_cast<unsigned long long>(seed),
                  static_cast<unsigned long long>(outcome.calls), static_cast<unsigned long long>(again.calls));
      return 1;
    }
  }
  std::printf("%llu seeds from %llu on\n%s", static_cast<unsigned long long>(o.seeds),
              static_cast<unsigned long long>(o.first), counters.text().c_str());
  if (o.seeds < seeds_that_meet_all) return 0;
  auto missing = counters.missing();
  for (const std::string& what : missing) std::printf("never happened: %s\n", what.c_str());
  return missing.empty() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGABRT, on_abort);
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  auto options = parse(argc, argv);
  if (!options || !plant(options->mutant)) {
    std::fprintf(
        stderr,
        "usage: sim [--seeds N] [--first S] | --seed S | ... --mutant NAME (mutants: in a build that has them)\n");
    return 2;
  }
  if (options->seed) return run_one(*options);
  return options->mutant.empty() ? run_many(*options) : find_mutant(*options);
}
