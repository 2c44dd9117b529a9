#include <catch2/catch.hpp>
#include <limits>

#include "bobbin/bobbin.h"

using namespace bobbin::api;

namespace {

// A cluster that is asked by mistake does not exist, and none is made for it.
const Cluster nowhere{.dir = "/nowhere/at/all", .autostart = false};

template <class T>
Code code_of(const Result<T>& result) {
  return result ? Code::none : result.error().code;
}
Code producer_code(const ProducerOptions& options) { return code_of(Producer::open(nowhere, options)); }
Code consumer_code(const ConsumerOptions& options) { return code_of(Consumer::open(nowhere, options)); }

}  // namespace

TEST_CASE("library: a producer's options are checked before a cluster is asked") {
  CHECK(producer_code({.topic = "t"}) == Code::no_answer);
  CHECK(producer_code({}) == Code::invalid_topic_exception);
  CHECK(producer_code({.topic = "a topic"}) == Code::invalid_topic_exception);
  CHECK(producer_code({.topic = "t", .acks = static_cast<Acks>(2)}) == Code::usage);
  CHECK(producer_code({.topic = "t", .compression = static_cast<Compression>(5)}) == Code::usage);
  CHECK(producer_code({.topic = "t", .partitioner = static_cast<Partitioner>(5)}) == Code::usage);
  CHECK(producer_code({.topic = "t", .partition = -1}) == Code::usage);
  CHECK(producer_code({.topic = "t", .batch_bytes = 0}) == Code::usage);
  CHECK(producer_code({.topic = "t", .buffer_bytes_max = 0}) == Code::usage);
  CHECK(producer_code({.topic = "t", .linger = milliseconds(-1)}) == Code::usage);
  CHECK(producer_code({.topic = "t", .timeout = milliseconds(std::numeric_limits<int64_t>::max())}) == Code::usage);
}

TEST_CASE("library: a consumer's options are checked before a cluster is asked") {
  CHECK(consumer_code({.topics = {{"t"}}}) == Code::no_answer);
  CHECK(consumer_code({}) == Code::usage);
  CHECK(consumer_code({.topics = {{".."}}}) == Code::invalid_topic_exception);
  CHECK(consumer_code({.topics = {{.topic = "t", .partitions = {0, -1}}}}) == Code::usage);
  CHECK(consumer_code({.topics = {{.topic = "t", .starts = {{.partition = 0, .offset = -1}}}}}) == Code::usage);
  CHECK(consumer_code({.topics = {{.topic = "t", .starts = {{.partition = -1, .offset = 0}}}}}) == Code::usage);
  CHECK(consumer_code({.topics = {{"t"}}, .start = Start::offset(-1)}) == Code::usage);
  CHECK(consumer_code({.topics = {{"t"}}, .start = Start::time(Timestamp(milliseconds(-1)))}) == Code::no_answer);
  CHECK(consumer_code({.topics = {{"t"}}, .stop = Stop::offset(-1)}) == Code::usage);
  CHECK(consumer_code({.topics = {{"t"}}, .fetch_bytes_max = 0}) == Code::usage);
  CHECK(consumer_code({.topics = {{"t"}}, .fetch_wait = milliseconds(-1)}) == Code::usage);
}

TEST_CASE("library: one cluster at a time, and an address that can be one") {
  CHECK(code_of(Admin::open({.bootstrap = "127.0.0.1:1", .dir = "/tmp"})) == Code::usage);
  CHECK(code_of(Admin::open({.bootstrap = "127.0.0.1:seven", .timeout = milliseconds(1)})) == Code::usage);
  CHECK(code_of(Admin::open({.dir = "/nowhere/at/all", .timeout = milliseconds(-1)})) == Code::usage);
  auto opened = Admin::open(nowhere);
  REQUIRE_FALSE(opened);
  CHECK(opened.error().code == Code::no_answer);
  CHECK(opened.error().message.find("/nowhere/at/all") != std::string::npos);
  CHECK(opened.error().message.find("Cluster::autostart") != std::string::npos);
}
