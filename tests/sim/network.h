// Network: connections between clients and brokers. Frames of one connection stay in order, everything else overtakes as
// it likes, and an end of a connection may be told late: what was on its way then still arrives.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <string>

#include "broker/connections.h"
#include "sim/stage.h"

namespace bobbin::sim {

using LineId = Id<struct LineTag, uint64_t>;  // one connection, never used twice in a run

// A client's end.
class LineOwner {
 public:
  virtual ~LineOwner() = default;
  virtual void on_answer(LineId line, Bytes frame) = 0;  // without its size
  virtual void on_lost(LineId line) = 0;                 // no answer comes any more
  virtual bool can_hear() const { return true; }         // now
};

struct Line {
  size_t node = 0;
  broker::ConnectionId id{};   // as the broker knows it
  LineOwner* owner = nullptr;  // null: the client has hung up
  std::deque<std::string> to_broker, to_client;
  bool paused = false;          // the broker reads no more of it for now
  bool broker_hung_up = false;  // once its answers have arrived, the client learns it
  bool told_gone = false;
};

class Network {
 public:
  explicit Network(Stage& stage) : stage_(stage) {}

  LineId connect(size_t node, broker::ConnectionId id, LineOwner* owner);
  void send(LineId line, std::string frame);  // of the client
  void hang_up(LineId line);                  // of the client: it listens no more
  // The connection breaks: part of what was on its way arrives, or nothing.
  void cut(LineId line);
  // A broker died; `all` also loses what it had answered.
  void lose_node(size_t node, bool all);

  Line* find(LineId line);
  LineId line_of(size_t node, broker::ConnectionId id) const;  // LineId(0): none
  void arrive(LineId line);                                    // the next answer, or the end, reaches the client
  void remove(LineId line) { lines_.erase(line); }
  std::map<LineId, Line>& lines() { return lines_; }

 private:
  Stage& stage_;
  uint64_t next_ = 1;
  std::map<LineId, Line> lines_;
};

}  // namespace bobbin::sim
