// The changes of one request: how many there may be, what became of each, and who is told when the metadata cannot be written.
#include "broker/admin/submitting.h"

#include "broker/some_contexts.h"

using namespace bobbin;
using namespace bobbin::broker;

namespace {

struct Submitting : test::SomeContexts {
  // Of topics that are to be made: the code of each, when all is done.
  void create(const std::vector<std::string>& names) {
    submit_all(
        contexts.admin, names.size(),
        [this, names](size_t i, const metadata::Image& image) {
          return creating(names[i], os::random_uuid(w.random))(image);
        },
        [this, count = names.size()](const Outcomes& outcomes) {
          auto& codes = done.emplace_back();
          for (size_t i = 0; i < count; i++) codes.push_back(outcomes[i] ? Errc::none : outcomes[i].error().code);
        });
  }

  using Codes = std::vector<Errc>;
  using Done = std::vector<Codes>;
  Done done;  // of each request, in the order in which they were
};
using Codes = Submitting::Codes;
using Done = Submitting::Done;

}  // namespace

TEST_CASE("Submitting: each change succeeds or fails alone, and runs on what those before it made") {
  Submitting s;
  s.create({"a", "not/a name", "b", "a"});
  CHECK(s.done.empty());
  s.w.jobs.run_all();
  CHECK(s.done == Done{Codes{Errc::none, Errc::invalid_topic_exception, Errc::none, Errc::topic_already_exists}});
  CHECK(s.topic("a"));
  CHECK(s.topic("b"));
  CHECK(s.said.empty());
}

TEST_CASE("Submitting: it is told once, when the last change has ended") {
  Submitting s;
  s.create({"a", "b", "c"});
  s.create({"d", "a"});
  while (s.w.jobs.count() > 0) {
    CHECK(s.done.size() <= (s.topic("c") ? 2 : 0));
    s.w.jobs.run();
  }
  CHECK(s.done == Done{Codes(3, Errc::none), Codes{Errc::none, Errc::topic_already_exists}});
}

TEST_CASE("Submitting: where there is nothing to change that is told at once, without a look at the metadata") {
  Submitting s;
  s.create({});
  CHECK(s.done == Done{Codes{}});
  CHECK(s.w.jobs.count() == 0);
}

TEST_CASE("Submitting: a change that makes no records has succeeded, and nothing is written") {
  Submitting s;
  const Offset before = s.transactions.image().next_offset();
  bool ok = false;
  submit_all(
      s.contexts.admin, 1, [](size_t, const metadata::Image&) { return metadata::Records(); },
      [&](const Outcomes& outcomes) { ok = outcomes[0].ok(); });
  s.w.jobs.run_all();
  CHECK(ok);
  CHECK(s.transactions.image().next_offset() == before);
}

TEST_CASE("Submitting: a disk that refuses is told to each change, and in the broker's log once a minute") {
  for (Errc why : {Errc::disk_full, Errc::io_error}) {
    Submitting s;
    s.w.storage.inject({1, true, why, 0, {test::Call::write, test::Call::truncate}});
    s.create({"a", "b"});
    s.w.jobs.run_all();
    CHECK(s.done == Done{Codes(2, why)});
    REQUIRE(s.said.size() == 1);
    CHECK(s.said[0].starts_with("the metadata is not changed: "));
    s.w.storage.heal();
  }
}

TEST_CASE("Submitting: one request changes 10,000 things at most, and makes as many records of them") {
  CHECK(check_changes(10'000, 10'000).ok());
  CHECK(check_changes(0).ok());
  auto message = [](size_t things, int64_t records) {
    auto checked = check_changes(things, records);
    REQUIRE_FALSE(checked.ok());
    CHECK(checked.error().code == Errc::policy_violation);
    return checked.error().message;
  };
  CHECK(message(10'001, 0) == "10001 changes are too many: at most 10000 go into one request");
  CHECK(message(1, 10'001) == "10001 partitions or settings are too many: at most 10000 go into one request");
  CHECK(message(1, INT64_MAX).starts_with("9223372036854775807 partitions or settings"));
}

TEST_CASE("Submitting: outcomes may be the same of all") {
  const Outcomes same = Outcomes::all(error(Errc::policy_violation, "why"));
  CHECK(same[0].error().code == Errc::policy_violation);
  CHECK(same[9999].error().message == "why");
  CHECK(Outcomes::all({})[3].ok());
}
