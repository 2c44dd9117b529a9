// Following: from where a follower asks, what it takes, and where it cuts.
#include "cluster/following.h"

#include <catch2/catch.hpp>

#include "log/log_fixture.h"

using namespace bobbin;
using cluster::Following;
using log::EpochEnd;

namespace {

cluster::Reign reign_of(int32_t leader, int32_t epoch) { return {BrokerId(leader), LeaderEpoch(epoch), {}}; }

std::string batch_at(int64_t base, int count, int32_t epoch) {
  std::string bytes = test::batch(count);
  record::stamp(bytes.data(), Offset(base), LeaderEpoch(epoch));
  return bytes;
}

// Follows broker 2 in its reign 9.
struct Follower : test::Fixture {
  explicit Follower(config::FlushPolicy policy = config::FlushPolicy::os, int64_t committed = 0) {
    settings.flush_policy = policy;
    auto opened = try_open();
    REQUIRE(opened.ok());
    auto copy = std::make_unique<cluster::Copy>(id, "t", std::move(*opened), settings);
    copy->note_checkpoint();
    following = std::make_unique<Following>(std::move(copy), reign_of(2, 9), Offset(committed));
  }
  cluster::Copy& copy() { return following->copy(); }
  // Its log goes on to `end`, with records of that epoch, each in a batch of its own.
  void take(int32_t epoch, int64_t end) {
    while (copy().log_end() < Offset(end)) REQUIRE(following->take(batch_at(copy().log_end().value, 1, epoch)).ok());
  }
  void flush() {
    log::FlushWork work = copy().begin_flush();
    copy().flush_done(work.end, work.work());
  }
  // "5 of 3": from 5 on, behind a record of epoch 3.
  std::string position() const {
    auto at = following->position();
    return at ? to_string(at->from) + " of " + to_string(at->last_fetched) : "nothing";
  }
  // Where it cuts, if the leader has that epoch up to `end`; -1: it refuses.
  int64_t cut_for(int32_t epoch, int64_t end) const {
    auto at = following->cut_for({LeaderEpoch(epoch), Offset(end)});
    if (!at) CHECK(at.error().code == Errc::damaged);
    return at ? at->value : -1;
  }
  // The log itself is cut, as the job does that Replicas submits.
  void cut(int64_t at) {
    auto lent = copy().lend(*files);
    REQUIRE(lent->log().truncate_to(Offset(at), following->committed()).ok());
    copy().take_back(*lent);
  }

  const cluster::TopicPartition id{test::topic_id, PartitionId(0)};
  config::TopicSettings settings;
  std::unique_ptr<Following> following;
};

// What a leader of those epochs answers to who asks from there (KIP-595); nothing: the logs agree so far.
struct Leader {
  std::vector<log::EpochStart> starts;
  int64_t end;
  std::optional<EpochEnd> answer(const Following::Position& asked) const {
    log::Epochs epochs;
    for (const auto& [epoch, start] : starts) epochs.assign(epoch, start);
    const EpochEnd ours = asked.last_fetched > epochs.latest() ? EpochEnd{epochs.latest(), Offset(end)}
                                                               : epochs.end_of(asked.last_fetched, Offset(end));
    if (ours.epoch == asked.last_fetched && ours.end >= asked.from) return std::nullopt;
    return ours;
  }
};

log::EpochStart from(int32_t epoch, int64_t start) { return {LeaderEpoch(epoch), Offset(start)}; }

// Where it cuts, one answer after the other, until both agree.
std::vector<int64_t> cuts(Follower& f, const Leader& leader) {
  std::vector<int64_t> out;
  for (auto asked = f.following->position(); asked && asked->last_fetched != leader_epoch_none;
       asked = f.following->position()) {
    auto answer = leader.answer(*asked);
    if (!answer) break;
    auto at = f.following->cut_for(*answer);
    REQUIRE(at.ok());
    REQUIRE(*at < asked->from);  // or it would go on for ever
    out.push_back(at->value);
    f.cut(at->value);
  }
  return out;
}

using Cuts = std::vector<int64_t>;

}  // namespace

// --- from where it asks

TEST_CASE("Following: one without records asks from the beginning, behind no record") {
  Follower f;
  CHECK(f.position() == "0 of -1");
}

TEST_CASE("Following: it asks from its end on, behind a record of the epoch that this was appended in") {
  Follower f;
  f.take(3, 4);
  f.take(5, 7);
  CHECK(f.position() == "7 of 5");
}

