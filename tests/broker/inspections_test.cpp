// Inspections: two lanes of helpers, whose jobs the test runs.
#include <catch2/catch.hpp>

#include "broker/inspections.h"
#include "log/memory_world.h"

using namespace bobbin;
using namespace bobbin::broker;

namespace {

using Seen = std::vector<std::string>;

struct Lanes {
  explicit Lanes(size_t helpers) : inspections(jobs, helpers) {}

  // One that is done in the quick lane, or takes longer.
  void submit(const std::string& name, bool is_quick = true) {
    inspections.submit(
        [this, name, is_quick](bool quick) {
          seen.push_back(name + (quick ? " quick" : " slow"));
          return is_quick || !quick;
        },
        [this, name] { done.push_back(name); }, [this, name] { return given_up.contains(name); });
  }

  test::ManualJobs jobs;
  std::set<std::string> given_up;
  Seen seen, done;
  Inspections inspections;
};

}  // namespace

TEST_CASE("Inspections: so many at once as there are helpers, in the order in which they came") {
  Lanes l(2);
  for (const char* name : {"a", "b", "c"}) l.submit(name);
  CHECK((l.jobs.count() == 2 && l.inspections.waiting() == 1));
  CHECK_FALSE(l.inspections.is_idle());
  l.jobs.run(1);
  CHECK(l.done == Seen{"b"});
  CHECK((l.jobs.count() == 2 && l.inspections.waiting() == 0));
  l.jobs.run_all();
  CHECK(l.seen == Seen{"b quick", "a quick", "c quick"});
  CHECK(l.done == Seen{"b", "a", "c"});
  CHECK(l.inspections.is_idle());
}

TEST_CASE("Inspections: what takes long is begun anew, one at a time, and quick ones pass it") {
  Lanes l(2);
  for (const char* name : {"long", "longer"}) l.submit(name, false);
  for (const char* name : {"a", "b"}) l.submit(name);
  l.jobs.run();  // long: to the slow lane
  CHECK(l.done.empty());
  l.jobs.run();  // longer: waits behind it
  CHECK((l.jobs.count() == 3 && l.inspections.waiting() == 1));
  l.jobs.run(2);
  l.jobs.run(1);
  CHECK(l.done == Seen{"b", "a"});
  CHECK(l.jobs.count() == 1);  // the helper of the quick lane that is free is not given to the other
  l.submit("c");
  l.jobs.run(1);
  CHECK(l.done == Seen{"b", "a", "c"});
  l.jobs.run_all();
  CHECK(l.done == Seen{"b", "a", "c", "long", "longer"});
  CHECK(l.seen == Seen{"long quick", "longer quick", "b quick", "a quick", "c quick", "long slow", "longer slow"});
  CHECK(l.inspections.is_idle());
}

TEST_CASE("Inspections: what nobody wants any more is not begun, in neither lane") {
  Lanes l(1);
  l.submit("long", false);
  l.submit("a");
  l.submit("b");
  l.given_up = {"a", "long"};
  l.jobs.run_all();
  CHECK(l.seen == Seen{"long quick", "b quick"});
  CHECK(l.done == Seen{"b"});
  CHECK(l.inspections.is_idle());
}

TEST_CASE("Inspections: at the end those that wait are forgotten, and those that run are waited for") {
  Lanes l(1);
  l.submit("long", false);
  l.submit("b");
  l.submit("c");
  l.jobs.run();  // long runs slowly now, b quickly, c waits
  l.inspections.forget_waiting();
  CHECK_FALSE(l.inspections.is_idle());
  l.jobs.run_all();
  CHECK(l.done == Seen{"long", "b"});
  CHECK(l.inspections.is_idle());
}
