// Consumer: reads partitions from their beginning to the high watermark and on, now this one, now that one.
#pragma once

#include "protocol/messages/fetch.h"
#include "protocol/messages/list_offsets.h"
#include "sim/caller.h"
#include "sim/model.h"

namespace bobbin::sim {

class Consumer : public Actor {
 public:
  Consumer(Stage& stage, Network& network, Nodes& nodes, Model& model, int number);

  bool wants_to_act() override;
  void act() override;
  std::optional<int64_t> deadline() override { return rests_until_; }

  // From now on: reads these, each once, from its beginning to its end.
  void begin_last_round(std::vector<Place> places);
  bool is_done() const { return last_round_ && left_.empty() && !at_; }
  std::string unfinished() const;

 private:
  struct At {
    Place place;
    int64_t next = 0;
    int64_t start = 0;
    bool knows_start = false;
    Reading reading;
    uint64_t power_cuts = 0;
    size_t node = 0;
    uint64_t key = 0;
    int waits = 0;
  };
  using Response = protocol::FetchResponse;

  void choose();
  void ask_for_start();
  void fetch();
  void got(uint64_t key, int64_t asked, int64_t certain_before, std::optional<Response> response);
  void take_in(const Response::PartitionData& data, int64_t asked);
  bool take_batches(Bytes records, int64_t high_watermark);
  void failed(Errc code);
  void ended(int64_t high_watermark);
  void rest(uint64_t ms_max) { rests_until_ = stage_.clock.mono + static_cast<int64_t>(stage_.between(1, ms_max)); }
  std::string text() const;

  Stage& stage_;
  Model& model_;
  Caller caller_;
  int number_;
  std::optional<At> at_;
  bool asking_ = false;
  bool last_round_ = false;
  std::vector<Place> left_;
  std::optional<int64_t> rests_until_;
  uint64_t next_key_ = 1;
};

}  // namespace bobbin::sim
