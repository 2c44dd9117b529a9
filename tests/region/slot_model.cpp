#include "region/slot_model.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace bobbin::region::test {

namespace {

using std::memory_order;
using NodeId = uint32_t;
using Place = size_t;  // of a word, in the order of their first use

constexpr size_t words_max = 40;
constexpr size_t threads_max = 3;

// The oldest message of each word that may still be read.
using View = std::array<uint8_t, words_max>;

void join(View& view, const View& other) {
  for (size_t i = 0; i < words_max; i++) view[i] = std::max(view[i], other[i]);
}

struct Access {
  enum class Kind { load, store, end };
  Kind kind = Kind::end;
  const uint64_t* word = nullptr;
  memory_order order = memory_order::relaxed;
  uint64_t value = 0;  // of a store
};

// What an access did: a load took `message` of its word, with this value. A store answers {0, 0}.
struct Answer {
  uint8_t message = 0;
  uint64_t value = 0;
  auto operator<=>(const Answer&) const = default;
};

// One run of a program up to the first access that no answer is known for.
class Run {
 public:
  Run(const Mutation& mutation, std::vector<Answer> answers) : mutation_(mutation), answers_(std::move(answers)) {}

  void to_next_access(const std::function<void()>& program) {
    running = this;
    try {
      program();
    } catch (const Unanswered&) {}
    running = nullptr;
  }

  uint64_t load(const uint64_t& word, memory_order order) {
    const auto skipped = mutation_.skipped.find(&word);
    if (skipped != mutation_.skipped.end() && skipped->second == order) return known_[&word];
    if (mutation_.relaxed_loads.contains(&word)) order = memory_order::relaxed;
    check(order == memory_order::relaxed || order == memory_order::acquire, "an order for loads that the model knows");
    return known_[&word] = answered({Access::Kind::load, &word, order}).value;
  }

  void store(uint64_t& word, uint64_t value, memory_order order) {
    const auto moved = mutation_.moved.find(&word);
    const uint64_t* to = moved == mutation_.moved.end() ? &word : moved->second;
    if (mutation_.relaxed_stores.contains(to)) order = memory_order::relaxed;
    check(order == memory_order::relaxed || order == memory_order::release, "an order for stores that the model knows");
    known_[to] = value;
    const Access access{Access::Kind::store, to, order, value};
    if (mutation_.late.contains(to)) {
      late_.push_back(access);
      return;
    }
    answered(access);
    if (!mutation_.late_until.contains(to)) return;
    for (const Access& held : std::exchange(late_, {})) answered(held);
  }

  Access next;  // an end, when the program came to its end
  Notes notes;

  inline static Run* running = nullptr;

 private:
  struct Unanswered {};

  Answer answered(const Access& access) {
    if (used_ == answers_.size()) {
      next = access;
      throw Unanswered();
    }
    return answers_[used_++];
  }

  const Mutation& mutation_;
  std::vector<Answer> answers_;
  size_t used_ = 0;
  std::map<const uint64_t*, uint64_t> known_;
  std::vector<Access> late_;
};

// A program, unfolded as far as it was asked for.
class Tree {
 public:
  struct Node {
    Access access;
    Place place = 0;
    Notes notes;
    NodeId parent = 0;
    Answer answer;  // the one that led here from the parent
    std::map<Answer, NodeId> children;
    std::optional<NodeId> killed;
  };

  Tree(const Program& program, const Mutation& mutation, std::map<const uint64_t*, Place>& places)
      : program_(program), mutation_(mutation), places_(places) {
    unfold({}, {});
  }

  const Node& operator[](NodeId id) const { return nodes_[id]; }

  NodeId after(NodeId id, Answer answer) {
    const auto known = nodes_[id].children.find(answer);
    if (known != nodes_[id].children.end()) return known->second;
    const NodeId child = unfold(id, answer);
    nodes_[id].children.emplace(answer, child);
    return child;
  }

  NodeId after_death(NodeId id) {
    if (!nodes_[id].killed) {
      nodes_.push_back({{}, 0, nodes_[id].notes, id, {}, {}, {}});
      nodes_[id].killed = static_cast<NodeId>(nodes_.size() - 1);
    }
    return *nodes_[id].killed;
  }

 private:
  NodeId unfold(std::optional<NodeId> parent, Answer answer) {
    std::vector<Answer> answers;
    if (parent) {
      answers.push_back(answer);
      for (NodeId id = *parent; id != 0; id = nodes_[id].parent) answers.push_back(nodes_[id].answer);
    }
    std::reverse(answers.begin(), answers.end());
    Run run(mutation_, std::move(answers));
    run.to_next_access(program_.run);
    const Place place = run.next.word ? places_.try_emplace(run.next.word, places_.size()).first->second : 0;
    check(place < words_max, "more words than the model has place for");
    nodes_.push_back({run.next, place, std::move(run.notes), parent.value_or(0), answer, {}, {}});
    return static_cast<NodeId>(nodes_.size() - 1);
  }

