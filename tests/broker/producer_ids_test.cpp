// ProducerIds: no id is given twice, also where the metadata was put back from an older copy.
#include "broker/producer_ids.h"

#include <catch2/catch.hpp>

#include "broker/one_broker.h"

using namespace bobbin;
using test::OneBroker;

namespace {

int64_t take_id(OneBroker& b) {
  auto told = b.call<protocol::InitProducerIdResponse>(4, protocol::InitProducerIdRequest{});
  REQUIRE(told.error_code == 0);
  return told.producer_id;
}

using Files = std::map<std::string, std::string>;

Files metadata_of(OneBroker& b) {
  Files files;
  auto names = b.world.storage.list(b.dir.metadata_log_dir());
  REQUIRE(names.ok());
  for (const std::string& name : *names) {
    auto text = os::read_whole_file(b.world.storage, b.dir.metadata_log_dir() + "/" + name);
    REQUIRE(text.ok());
    files[name] = *text;
  }
  return files;
}

void put_back(OneBroker& b, const Files& files) {
  REQUIRE(os::remove_tree(b.world.storage, b.dir.metadata_log_dir()).ok());
  REQUIRE(b.world.storage.make_dir(b.dir.metadata_log_dir()).ok());
  for (const auto& [name, text] : files)
    REQUIRE(os::write_whole_file(b.world.storage, b.dir.metadata_log_dir() + "/" + name, text).ok());
}

}  // namespace

TEST_CASE("ProducerIds: they count up, over the borders of blocks") {
  OneBroker b;
  int64_t last = take_id(b);
  for (int i = 0; i < 2500; i++) REQUIRE(take_id(b) == ++last);
}

TEST_CASE("ProducerIds: none is given again in another life") {
  OneBroker b;
  const int64_t last = take_id(b);
  SECTION("after an end in order") {
    b.stop();
    b.start_again();
  }
  SECTION("after a kill") { b.restart_after_kill(); }
  SECTION("after a power cut") { b.restart_after_power_cut(); }
  CHECK(take_id(b) > last);
}

TEST_CASE("ProducerIds: nor where the metadata is an older copy, which does not know of them") {
  OneBroker b;
  const Files before = metadata_of(b);
  int64_t last = 0;
  for (int i = 0; i < 1001; i++) last = take_id(b);
  b.stop();
  put_back(b, before);
  b.start_again();
  CHECK(take_id(b) > last);
}

TEST_CASE("ProducerIds: nor those that another broker gave") {
  OneBroker b;
  OneBroker second(b, BrokerId(2));
  const Files before = metadata_of(b);
  take_id(b);
  const int64_t last = take_id(second);
  b.settle();
  b.stop();
  second.stop();
  put_back(b, before);
  b.start_again();
  CHECK(take_id(b) > last);
}
