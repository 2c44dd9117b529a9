// The simulation's program: runs seeds, counts what happened, and says how to repeat what failed.
//
//   --seeds N [--first S]   N seeds from S (1) on; fails if a kind of fault or a crash point never happened in them
//   --seed S                one seed, with its trace
//   --profile NAME          of what kind the runs are (profile.h); of a mutant's: as it needs, else general
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

struct Planted {
  std::string_view name;
  Mutant mutant;
  std::string_view profile = "general";
};
constexpr Planted mutants[] = {
    {"ack_before_sync", Mutant::ack_before_sync},
    {"forget_epoch_check", Mutant::forget_epoch_check},
    {"cut_too_much", Mutant::cut_too_much},
    {"cut_too_little", Mutant::cut_too_little},
    {"skip_dir_sync", Mutant::skip_dir_sync},
    {"lose_producer_state", Mutant::lose_producer_state},
    {"let_overtake", Mutant::let_overtake},
    {"remove_untold", Mutant::remove_untold},
    {"believe_old_leaders", Mutant::believe_old_leaders, "zombies"},
    {"count_other_reigns", Mutant::count_other_reigns, "zombies"},
    {"keep_progress", Mutant::keep_progress, "zombies"},
    {"take_from_old_reigns", Mutant::take_from_old_reigns, "zombies"},
    {"answer_other_reigns", Mutant::answer_other_reigns, "zombies"},
    {"never_part", Mutant::never_part, "replicas"},
    {"cut_to_watermark", Mutant::cut_to_watermark, "retention"},
    {"keep_what_was_deleted", Mutant::keep_what_was_deleted, "retention"},
    {"commit_own_end", Mutant::commit_own_end, "replicas"},
    {"commit_below_min", Mutant::commit_below_min, "replicas"},
    {"append_below_min", Mutant::append_below_min, "replicas"},
    {"widen_late", Mutant::widen_late, "replicas"},
    {"narrow_early", Mutant::narrow_early, "replicas"},
    {"forget_joining", Mutant::forget_joining, "replicas"},
    {"roll_back", Mutant::roll_back, "ends"},
    {"join_behind", Mutant::join_behind, "replicas"},
    {"join_in_any_life", Mutant::join_in_any_life, "lost-folders"},
    {"forget_eligible", Mutant::forget_eligible, "replicas"},
    {"keep_last_in_sync", Mutant::keep_last_in_sync, "replicas"},
    {"keep_eligible", Mutant::keep_eligible, "replicas"},
    {"trust_lost_folder", Mutant::trust_lost_folder, "lost-folders"},
    {"ask_before_sync", Mutant::ask_before_sync, "replicas"},
    {"cut_committed", Mutant::cut_committed, "lost-folders"},
    {"same_reign", Mutant::same_reign, "replicas"},
    {"same_life", Mutant::same_life, "replicas"},
    {"ack_other_reigns", Mutant::ack_other_reigns, "zombies"},
    {"tell_unsettled", Mutant::tell_unsettled, "replicas"},
    {"stay_in_sync", Mutant::stay_in_sync, "replicas"},
    {"move_without_all", Mutant::move_without_all, "moves"},
    {"move_in_same_reign", Mutant::move_in_same_reign, "moves"},
    {"believe_undurable", Mutant::believe_undurable, "replicas"},
    {"keep_torn_tail", Mutant::keep_torn_tail, "metadata"},
    {"skip_read_repair", Mutant::skip_read_repair, "metadata"},
    {"tell_before_sync", Mutant::tell_before_sync, "metadata"},
    {"tell_unpromised", Mutant::tell_unpromised, "groups"},
    {"serve_unpromised", Mutant::serve_unpromised, "groups"},
    {"remove_unwritten", Mutant::remove_unwritten, "groups"},
};
static_assert(std::size(mutants) == static_cast<size_t>(Mutant::remove_unwritten), "a row for each of base/mutants.h");

struct Options {
  uint64_t seeds = 100, first = 1;
  std::optional<uint64_t> seed;
  std::string mutant;
  const sim::Profile* profile = nullptr;  // or as the mutant needs
};

// What is told when a check in the broker ends the process.
const Options* options_under_way = nullptr;
volatile uint64_t seed_under_way = 0;

std::string command_for(uint64_t seed, const Options& o) {
  return "tests/sim/run --seed " + std::to_string(seed) + (o.mutant.empty() ? "" : " --mutant " + o.mutant) +
         " --profile " + std::string(o.profile->name);
}

