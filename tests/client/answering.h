// One API of a FakeCluster, answered by a test, which looks afterwards at what was asked and of whom.
#pragma once

#include <catch2/catch.hpp>

#include "client/fake_broker.h"
#include "client/session.h"
#include "protocol/codec.h"

namespace bobbin::client::test {

template <class Request, class Response>
class Answering {
 public:
  // Nothing: the cluster answers itself. Called in the cluster's thread. The cluster must outlive it, and it what is
  // asked.
  using Answer = std::function<std::optional<Response>(const Request&)>;
  Answering(fake::FakeCluster& cluster, Answer answer) : cluster_(cluster) {
    cluster_.with([&](fake::FakeCluster& c) {
      c.answers = [this, answer](int node, const protocol::RequestHeader& header,
                                 Bytes body) -> std::optional<std::string> {
        if (header.api_key != Request::api_key) return std::nullopt;
        auto request = protocol::decode<Request>(body, header.api_version);
        if (!request) std::abort();
        nodes_.push_back(node);
        requests_.push_back(*request);
        auto response = answer(*request);
        if (!response) return std::nullopt;
        return protocol::encode_response(header.correlation_id, header.api_version, *response);
      };
    });
  }
  Answering(fake::FakeCluster& cluster, const Response& always)
      : Answering(cluster, Answer([always](const Request&) { return std::optional(always); })) {}
  ~Answering() {
    cluster_.with([](fake::FakeCluster& c) { c.answers = nullptr; });
  }

  std::vector<Request> requests() {
    std::vector<Request> seen;
    cluster_.with([&](fake::FakeCluster&) { seen = requests_; });
    return seen;
  }
  std::vector<int> nodes() {
    std::vector<int> seen;
    cluster_.with([&](fake::FakeCluster&) { seen = nodes_; });
    return seen;
  }

 private:
  fake::FakeCluster& cluster_;
  std::vector<Request> requests_;
  std::vector<int> nodes_;
};

inline std::unique_ptr<Session> open_session(fake::FakeCluster& cluster) {
  Target target;
  target.bootstrap = cluster.bootstrap();
  target.timeout_ms = 20'000;
  auto session = Session::open(target);
  REQUIRE(session.ok());
  return std::move(*session);
}

// "t-0 NONE, t-1 ELECTION_NOT_NEEDED": what became of each partition.
template <class One>
std::string said(const std::vector<One>& all) {
  std::string out;
  for (const One& one : all)
    out += (out.empty() ? "" : ", ") + one.topic + "-" + to_string(one.partition) + " " +
           std::string(name(one.status ? Errc::none : one.status.error().code));
  return out;
}

// Lets the session work until that is so.
inline void work_until(Session& session, const std::function<bool()>& is_so) {
  for (const int64_t end = session.now_ms() + 30'000; !is_so();) {
    REQUIRE(session.now_ms() < end);
    REQUIRE(session.wait({}, 20).ok());
  }
}

}  // namespace bobbin::client::test
