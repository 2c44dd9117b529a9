// Fetch sessions (KIP-227): a client that asks again and again for the same partitions names, within a session, only what has
// changed since it asked last, and is told only of what has news: records, an error, another high watermark or log start. What each
// question names is what is remembered here.
//
// As in Kafka (its FetchManager and FetchSessionCache): a session belongs to no connection; of one question after the other each
// carries the epoch that the answer before promised; partitions that gave records go to the end, so that all come in turn; and a
// session that finds no room is declined (session id 0), which every client takes for a full fetch each time. The one that was not
// used for longest goes for another, when that is long ago.
//
// Of one broker, used by the deciding thread.
#pragma once

#include <list>
#include <map>
#include <string>
#include <tuple>

#include "base/result.h"
#include "os/seam.h"
#include "protocol/messages/fetch.h"

namespace bobbin::broker {

class FetchSessions {
 public:
  // Kafka's max.incremental.fetch.session.cache.slots and min.incremental.fetch.session.eviction.ms; and how many partitions
  // all sessions together may remember, whoever asks.
  struct Limits {
    size_t sessions_max = 1000;
    size_t partitions_max = 50'000;
    int64_t idle_ms_min = 120'000;
  };
  explicit FetchSessions(os::World& world) : FetchSessions(world, Limits()) {}
  FetchSessions(os::World& world, const Limits& limits) : world_(world), limits_(limits) {}

  // What an answer has to do with its question's session.
  struct Turn {
    enum class Kind { none, opens, goes_on } kind = Kind::none;
    int32_t id = 0;
    int32_t epoch = 0;  // of the next question
  };
  // `message` names afterwards each partition that is to be looked at, once, as it was named last. `by_id`: its version names topics
  // by their ids. fetch_session_id_not_found, invalid_fetch_session_epoch, fetch_session_topic_id_error.
  Result<Turn> ask(protocol::FetchRequest& message, bool by_id);
  // `response` has an answer to each partition that `message` names, in that order; those without news are left out.
  // invalid_fetch_session_epoch: another question was asked in this session meanwhile.
  Status answer(const Turn& turn, const protocol::FetchRequest& message, bool by_id, protocol::FetchResponse& response);

  // visit(topic, topic_id, partition) for each that the session of `message` remembers.
  template <class Visit>
  void for_each_remembered(const protocol::FetchRequest& message, const Visit& visit) const {
    auto session = sessions_.find(message.session_id);
    if (session == sessions_.end()) return;
    for (const Cached& cached : session->second.partitions)
      visit(cached.topic, cached.topic_id, cached.asked.partition);
  }

  size_t count() const { return sessions_.size(); }

 private:
  using Key = std::tuple<std::string, Uuid, int32_t>;
  struct Cached {
    std::string topic;
    Uuid topic_id;
    protocol::FetchRequest::FetchPartition asked;
    int64_t high_watermark = -1, log_start = -1;  // as they were told last
  };
  struct Session {
    bool by_id = false;
    int32_t epoch = 1;
    int64_t used_ms = 0;
    std::list<Cached> partitions = {};  // in the order of service
    std::map<Key, std::list<Cached>::iterator> places = {};
  };
  static Key key_of(const Cached& cached) { return {cached.topic, cached.topic_id, cached.asked.partition}; }
  static size_t new_ones(const Session& session, const protocol::FetchRequest& message);
  void put(Session& session, Cached cached);
  void remove(Session& session, const Key& key);
  void take_changes(Session& session, const protocol::FetchRequest& message);
  void close(int32_t id);
  bool make_room(size_t partitions);
  void open(const protocol::FetchRequest& message, bool by_id, protocol::FetchResponse& response);

  os::World& world_;
  Limits limits_;
  std::map<int32_t, Session> sessions_;
  size_t partitions_ = 0;  // of all sessions
};

}  // namespace bobbin::broker
