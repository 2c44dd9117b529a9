// ConnectionQuota: how many connections are let in, by Kafka's settings and in Kafka's sense:
//
//   max.connections                of all; beyond it those over TCP wait in the kernel's queue until one goes
//   max.connections.per.ip         of one address over TCP; one more is closed at once
//   max.connection.creation.rate   over TCP in a second; more wait for the next one
//
// Local clients come over the unix socket. They are, to Kafka, the listener between brokers: no limit above keeps them out,
// and some of the places that there are descriptors for are theirs alone.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace bobbin::transport {

struct ConnectionLimits {
  int32_t all_max = INT32_MAX;       // max.connections
  int32_t per_ip_max = INT32_MAX;    // max.connections.per.ip
  int32_t a_second_max = INT32_MAX;  // max.connection.creation.rate
};

class ConnectionQuota {
 public:
  // `places` in all, so many of which TCP cannot take.
  ConnectionQuota(size_t places, size_t local_places) : places_(places), local_places_(local_places) {}

  void set(const ConnectionLimits& limits) { limits_ = limits; }

  // Whether another one may be accepted over TCP now. If not: when to ask again, unless a connection has gone before.
  bool tcp_may_come(int64_t now_ms);
  std::optional<int64_t> ask_again_ms() const { return ask_again_ms_; }
  // False: its address has all it may have.
  bool take_tcp(const std::string& ip);
  // False: there is no place.
  bool take_unix();
  void give_back_tcp(const std::string& ip);
  void give_back_unix() { unix_--; }

  size_t tcp() const { return tcp_; }

 private:
  size_t places_, local_places_;
  ConnectionLimits limits_;
  size_t tcp_ = 0, unix_ = 0;
  std::map<std::string, size_t> by_ip_;  // ordered: whoever comes chooses the keys
  int64_t second_began_ms_ = 0;
  int32_t came_this_second_ = 0;
  std::optional<int64_t> ask_again_ms_;
};

}  // namespace bobbin::transport
