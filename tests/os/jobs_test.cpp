#include <sched.h>

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>

#include "os/posix/world.h"
#include "os/wait.h"

using namespace bobbin;
using namespace bobbin::os;

namespace {

// Runs what is done until nothing is left, sleeping in between as a broker does.
void finish(PosixJobs& jobs) {
  while (jobs.unfinished() > 0) {
    WaitFd waits[] = {{jobs.fd(), true}};
    REQUIRE(wait(waits, 30000).value() == 1);
    REQUIRE(jobs.run_completed() > 0);
  }
}

}  // namespace

TEST_CASE("Jobs: work runs on a helper, done on the deciding thread") {
  auto jobs = PosixJobs::create().value();
  std::thread::id worked;
  std::thread::id told;
  jobs->submit([&] { worked = std::this_thread::get_id(); }, [&] { told = std::this_thread::get_id(); });
  finish(*jobs);
  CHECK(worked != std::this_thread::get_id());
  CHECK(told == std::this_thread::get_id());
  CHECK(jobs->run_completed() == 0);
  WaitFd waits[] = {{jobs->fd(), true}};
  CHECK(wait(waits, 0).value() == 0);
}

TEST_CASE("Jobs: as many run at once as there are helpers, and no more") {
  auto jobs = PosixJobs::create(4).value();
  std::mutex mutex;
  std::condition_variable all_there;
  int inside = 0;
  int most = 0;
  int seen = 0;
  for (int i = 0; i < 8; i++) {
    jobs->submit(
        [&] {
          std::unique_lock lock(mutex);
          most = std::max(most, ++inside);
          seen++;
          all_there.notify_all();
          // Nobody leaves before four were inside at once: with fewer helpers this would wait for ever.
          all_there.wait(lock, [&] { return seen >= 4; });
          inside--;
        },
        [] {});
  }
  finish(*jobs);
  CHECK(most == 4);
}

TEST_CASE("Jobs: those that come at once do not wait for the one helper that is idle") {
  auto jobs = PosixJobs::create(4).value();
  jobs->submit([] {}, [] {});
  finish(*jobs);
  std::this_thread::sleep_for(std::chrono::milliseconds(50));  // its helper is idle now
  std::mutex mutex;
  std::condition_variable all_there;
  int inside = 0;
  int in_time = 0;
  for (int i = 0; i < 4; i++)
    jobs->submit(
        [&] {
          std::unique_lock lock(mutex);
          inside++;
          all_there.notify_all();
          if (all_there.wait_for(lock, std::chrono::seconds(5), [&] { return inside == 4; })) in_time++;
        },
        [] {});
  finish(*jobs);
  CHECK(in_time == 4);
}

TEST_CASE("Jobs: a thousand jobs each run once, also those that done submits") {
  auto jobs = PosixJobs::create().value();
  std::atomic<int> worked = 0;
  int told = 0;
  for (int i = 0; i < 500; i++) {
    jobs->submit([&] { worked++; },
                 [&] {
                   told++;
                   jobs->submit([&] { worked++; }, [&] { told++; });
                 });
  }
  finish(*jobs);
  CHECK(worked == 1000);
  CHECK(told == 1000);
}

TEST_CASE("Jobs: the end finishes what was submitted") {
  std::atomic<int> worked = 0;
  {
    auto jobs = PosixJobs::create(2).value();
    for (int i = 0; i < 50; i++) jobs->submit([&] { worked++; }, [] {});
  }
  CHECK(worked == 50);
}

TEST_CASE("Jobs: work that outsiders hold up is abandoned at the end, and nobody waits for it") {
  struct Held {
    std::mutex mutex;
    std::condition_variable changed;
    bool begun = false, let_go = false, ended = false;
  };
  auto held = std::make_shared<Held>();
  {
    auto jobs = PosixJobs::create(1, PosixJobs::AtEnd::abandon).value();
    jobs->submit(
        [held] {
          std::unique_lock lock(held->mutex);
          held->begun = true;
          held->changed.notify_all();
          held->changed.wait(lock, [&] { return held->let_go; });
          held->ended = true;
          held->changed.notify_all();
        },
        [] { FAIL("nobody waits for it"); });
    std::unique_lock lock(held->mutex);
    held->changed.wait(lock, [&] { return held->begun; });
  }  // does not wait
  std::unique_lock lock(held->mutex);
  CHECK_FALSE(held->ended);
  held->let_go = true;
  held->changed.notify_all();
  CHECK(held->changed.wait_for(lock, std::chrono::seconds(30), [&] { return held->ended; }));
}

TEST_CASE("Jobs: helpers compute on all processors of this process but one, and on one at least") {
  cpu_set_t before;
  REQUIRE(::sched_getaffinity(0, sizeof before, &before) == 0);
  std::vector<int> ours;
  for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
    if (CPU_ISSET(cpu, &before)) ours.push_back(cpu);
  std::vector<std::pair<unsigned, unsigned>> seen;  // by a thread of its own: the others keep their processors
  std::thread([&] {
    cpu_set_t some;
    CPU_ZERO(&some);
    unsigned count = 0;
    for (int cpu : ours) {
      CPU_SET(cpu, &some);
      count++;
      if (::sched_setaffinity(0, sizeof some, &some) != 0) return;
      seen.emplace_back(count, helpers_for_cpus());
    }
  }).join();
  CHECK_FALSE(seen.empty());
  for (auto [cpus, helpers] : seen) CHECK(helpers == std::clamp(cpus - 1, 1u, 4u));
  CHECK(helpers_for_cpus() == std::clamp(static_cast<unsigned>(ours.size()) - 1, 1u, 4u));
}

TEST_CASE("World: its clocks go on, its numbers differ, and its ids are never options") {
  auto world = PosixWorld::create().value();
  Clock& clock = world->world().clock;
  int64_t before = clock.mono_ms();
  CHECK(clock.mono_ms() >= before);
  CHECK(clock.wall().value > 1600000000000);
  std::set<Uuid> ids;
  for (int i = 0; i < 1000; i++) {
    Uuid id = random_uuid(world->world().random);
    CHECK(id.bytes[0] >> 2 != 62);
    ids.insert(id);
  }
  CHECK(ids.size() == 1000);
}
