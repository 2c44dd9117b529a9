#include "sim/network.h"

namespace bobbin::sim {

LineId Network::connect(size_t node, broker::ConnectionId id, LineOwner* owner) {
  LineId line(next_++);
  lines_[line] = Line{node, id, owner, {}, {}, false, false, false};
  return line;
}

void Network::send(LineId line, std::string frame) {
  Line* l = find(line);
  if (l && l->owner && !l->broker_hung_up) l->to_broker.push_back(std::move(frame));
}

void Network::hang_up(LineId line) {
  Line* l = find(line);
  if (!l) return;
  l->owner = nullptr;
  l->to_client.clear();
  // The broker may read on for a while: a request that its client has given up is still a request.
  while (!l->to_broker.empty() && stage_.chance(1, 3)) l->to_broker.pop_back();
}

void Network::cut(LineId line) {
  Line* l = find(line);
  if (!l) return;
  while (!l->to_broker.empty() && stage_.chance(2, 3)) l->to_broker.pop_back();
  while (!l->to_client.empty() && stage_.chance(2, 3)) l->to_client.pop_back();
  l->broker_hung_up = true;
}

void Network::lose_node(size_t node, bool all) {
  for (auto& [id, line] : lines_) {
    if (line.node != node) continue;
    line.to_broker.clear();
    while (!line.to_client.empty() && (all || stage_.chance(1, 2))) line.to_client.pop_back();
    line.broker_hung_up = true;
    line.told_gone = true;
  }
}

Line* Network::find(LineId line) {
  auto it = lines_.find(line);
  return it == lines_.end() ? nullptr : &it->second;
}

LineId Network::line_of(size_t node, broker::ConnectionId id) const {
  for (const auto& [line, l] : lines_)
    if (l.node == node && l.id == id && !l.told_gone) return line;
  return LineId(0);
}

void Network::arrive(LineId line) {
  Line* l = find(line);
  if (!l->owner) {
    l->to_client.clear();
    return;
  }
  if (!l->to_client.empty()) {
    std::string frame = std::move(l->to_client.front());
    l->to_client.pop_front();
    return l->owner->on_answer(line, Bytes(frame).substr(4));
  }
  LineOwner* owner = std::exchange(l->owner, nullptr);
  owner->on_lost(line);
}

}  // namespace bobbin::sim
