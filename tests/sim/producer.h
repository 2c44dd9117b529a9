// Producer: an idempotent producer as Kafka's Java client is one: up to five batches of a partition under way, all sent
// again in their order under the same sequences when an answer fails to come. Besides, it sometimes raises its epoch by
// itself, and then a zombie sends a batch of the epoch before.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "protocol/messages/init_producer_id.h"
#include "protocol/messages/produce.h"
#include "sim/caller.h"
#include "sim/model.h"

namespace bobbin::sim {

class Producer : public Actor {
 public:
  Producer(Stage& stage, Network& network, Nodes& nodes, Model& model, const Profile& profile, int number);

  bool wants_to_act() override;
  void act() override;
  std::optional<int64_t> deadline() override { return rests_until_; }

  // From now on: sends what is still to be sent, and one batch more to every partition that is there.
  void begin_last_round();
  bool is_done() const;
  std::string unfinished() const;  // for a person

 private:
  struct Batch {
    int16_t epoch = 0;
    int32_t sequence = 0;
    std::vector<std::string> values;
    std::string bytes;
    bool sent = false;  // on the connection that there is now
    int times_sent = 0;
    uint64_t key = 0;
  };
  struct Stream {
    Place place;
    int16_t acks = -1;
    int64_t id = -1;
    int16_t epoch = 0;
    int32_t next_sequence = 0;
    int64_t next_number = 0;
    std::string name;  // of its values
    std::deque<Batch> unacked;
    bool may_have_lost = false;   // a power cut came, and what was acknowledged was not promised to outlive it
    uint64_t power_cuts = 0;      // when it was last looked at
    std::optional<Batch> before;  // of the epoch before, for the zombie
    bool zombie_ready = false;
    uint64_t zombie_power_cuts = 0;
    int last_round_left = 0;
    std::optional<size_t> leader;
  };
  using Response = protocol::ProduceResponse;

  void ask_for_id();
  Stream* choose();
  Stream* stream_for(Place place);
  bool has_unsent(const Stream& s) const;
  void make_batch(Stream& s);
  void send_next(Stream& s);
  void answered(Place place, uint64_t key, std::optional<Response> response);
  void stored(Stream& s, uint64_t key, const Response::PartitionProduceResponse& told);
  void failed(Stream& s, const Batch& batch, const Response::PartitionProduceResponse& told);
  void rewind(Stream& s);
  void raise_epoch(Stream& s);
  void send_zombie(Stream& s);
  void note_power_cuts(Stream& s);
  protocol::ProduceRequest request_for(const Stream& s, const Batch& batch) const;
  std::string build(const Stream& s, const Batch& batch);
  size_t leader_of(Stream& s);
  void rest(uint64_t ms_max) { rests_until_ = stage_.clock.mono + static_cast<int64_t>(stage_.between(1, ms_max)); }

  Stage& stage_;
  Model& model_;
  const Profile& profile_;
  Nodes& nodes_;
  Caller caller_, zombie_;
  int number_;
  int64_t id_ = -1;
  bool asking_ = false;
  bool last_round_ = false;
  std::optional<int64_t> rests_until_;
  std::map<Place, Stream> streams_;
  uint64_t next_key_ = 1;
  int streams_made_ = 0;
};

}  // namespace bobbin::sim