// A planted bug that a check in the broker finds is found.
void on_abort(int) {
  const bool is_found = options_under_way && !options_under_way->mutant.empty() && !options_under_way->seed;
  char line[160];
  int n = std::snprintf(line, sizeof line, "\nthe process ends here; repeat with: %s\n",
                        options_under_way ? command_for(seed_under_way, *options_under_way).c_str() : "");
  std::fwrite(line, 1, static_cast<size_t>(n), stderr);
  if (is_found) std::_Exit(0);
  std::signal(SIGABRT, SIG_DFL);
  std::abort();
}

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
    else if (name == "--profile") {
      if (o.profile = sim::find_profile(argv[i + 1]); !o.profile) return std::nullopt;
    } else if (!n) return std::nullopt;
    else if (name == "--seeds") o.seeds = *n;
    else if (name == "--first") o.first = *n;
    else if (name == "--seed") o.seed = *n;
    else return std::nullopt;
  }
  if (argc % 2 == 0) return std::nullopt;
  return o;
}

// False: there is no such mutant here.
bool plant(Options& o) {
  std::string_view profile = "general";
#ifdef BOBBIN_MUTANTS
  for (const Planted& known : mutants) {
    if (o.mutant != known.name) continue;
    bobbin::mutant = static_cast<int>(known.mutant);
    profile = known.profile;
  }
  if (!o.mutant.empty() && bobbin::mutant == 0) return false;
#else
  if (!o.mutant.empty()) return false;
#endif
  if (!o.profile) o.profile = sim::find_profile(profile);
  return true;
}

sim::Outcome run(uint64_t seed, const Options& o, sim::Counters& counters, bool tracing) {
  seed_under_way = seed;
  return sim::Simulation(seed, counters, tracing, *o.profile).run();
}

void tell(uint64_t seed, const sim::Outcome& outcome, const Options& o) {
  std::printf("seed %llu: %s\n", static_cast<unsigned long long>(seed), outcome.violation->c_str());
  std::printf("repeat with: %s\n", command_for(seed, o).c_str());
}

int run_one(const Options& o) {
  sim::Counters counters;
  sim::Outcome outcome = run(*o.seed, o, counters, true);
  for (const std::string& line : outcome.trace) std::printf("%s\n", line.c_str());
  if (outcome.violation) tell(*o.seed, outcome, o);
  else std::printf("seed %llu: all is well\n", static_cast<unsigned long long>(*o.seed));
  return outcome.violation ? 1 : 0;
}

int find_mutant(const Options& o) {
  sim::Counters counters;
  for (uint64_t seed = o.first; seed < o.first + o.seeds; seed++) {
    sim::Outcome outcome = run(seed, o, counters, false);
    if (!outcome.violation) continue;
    std::printf("%s is found after %llu seeds\n", o.mutant.c_str(),
                static_cast<unsigned long long>(seed - o.first + 1));
    tell(seed, outcome, o);
    return 0;
  }
  std::printf("%s is not found in %llu seeds\n", o.mutant.c_str(), static_cast<unsigned long long>(o.seeds));
  return 1;
}

int run_many(const Options& o) {
  sim::Counters counters, ignored;
  for (uint64_t seed = o.first; seed < o.first + o.seeds; seed++) {
    sim::Outcome outcome = run(seed, o, counters, false);
    if (outcome.violation) {
      sim::Outcome again = run(seed, o, ignored, true);
      size_t from = again.trace.size() > trace_lines_max ? again.trace.size() - trace_lines_max : 0;
      for (size_t i = from; i < again.trace.size(); i++) std::printf("%s\n", again.trace[i].c_str());
      tell(seed, outcome, o);
      return 1;
    }
    if (seed % repeat_every != 0) continue;
    sim::Outcome again = run(seed, o, ignored, true);
    if (again.notes != outcome.notes || again.calls != outcome.calls) {
      std::printf("seed %llu does not repeat: %llu and %llu calls\n", static_cast<unsigned long long>(seed),
                  static_cast<unsigned long long>(outcome.calls), static_cast<unsigned long long>(again.calls));
      return 1;
    }
  }
  std::printf("%llu seeds from %llu on\n%s", static_cast<unsigned long long>(o.seeds),
              static_cast<unsigned long long>(o.first), counters.text().c_str());
  if (o.seeds < seeds_that_meet_all || o.profile->name != "general") return 0;
  auto missing = counters.missing();
  for (const std::string& what : missing) std::printf("never happened: %s\n", what.c_str());
  return missing.empty() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGABRT, on_abort);
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  auto options = parse(argc, argv);
  if (!options || !plant(*options)) {
    std::fprintf(
        stderr,
        "usage: sim [--seeds N] [--first S] | --seed S | ... --profile NAME | ... --mutant NAME (in a build that "
        "has them)\n");
    return 2;
  }
  options_under_way = &*options;
  if (options->seed) return run_one(*options);
  return options->mutant.empty() ? run_many(*options) : find_mutant(*options);
}
