#include "cluster/openings.h"

#include <algorithm>

namespace bobbin::cluster {

void Openings::want(const TopicPartition& id, std::string dir, std::function<log::ToOpen()> what) {
  auto opening = std::make_shared<Opening>(Opening{id, std::move(dir), std::move(what)});
  if (!wanted_.emplace(id, opening).second) return;
  waiting_.push_back(std::move(opening));
  start();
}

void Openings::abandon(const TopicPartition& id, std::function<void()> then) {
  auto wanted = wanted_.extract(id);
  if (!wanted) return then();
  std::shared_ptr<Opening> opening = std::move(wanted.mapped());
  if (opening->under_way) {
    opening->abandoned = std::move(then);
    return;
  }
  std::erase(waiting_, opening);
  then();
}

void Openings::start() {
  auto may_begin = [this](const std::shared_ptr<Opening>& o) { return !dirs_.contains(o->dir); };
  while (under_way_ < under_way_max) {
    auto next = std::find_if(waiting_.begin(), waiting_.end(), may_begin);
    if (next == waiting_.end()) return;
    std::shared_ptr<Opening> opening = std::move(*next);
    waiting_.erase(next);
    begin(std::move(opening));
  }
}

void Openings::begin(std::shared_ptr<Opening> opening) {
  under_way_++;
  opening->under_way = true;
  dirs_.insert(opening->dir);
  auto work = std::make_shared<log::OpenWork>(world_, files_, opening->what());
  world_.jobs.submit([work] { work->run(); }, [this, work, opening] { ended(*opening, *work); });
}

void Openings::ended(Opening& opening, log::OpenWork& work) {
  under_way_--;
  dirs_.erase(opening.dir);
  if (opening.abandoned) {
    opening.abandoned();
  } else {
    wanted_.erase(opening.id);
    opened_(opening.id, work);
  }
  start();
}

}  // namespace bobbin::cluster
