#include "broker/inspections.h"

namespace bobbin::broker {

void Inspections::submit(Look look, std::function<void()> done, std::function<bool()> give_up) {
  quick_.waiting.push_back(std::make_shared<Work>(Work{std::move(look), std::move(done), std::move(give_up)}));
  start(quick_);
}

void Inspections::forget_waiting() {
  quick_.waiting.clear();
  slow_.waiting.clear();
}

void Inspections::start(Lane& lane) {
  while (lane.running < lane.at_once && !lane.waiting.empty()) {
    auto work = std::move(lane.waiting.front());
    lane.waiting.pop_front();
    if (work->give_up()) continue;
    lane.running++;
    const bool quick = &lane == &quick_;
    jobs_.submit([work, quick] { work->is_done = work->look(quick); }, [this, &lane, work] { looked_at(lane, work); });
  }
}

void Inspections::looked_at(Lane& lane, std::shared_ptr<Work> work) {
  lane.running--;
  if (!work->is_done) {
    slow_.waiting.push_back(std::move(work));
    start(slow_);
  }
  start(lane);
  if (work) work->done();
}

}  // namespace bobbin::broker
