#include "cluster/replica.h"

namespace bobbin::cluster {

Copy* Replica::copy() {
  if (Leading* role = leading()) return &role->copy();
  if (Following* role = taking()) return &role->copy();
  return nullptr;
}

Offset Replica::high_watermark() const {
  if (auto* role = std::get_if<Leading>(&role_)) return role->high_watermark();
  if (auto* role = std::get_if<Succeeding>(&role_)) return role->following.high_watermark();
  return std::get<Following>(role_).high_watermark();
}

void Replica::follow(Reign reign, int64_t now) {
  const LeaderEpoch before = reign_.epoch;
  reign_ = std::move(reign);
  if (Leading* role = leading()) {
    // Between two reigns of its own nobody else led.
    const bool goes_on = leads() && (is_only_source() || reign_.epoch.value <= before.value + 1);
    if (goes_on) return role->reign(reign_, now);
    const Offset high_watermark = role->high_watermark();
    return take_role(role->give_copy(), high_watermark, now);
  }
  Following* role = taking();
  if (!role) return;
  if (leads() == (role == succeeding())) return role->follow(reign_);
  const Offset committed = role->committed();
  take_role(role->give_copy(), committed, now);
}

void Replica::update(const TopicConfigs& configs) {
  const TopicId& topic = id_.topic;
  if (Leading* role = leading()) role->update(configs.of(topic), configs.log_config_of(topic));
  else if (Copy* open = copy()) open->update(configs.of(topic), configs.log_config_of(topic));
}

void Replica::take_role(std::unique_ptr<Copy> copy, Offset committed, int64_t now) {
  if (!leads()) role_.emplace<Following>(std::move(copy), reign_, committed);
  else if (is_only_source() && !is_of_later_reign(*copy, reign_.epoch)) lead(std::move(copy), committed, now);
  else role_.emplace<Succeeding>(Succeeding{Following(std::move(copy), reign_, committed)});
}

// Where nobody else is in sync, what is on this disk is committed. Elsewhere others have to say how much they have.
void Replica::lead(std::unique_ptr<Copy> copy, Offset committed, int64_t now) {
  const InSync in_sync(self_, reign_.in_sync, copy->log_end(), now);
  const Offset own = in_sync.committed(copy->durable_end()).value_or(Offset(0));
  const Offset high_watermark = std::max({committed, own, copy->log_start()});
  role_.emplace<Leading>(std::move(copy), self_, reign_, high_watermark, now);
}

void Replica::take_log(std::unique_ptr<log::Log> log, const config::TopicSettings& settings, int64_t now) {
  take_role(std::make_unique<Copy>(id_, topic_name_, std::move(log), settings), Offset(0), now);
}

void Replica::succeed(int64_t now) {
  Following* role = succeeding();
  check(role != nullptr, "who succeeds leads");
  const Offset committed = role->committed();
  lead(role->give_copy(), committed, now);
}

std::shared_ptr<log::LentLog> Replica::lend(log::Files& files) {
  Following* role = taking();
  check(role != nullptr, "a leader's log is not cut");
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