TEST_CASE("Following: R13, where the flush counts it does not ask before all that it took is on the disk") {
  Follower f(config::FlushPolicy::ack);
  CHECK(f.position() == "0 of -1");
  f.take(3, 4);
  CHECK(f.position() == "nothing");
  f.flush();
  CHECK(f.position() == "4 of 3");
  f.take(3, 5);
  CHECK(f.position() == "nothing");
}

TEST_CASE("Following: R13, a flush that fails lets it ask no more") {
  Follower f(config::FlushPolicy::ack);
  f.take(3, 4);
  f.w.storage.inject({.at = 1, .for_good = false, .code = Errc::io_error, .only = {test::Call::sync}});
  f.flush();
  CHECK(f.position() == "nothing");
  f.w.storage.heal();
  f.flush();
  CHECK(f.position() == "nothing");
}

TEST_CASE("Following: where the flush does not count it asks on at once") {
  Follower f(config::FlushPolicy::os);
  f.take(3, 4);
  CHECK(waits_for_flush(f.copy()));
  CHECK(f.position() == "4 of 3");
}

TEST_CASE("Following: while nobody leads it asks nobody") {
  Follower f;
  f.take(3, 4);
  f.following->follow(reign_of(broker_none.value, 10));
  CHECK(f.following->epoch() == LeaderEpoch(10));
  CHECK(f.position() == "nothing");
  f.following->follow(reign_of(3, 11));
  CHECK(f.following->leader() == BrokerId(3));
  CHECK(f.position() == "4 of 3");
}

TEST_CASE("Following: one without records begins where its leader's log does") {
  Follower f;
  f.following->begin_at(Offset(1000));
  CHECK(f.position() == "1000 of -1");
  REQUIRE(f.following->take(batch_at(1000, 2, 4)).ok());
  CHECK(f.copy().log_start() == Offset(1000));
  CHECK(f.position() == "1002 of 4");
}

TEST_CASE("Following: one with records asks from its own end, wherever the leader's log begins") {
  Follower f;
  f.take(3, 4);
  f.following->begin_at(Offset(1000));
  CHECK(f.position() == "4 of 3");
}

TEST_CASE("Following: one without records ends where its leader's begins, from the first answer on") {
  Follower f;
  f.following->begin_at(Offset(1000));
  f.following->learn(Offset(1000));
  CHECK(f.copy().log_start() == Offset(1000));
  CHECK(f.copy().log_end() == Offset(1000));
  CHECK(f.following->committed() == Offset(1000));
  CHECK_FALSE(is_start_kept(f.copy()));
  CHECK(f.position() == "1000 of -1");
  f.following->begin_at(Offset(1200));
  f.following->learn(Offset(1200));
  CHECK(f.position() == "1200 of -1");
  REQUIRE(f.following->take(batch_at(1200, 2, 4)).ok());
  f.following->begin_at(Offset(5000));
  f.following->learn(Offset(5000));
  CHECK(f.copy().log_start() == Offset(1200));
  CHECK(f.position() == "1202 of 4");
}

// --- what it takes

TEST_CASE("Following: batches are taken as the leader has them, several at once, and what does not fit is not") {
  Follower f;
  REQUIRE(f.following->take(batch_at(0, 2, 3) + batch_at(2, 3, 4)).ok());
  CHECK(f.position() == "5 of 4");
  CHECK_FALSE(f.following->take(batch_at(6, 1, 4)).ok());  // a hole
  CHECK_FALSE(f.following->take(batch_at(4, 1, 4)).ok());  // again
  std::string torn = batch_at(5, 1, 4);
  torn.back() ^= 1;
  CHECK_FALSE(f.following->take(torn).ok());
  CHECK(f.position() == "5 of 4");
}

TEST_CASE("Following: it knows as committed what the leader said, as far as it has it, and takes nothing back") {
  Follower f;
  f.following->learn(Offset(50));
  CHECK(f.following->committed() == Offset(0));
  f.take(3, 10);
  f.following->learn(Offset(6));
  CHECK(f.following->committed() == Offset(6));
  f.following->learn(Offset(4));  // a new leader does not know better yet
  CHECK(f.following->committed() == Offset(6));
  f.following->learn(Offset(50));
  CHECK(f.following->committed() == Offset(10));
  CHECK(f.following->high_watermark() == Offset(10));
}

TEST_CASE("Following: the watermark is not before the beginning of the log") {
  Follower f;
  f.following->begin_at(Offset(1000));
  REQUIRE(f.following->take(batch_at(1000, 2, 4)).ok());
  CHECK(f.following->committed() == Offset(0));
  CHECK(f.following->high_watermark() == Offset(1000));
}

