#include "sim/caller.h"

namespace bobbin::sim {

std::optional<LineId> Caller::line_to(size_t node) {
  if (auto it = by_node_.find(node); it != by_node_.end()) return it->second;
  auto line = nodes_[node]->connect(this);
  if (line) by_node_[node] = *line;
  return line;
}

void Caller::on_answer(LineId line, Bytes frame) {
  auto it = waiting_.find(line);
  if (it == waiting_.end() || it->second.empty()) return stage_.violate("an answer that nobody asked for");
  Waiting first = std::move(it->second.front());
  it->second.pop_front();
  if (frame.size() < 4 || load_be<int32_t>(frame.data()) != first.id)
    return stage_.violate("answers do not come in the order of their requests");
  first.then(frame);
}

void Caller::on_lost(LineId line) {
  std::erase_if(by_node_, [&](const auto& n) { return n.second == line; });
  auto it = waiting_.find(line);
  if (it == waiting_.end()) return;
  auto lost = std::move(it->second);
  waiting_.erase(it);
  for (Waiting& w : lost) w.then(std::nullopt);
}

void Caller::hang_up(size_t node) {
  auto it = by_node_.find(node);
  if (it == by_node_.end()) return;
  LineId line = it->second;
  network_.hang_up(line);
  on_lost(line);
}

}  // namespace bobbin::sim
