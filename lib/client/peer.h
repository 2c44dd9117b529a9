// Peer: one broker as a session sees it: where it is, its connection while there is one, and the calls that wait for that.
//
//   left alone --want(), hold()--> is_due() --connected()--> greeting --answered()--> ready
//       ^                                                       |                       |
//       +--------------- lost(): a pause that doubles ----------+-----------------------+
//
// Times are the session's patient milliseconds.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>

#include "base/id.h"
#include "client/address.h"
#include "client/call.h"
#include "client/connection.h"

namespace bobbin::client {

class Peer {
 public:
  // any_node: an address of --bootstrap-server, whose id nobody knows. The address is one over TCP.
  Peer(BrokerId id, Address address, Lane lane = Lane::data) : id_(id), lane_(lane), address_(std::move(address)) {}

  BrokerId id() const { return id_; }
  Lane lane() const { return lane_; }
  const Address& address() const { return address_; }
  void move_to(Address address) { address_ = std::move(address); }

  Connection* connection() const { return connection_.get(); }
  bool is_ready() const { return connection_ && connection_->is_ready(); }
  // It was tried or connected, and is not any more.
  bool is_lost() const { return !connection_ && pause_ms_ > 0; }
  // Something is still to be heard from it.
  bool is_used() const { return !pending_.empty() || (connection_ && !connection_->is_idle()); }

  void want() { wanted_ = true; }
  bool is_wanted() const { return wanted_ || !pending_.empty(); }
  // Until it is ready.
  void hold(Call call) { pending_.push_back(std::move(call)); }

  bool is_due(int64_t now) const { return !connection_ && is_wanted() && now >= not_before_; }
  // When it is looked at again although its socket says nothing; INT64_MAX: not at all.
  int64_t due_ms() const;
  void retry_at_once() { not_before_ = 0; }
  void connected(std::unique_ptr<Connection> connection) { connection_ = std::move(connection); }
  // It has become ready. The calls that waited for that.
  std::deque<Call> answered();
  // It could not be connected to, or is not any more. The calls that waited in vain.
  std::deque<Call> lost(int64_t now);

 private:
  BrokerId id_;
  Lane lane_;
  Address address_;
  std::unique_ptr<Connection> connection_;
  std::deque<Call> pending_;
  bool wanted_ = false;
  int64_t not_before_ = 0;
  int64_t pause_ms_ = 0;
};

}  // namespace bobbin::client
