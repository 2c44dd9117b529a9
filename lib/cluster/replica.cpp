#include "cluster/replica.h"

namespace bobbin::cluster {

Copy* Replica::copy() {
  if (Leading* role = leading()) return &role->copy();
  if (Following* role = following()) return &role->copy();
  return nullptr;
}

void Replica::follow(Reign reign, int64_t now) {
  reign_ = std::move(reign);
  if (Leading* role = leading()) {
    if (leads()) return role->reign(reign_, now);
    const Offset high_watermark = role->high_watermark();
    return take_role(role->give_copy(), high_watermark, now);
  }
  if (Following* role = following()) {
    if (!leads()) return role->follow(reign_);
    const Offset committed = role->committed();
    return take_role(role->give_copy(), committed, now);
  }
}

void Replica::update(const TopicConfigs& configs) {
  const TopicId& topic = id_.topic;
  if (Leading* role = leading()) role->update(configs.of(topic), configs.log_config_of(topic));
  else if (Copy* open = copy()) open->update(configs.of(topic), configs.log_config_of(topic));
}

void Replica::take_role(std::unique_ptr<Copy> copy, Offset committed, int64_t now) {
  const Offset high_watermark = std::max(committed, copy->log_start());
  if (leads()) role_.emplace<Leading>(std::move(copy), self_, reign_, high_watermark, now);
  else role_.emplace<Following>(std::move(copy), reign_, committed);
}

// Where nobody else is in sync, what is on this disk is committed. Elsewhere others have to say how much they have.
void Replica::take_log(std::unique_ptr<log::Log> log, const config::TopicSettings& settings, int64_t now) {
  auto copy = std::make_unique<Copy>(id_, topic_name_, std::move(log), settings);
  const InSync in_sync(self_, reign_.in_sync, copy->log_end(), now);
  Offset committed(0);
  if (leads()) committed = in_sync.committed(copy->durable_end()).value_or(committed);
  take_role(std::move(copy), committed, now);
}

std::shared_ptr<log::LentLog> Replica::lend(log::Files& files) {
  Following* role = following();
  check(role != nullptr, "only a follower's log is cut");
  const Offset committed = role->committed();
  std::unique_ptr<Copy> copy = role->give_copy();
  auto lent = copy->lend(files);
  role_.emplace<Cutting>(std::move(copy), committed);
  return lent;
}

void Replica::come_back(log::LentLog& lent, int64_t now) {
  auto* cutting = std::get_if<Cutting>(&role_);
  check(cutting != nullptr, "whoever was lent comes back once");
  std::unique_ptr<Copy> copy = std::move(cutting->copy);
  const Offset committed = cutting->committed;
  copy->take_back(lent);
  take_role(std::move(copy), committed, now);
}

}  // namespace bobbin::cluster
