// Inspections: the records of a Produce that take long to look at (compressed ones: a batch of a megabyte may hold gigabytes),
// and the helpers that look at them. The way of such a request:
//
//   handled     what can be checked at once is; nothing long in it: appended at once, as any other
//      |
//      v
//   away        its frame is kept, its connection handles nothing behind it (Connections::send_away)
//      |          quick lane: on a helper, up to 16 MiB of records
//      |          slow lane:  what was not done by then, from its beginning, one at a time
//      v
//   back        appended in the order of its partitions, under the metadata, the epochs and the sequences of now; then its
//               connection goes on (come_back)
//
// So what one connection sends is appended in the order in which it was sent, whatever it is packed in; requests of different
// connections may overtake each other, as they always could. One whose connection has gone meanwhile is given up, unless it
// wanted no answer (acks=0): then it counts as received. Records are streamed: a helper holds a window of them, and what waits
// is only frames.
//
// Small batches wait for few others and for no large one; nobody waits for the deciding thread. Owned by the Broker, used by
// the deciding thread alone.
#pragma once

#include <deque>
#include <functional>
#include <memory>

#include "os/seam.h"

namespace bobbin::broker {

class Inspections {
 public:
  // `helpers` look at once in the quick lane, one in the slow lane.
  Inspections(os::Jobs& jobs, size_t helpers) : jobs_(jobs), quick_{helpers}, slow_{1} {}

  // What is looked at in the quick lane at most, and what memory a codec may want there.
  static constexpr size_t quick_bytes_max = 16 << 20, quick_window_bytes_max = 8 << 20;

  // `look` runs on a helper. In the quick lane it may return false: it takes longer, and is called again, not quick.
  // `done` runs on the deciding thread, and so does `give_up`, before a helper begins: true, if nobody wants it any more; then
  // that was all.
  using Look = std::function<bool(bool quick)>;
  void submit(Look look, std::function<void()> done, std::function<bool()> give_up);
  // What no helper has begun is forgotten.
  void forget_waiting();
  bool is_idle() const { return quick_.is_idle() && slow_.is_idle(); }
  size_t waiting() const { return quick_.waiting.size() + slow_.waiting.size(); }

 private:
  struct Work {
    Look look;
    std::function<void()> done;
    std::function<bool()> give_up;
    bool is_done = false;
  };
  struct Lane {
    size_t at_once;
    size_t running = 0;
    std::deque<std::shared_ptr<Work>> waiting = {};
    bool is_idle() const { return running == 0 && waiting.empty(); }
  };
  void start(Lane& lane);
  void looked_at(Lane& lane, std::shared_ptr<Work> work);

  os::Jobs& jobs_;
  Lane quick_, slow_;
};

}  // namespace bobbin::broker