  const Program& program_;
  const Mutation& mutation_;
  std::map<const uint64_t*, Place>& places_;
  std::vector<Node> nodes_;  // the first is the beginning
};

// Goes into every state, depth first, and takes each step back.
class Explorer {
 public:
  Explorer(const std::vector<Program>& programs, const Judge& judge, const Mutation& mutation)
      : programs_(programs), judge_(judge) {
    check(programs.size() <= threads_max, "more programs than fit into the name of a state");
    memory_.fill({Message{}});
    for (const Program& program : programs) threads_.push_back({Tree(program, mutation, places_), 0, {}});
  }

  Explored explored() {
    explore();
    return std::move(found_);
  }

 private:
  struct Message {
    uint64_t value = 0;
    View view{};  // what an acquire load takes over
  };
  struct Thread {
    Tree tree;
    NodeId node;
    View view;
    const Tree::Node& at() const { return tree[node]; }
    bool over() const { return at().access.kind == Access::Kind::end; }
  };

  void explore() {
    if (!found_.violation.empty() || !seen_.insert(state()).second) return;
    found_.states++;
    bool over = true;
    for (size_t i = 0; i < threads_.size(); i++) {
      if (threads_[i].over()) continue;
      over = false;
      if (!programs_[i].heir_of || threads_[*programs_[i].heir_of].over()) step(i);
    }
    if (over) judge();
  }

  void step(size_t i) {
    Thread& thread = threads_[i];
    const NodeId node = thread.node;
    const View view = thread.view;
    if (node == 0 && programs_[i].heir_of) thread.view = threads_[*programs_[i].heir_of].view;
    if (thread.at().access.kind == Access::Kind::load) load(thread);
    else store(thread);
    thread.node = node;
    thread.view = view;
    if (!programs_[i].mortal) return;
    go(thread, thread.tree.after_death(node));
    thread.node = node;
  }

  void load(Thread& thread) {
    const NodeId node = thread.node;
    const View view = thread.view;
    const Place place = thread.at().place;
    const bool acquire = thread.at().access.order == memory_order::acquire;
    for (size_t i = view[place]; i < memory_[place].size(); i++) {
      const Answer answer{static_cast<uint8_t>(i), memory_[place][i].value};
      thread.view = view;
      thread.view[place] = answer.message;
      if (acquire) join(thread.view, memory_[place][i].view);
      go(thread, thread.tree.after(node, answer));
    }
  }

  void store(Thread& thread) {
    const Access access = thread.at().access;
    const Place place = thread.at().place;
    std::vector<Message>& messages = memory_[place];
    if (thread.view[place] + 1u != messages.size()) return violated("a store by one who does not know the last");

    thread.view[place] = static_cast<uint8_t>(messages.size());
    Message message{access.value, {}};
    message.view[place] = thread.view[place];
    if (access.order == memory_order::release) message.view = thread.view;
    messages.push_back(message);
    go(thread, thread.tree.after(thread.node, {}));
    messages.pop_back();
  }

  void go(Thread& thread, NodeId to) {
    thread.node = to;
    explore();
  }

  uint64_t state() const {
    uint64_t name = 0;
    for (const Thread& thread : threads_) {
      check(thread.node < 1u << 21, "a program with more nodes than fit into the name of a state");
      name = name << 21 | thread.node;
    }
    return name;
  }

  void judge() {
    found_.ends++;
    std::vector<Notes> notes;
    for (const Thread& thread : threads_) notes.push_back(thread.at().notes);
    const std::string complaint = judge_(notes);
    if (!complaint.empty()) violated(complaint);
  }

  void violated(const std::string& what) {
    if (!found_.violation.empty()) return;
    found_.violation = what + "\n";
    for (size_t i = 0; i < threads_.size(); i++)
      found_.violation += "  program " + std::to_string(i) + ":" + history(threads_[i]) + "\n";
  }

  // "w3=1 w5:0 killed": stored 1 into word 3, loaded 0 from word 5.
  static std::string history(const Thread& thread) {
    std::vector<NodeId> path;
    for (NodeId id = thread.node; id != 0; id = thread.tree[id].parent) path.push_back(id);
    std::string text;
    for (auto id = path.rbegin(); id != path.rend(); ++id) {
      const Tree::Node& node = thread.tree[*id];
      const Tree::Node& from = thread.tree[node.parent];
      const bool load = from.access.kind == Access::Kind::load;
      if (from.killed == *id) text += " killed";
      else
        text += " w" + std::to_string(from.place) + (load ? ":" : "=") +
                std::to_string(load ? node.answer.value : from.access.value);
    }
    return text;
  }

  const std::vector<Program>& programs_;
  const Judge& judge_;
  std::map<const uint64_t*, Place> places_;
  std::array<std::vector<Message>, words_max> memory_;
  std::vector<Thread> threads_;
  std::unordered_set<uint64_t> seen_;
  Explored found_;
};

}  // namespace

uint64_t ModelAtomics::load(const uint64_t& word, memory_order order) { return Run::running->load(word, order); }

void ModelAtomics::store(uint64_t& word, uint64_t value, memory_order order) {
  Run::running->store(word, value, order);
}

void note(uint64_t value) { Run::running->notes.push_back(value); }

Explored explore(const std::vector<Program>& programs, const Judge& judge, const Mutation& mutation) {
  return Explorer(programs, judge, mutation).explored();
}

}  // namespace bobbin::region::test
