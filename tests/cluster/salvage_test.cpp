// SalvageWork: which of the other copies has more, and what is to be taken of it.
#include "cluster/salvage.h"

#include "log/log_fixture.h"

using namespace bobbin;
using cluster::Following;
using cluster::SalvageWork;

namespace {

const BrokerId self(1), second(2), third(3);

// Copies of one partition, in one world: this broker's own, which follows, and those of others.
struct Copies : test::Fixture {
  // Batches of one record each, of these epochs.
  void fill(const std::string& where, std::initializer_list<int> epochs, const char* value = "v") {
    log::RecoveryReport found;
    log::Files own_files(w.storage, 16);
    auto opened = log::open_log(w.world, own_files, where, test::topic_id, config, {}, found);
    REQUIRE(opened.ok());
    for (int epoch : epochs) {
      record::BatchBuilder builder;
      builder.add(Timestamp(test::t0), std::nullopt, Bytes(value));
      auto sealed = builder.seal({});
      REQUIRE(sealed.ok());
      REQUIRE((*opened)->append(*sealed, LeaderEpoch(epoch), log::AppendOrigin::client).ok());
    }
    REQUIRE(flush(**opened).ok());
  }
  SalvageWork& look(std::initializer_list<int> own, Offset committed = Offset(0)) {
    fill(dir, own);
    open();
    return look_from_here(committed);
  }
  // Only how far they went is known of them.
  SalvageWork& look_without_records(Offset end) {
    open({.recovery_point = end});
    REQUIRE(log->log_end() == end);
    return look_from_here(Offset(0));
  }
  SalvageWork& look_from_here(Offset committed) {
    auto copy = std::make_unique<cluster::Copy>(cluster::TopicPartition{test::topic_id, PartitionId(0)}, "t",
                                                std::move(log), config::TopicSettings{});
    heir = std::make_unique<Following>(
        std::move(copy), cluster::Reign{self, LeaderEpoch(9), {{self, second, third}, {self}, 1}}, committed);
    work = std::make_unique<SalvageWork>(
        *files, *heir, std::vector<SalvageWork::Other>{{second, "/data/second"}, {third, "/data/third"}});
    work->run();
    return *work;
  }
  std::unique_ptr<Following> heir;
  std::unique_ptr<SalvageWork> work;
};

bool is_nothing(const SalvageWork& work) { return !work.parts_at() && work.batches().empty(); }

std::vector<Offset> bases(const std::string& bytes) {
  std::vector<Offset> out;
  for (const auto& batch : test::batches_of(bytes)) out.push_back(batch.base_offset);
  return out;
}

}  // namespace

TEST_CASE("Salvage: nothing, where no other copy is there or has more") {
  Copies c;
  SECTION("there are none") {}
  SECTION("they are shorter") {
    c.fill("/data/second", {1});
    c.fill("/data/third", {1, 1});
  }
  SECTION("one is longer, of an older epoch") { c.fill("/data/second", {1, 1, 1, 1, 1}); }
  auto& work = c.look({1, 1, 2});
  CHECK(is_nothing(work));
  CHECK_FALSE(work.trouble());
  CHECK(work.epoch() == LeaderEpoch(9));
}

TEST_CASE("Salvage: a copy whose records somebody removed is not given up for one that ends before them") {
  Copies c;
  c.fill("/data/second", {1, 1});
  SECTION("nobody has all of them") {}
  SECTION("another one has") { c.fill("/data/third", {1, 1, 1}); }
  const bool is_elsewhere = c.w.storage.stat("/data/third").ok();
  auto& work = c.look_without_records(Offset(3));
  CHECK(is_nothing(work) == !is_elsewhere);
  if (is_elsewhere) CHECK(work.best() == third);
}

TEST_CASE("Salvage: of the copies that have more, the one with the newest epoch at its end, then the longest") {
  Copies c;
  SECTION("the longest") {
    c.fill("/data/second", {1, 2, 2});
    c.fill("/data/third", {1, 2, 2, 2});
    auto& work = c.look({1, 2});
    CHECK(work.best() == third);
    CHECK(bases(work.batches()) == std::vector{Offset(2), Offset(3)});
  }
  SECTION("the newest epoch") {
    c.fill("/data/second", {1, 2, 3});
    c.fill("/data/third", {1, 2, 2, 2});
    auto& work = c.look({1, 2});
    CHECK(work.best() == second);
    CHECK(bases(work.batches()) == std::vector{Offset(2)});
  }
}

TEST_CASE("Salvage: a copy without records takes everything") {
  Copies c;
  c.fill("/data/second", {1, 2, 3});
  auto& work = c.look({});
  CHECK(bases(work.batches()) == std::vector{Offset(0), Offset(1), Offset(2)});
}

TEST_CASE("Salvage: where the best copy parts from this one, this one is cut first") {
  Copies c;
  SECTION("an epoch ended earlier there") {
    c.fill("/data/second", {1, 1, 3}, "other");
    auto& work = c.look({1, 1, 2, 2});
    CHECK(work.batches().empty());
    REQUIRE(work.parts_at());
    CHECK(*work.parts_at() == log::EpochEnd{LeaderEpoch(1), Offset(2)});
    CHECK(c.heir->cut_for(*work.parts_at()).value() == Offset(2));
  }
  SECTION("this copy's last epoch has fewer records there") {
    c.fill("/data/second", {1, 2, 3}, "other");
    auto& work = c.look({1, 2, 2, 2});
    REQUIRE(work.parts_at());
    CHECK(*work.parts_at() == log::EpochEnd{LeaderEpoch(2), Offset(2)});
  }
  SECTION("not below what was committed: such a copy is none to follow") {
    c.fill("/data/second", {1, 1, 3}, "other");
    CHECK(is_nothing(c.look({1, 1, 2, 2}, Offset(3))));
  }
}

TEST_CASE("Salvage: a copy that cannot be read is told, and the others count") {
  Copies c;
  c.fill("/data/second", {1, 1, 1});
  c.fill("/data/third", {1, 1, 1, 1});
  auto& work = c.look({1, 1});
  SalvageWork again(*c.files, *c.heir, {{second, "/data/second"}, {third, "/data/third"}});
  c.w.storage.inject({1, false, Errc::io_error, 0, {test::Call::list}});
  again.run();
  REQUIRE(again.trouble());
  CHECK(again.trouble()->code == Errc::io_error);
  CHECK(again.best() == third);
  CHECK(bases(again.batches()) == std::vector{Offset(2), Offset(3)});
  CHECK_FALSE(work.trouble());
}
