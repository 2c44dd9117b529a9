#include "os/posix/jobs.h"

#include <pthread.h>
#include <sched.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <deque>
#include <map>
#include <mutex>
#include <system_error>
#include <thread>

#include "os/errors.h"
#include "os/fd.h"
#include "os/signals_blocked.h"

namespace bobbin::os {

namespace {

constexpr std::chrono::seconds idle_max{2};

struct Job {
  std::function<void()> work;
  std::function<void()> done;
};

}  // namespace

struct PosixJobs::Pool : std::enable_shared_from_this<PosixJobs::Pool> {
  Fd event;
  unsigned threads_max = 0;
  size_t unfinished = 0;  // the deciding thread's

  std::mutex mutex;  // guards everything below
  std::condition_variable work_waits;
  std::deque<Job> waiting;
  std::deque<std::function<void()>> completed;
  std::map<unsigned, std::thread> threads;
  std::vector<unsigned> ended;  // of `threads`: to be joined
  unsigned next_thread = 0;
  size_t idle = 0;
  bool stopping = false;

  void help(unsigned self);
  bool start_thread();
  void join_ended();
  void complete(std::function<void()> done);
};

// The life of a helper. Holds the mutex but while it works.
void PosixJobs::Pool::help(unsigned self) {
  std::unique_lock lock(mutex);
  for (;;) {
    idle++;
    work_waits.wait_for(lock, idle_max, [&] { return stopping || !waiting.empty(); });
    idle--;
    if (waiting.empty()) break;  // idle for long, or the end
    Job job = std::move(waiting.front());
    waiting.pop_front();
    lock.unlock();
    job.work();
    job.work = nullptr;  // what it captured ends here, outside the lock
    lock.lock();
    complete(std::move(job.done));
  }
  ended.push_back(self);
}

void PosixJobs::Pool::complete(std::function<void()> done) {
  bool was_empty = completed.empty();
  completed.push_back(std::move(done));
  if (!was_empty) return;
  uint64_t one = 1;
  [[maybe_unused]] ssize_t n = ::write(event.value(), &one, sizeof one);
}

// Whether it could. Called with the mutex held.
bool PosixJobs::Pool::start_thread() {
  SignalsBlocked blocked;  // a helper must never be the one that a signal interrupts
  try {
    unsigned id = next_thread++;
    threads.emplace(id, std::thread([self = shared_from_this(), id] {
                      pthread_setname_np(pthread_self(), "helper");
                      self->help(id);
                    }));
    return true;
  } catch (const std::system_error&) {
    return false;  // out of threads or memory
  }
}

// A thread in `ended` holds the mutex for the last time, or not even that.
void PosixJobs::Pool::join_ended() {
  std::vector<std::thread> ours;
  {
    std::lock_guard lock(mutex);
    for (unsigned id : ended) {
      auto it = threads.find(id);
      ours.push_back(std::move(it->second));
      threads.erase(it);
    }
    ended.clear();
  }
  for (std::thread& t : ours) t.join();
}

PosixJobs::PosixJobs(std::shared_ptr<Pool> pool, AtEnd at_end) : pool_(std::move(pool)), at_end_(at_end) {}

Result<std::unique_ptr<PosixJobs>> PosixJobs::create(unsigned threads_max, AtEnd at_end) {
  auto pool = std::make_shared<Pool>();
  pool->threads_max = std::max(threads_max, 1u);
  pool->event = Fd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!pool->event.is_open()) return system_error("eventfd");
  return std::unique_ptr<PosixJobs>(new PosixJobs(std::move(pool), at_end));
}

PosixJobs::~PosixJobs() {
  std::map<unsigned, std::thread> all;
  {
    std::lock_guard lock(pool_->mutex);
    pool_->stopping = true;
    all.swap(pool_->threads);
  }
  pool_->work_waits.notify_all();
  for (auto& [id, thread] : all) at_end_ == AtEnd::finish ? thread.join() : thread.detach();
}

void PosixJobs::submit(std::function<void()> work, std::function<void()> done) {
  pool_->join_ended();
  pool_->unfinished++;
  std::unique_lock lock(pool_->mutex);
  pool_->waiting.push_back(Job{std::move(work), std::move(done)});
  size_t living = pool_->threads.size() - pool_->ended.size();
  // Those that are idle may have been woken for what waits already: count, not "is one idle".
  bool needs_more = pool_->waiting.size() > pool_->idle && living < pool_->threads_max;
  if (needs_more && !pool_->start_thread() && living == 0) {
    // No helper can be had at all: late is better than never.
    Job job = std::move(pool_->waiting.front());
    pool_->waiting.pop_front();
    lock.unlock();
    job.work();
    lock.lock();
    pool_->complete(std::move(job.done));
  }
  lock.unlock();
  pool_->work_waits.notify_one();
}

int PosixJobs::fd() const { return pool_->event.value(); }

size_t PosixJobs::run_completed() {
  pool_->join_ended();
  std::deque<std::function<void()>> ours;
  {
    std::lock_guard lock(pool_->mutex);
    uint64_t count = 0;
    [[maybe_unused]] ssize_t n = ::read(pool_->event.value(), &count, sizeof count);
    ours.swap(pool_->completed);
  }
  for (auto& done : ours) {
    pool_->unfinished--;
    done();
  }
  return ours.size();
}

size_t PosixJobs::unfinished() const { return pool_->unfinished; }

unsigned helpers_for_cpus() {
  constexpr int most = 4;
  cpu_set_t set;
  CPU_ZERO(&set);
  const int cpus = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
  return static_cast<unsigned>(std::clamp(cpus - 1, 1, most));
}

}  // namespace bobbin::os