// --- R4, where it cuts: each with the epochs of both logs

TEST_CASE("Following: KIP-101, a watermark that lags behind costs no record") {
  Follower f;
  f.take(0, 10);
  f.following->learn(Offset(5));
  CHECK(cuts(f, {{from(0, 0)}, 10}) == Cuts{});
  CHECK(cuts(f, {{from(0, 0), from(1, 10)}, 20}) == Cuts{});
  CHECK(f.position() == "10 of 0");
}

TEST_CASE("Following: KIP-101, it cuts where the leader's next reign began") {
  Follower f;
  f.take(0, 10);
  f.following->learn(Offset(5));
  CHECK(cuts(f, {{from(0, 0), from(1, 7)}, 20}) == Cuts{7});
  CHECK(f.position() == "7 of 0");
}

TEST_CASE("Following: KIP-101, it cuts to the end of a leader that has less of the same epoch") {
  Follower f;
  f.take(3, 10);
  CHECK(cuts(f, {{from(3, 0)}, 6}) == Cuts{6});
}

TEST_CASE("Following: KIP-279, an epoch that the leader does not know is cut whole") {
  Follower f;
  f.take(0, 10);
  f.take(1, 20);  // it led then, and nobody followed
  CHECK(cuts(f, {{from(0, 0), from(2, 10)}, 15}) == Cuts{10});
  CHECK(f.position() == "10 of 0");
}

TEST_CASE("Following: KIP-279, two fast elections: of epochs that each side has alone all is cut, and nothing before") {
  Follower f;
  f.take(0, 10);
  f.take(2, 20);
  // It knows 2 and not 1, the leader 1 and not 2: both have 0, which ends earlier here.
  CHECK(cuts(f, {{from(0, 0), from(1, 12), from(3, 18)}, 25}) == Cuts{10});
  CHECK(f.position() == "10 of 0");
}

TEST_CASE("Following: KIP-279, two fast elections: the common epoch may end earlier in the leader's log") {
  Follower f;
  f.take(0, 10);
  f.take(2, 20);
  CHECK(cuts(f, {{from(0, 0), from(1, 8), from(3, 18)}, 25}) == Cuts{10, 8});
  CHECK(f.position() == "8 of 0");
}

TEST_CASE("Following: KIP-279, it goes back epoch by epoch until both know one") {
  Follower f;
  f.take(1, 10);
  f.take(4, 20);
  f.take(6, 30);
  CHECK(cuts(f, {{from(1, 0), from(3, 5), from(5, 15), from(7, 25)}, 40}) == Cuts{20, 10, 5});
  CHECK(f.position() == "5 of 1");
}

TEST_CASE("Following: where no epoch is common it keeps nothing") {
  Follower f;
  f.take(2, 10);
  f.take(4, 20);
  CHECK(cuts(f, {{from(3, 0), from(5, 15)}, 30}) == Cuts{10, 0});
  CHECK(f.position() == "0 of -1");
}

TEST_CASE("Following: where the leader's log begins in a later epoch, what lies before that is not asked for again") {
  Follower f;
  f.take(1, 10);
  f.take(2, 20);
  // The leader's first record is 15, of epoch 5: what it knows of 2 is that it ended there.
  CHECK(cuts(f, {{from(5, 15)}, 30}) == Cuts{15});
  CHECK(f.position() == "15 of 2");
}

TEST_CASE("Following: an answer never lengthens the log") {
  Follower f;
  f.take(1, 10);
  CHECK(f.cut_for(1, 50) == 10);
  CHECK(f.cut_for(0, 50) == 0);
}

TEST_CASE("Following: I9, what a leader said was committed is never cut") {
  Follower f;
  f.take(1, 10);
  f.following->learn(Offset(6));
  CHECK(f.cut_for(1, 6) == 6);
  CHECK(f.cut_for(1, 5) == -1);
  CHECK(f.cut_for(0, 3) == -1);
}

TEST_CASE("Following: I9, what was committed when it began to follow is not cut, whoever leads") {
  Follower f(config::FlushPolicy::os, 4);
  f.take(1, 10);
  f.following->follow(reign_of(3, 10));
  CHECK(f.cut_for(1, 4) == 4);
  CHECK(f.cut_for(1, 3) == -1);
}

TEST_CASE("Following: its copy is handed on with all that it took") {
  Follower f;
  f.take(1, 10);
  std::unique_ptr<cluster::Copy> copy = f.following->give_copy();
  CHECK(copy->log_end() == Offset(10));
}
