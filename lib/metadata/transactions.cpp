#include "metadata/transactions.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "metadata/log_writer.h"
#include "record/batch_builder.h"

namespace bobbin::metadata {
namespace {

struct Pending {
  Change change;
  Done done;
};

struct Answer {
  Done done;
  Result<Offset> result;
  bool needs_write;  // it has records, or was decided in sight of records of the round: no answer without them
};

// What a round is going to write: the records of its changes, and the image with them.
struct Round {
  Image image;
  std::vector<AnyRecord> records;
  size_t bytes = 0;
  bool is_long = false;  // one change that does not fit a batch
  std::vector<Answer> answers;
};

size_t encoded_bytes(const std::vector<AnyRecord>& records) {
  size_t bytes = 0;
  for (const AnyRecord& r : records)
    bytes += record::BatchBuilder::record_bytes_max(std::nullopt, encode_record(r), {});
  return bytes;
}

std::vector<AnyRecord> first_records() {
  FeatureLevelRecord kafka;
  kafka.name = feature_metadata_version;
  kafka.feature_level = metadata_version;
  FeatureLevelRecord ours;
  ours.name = feature_bobbin_version;
  ours.feature_level = bobbin_version;
  std::vector<AnyRecord> out;
  out.emplace_back(kafka);
  out.emplace_back(ours);
  return out;
}

void take_in(Image& image, const std::vector<AnyRecord>& records) {
  for (const AnyRecord& r : records) {
    auto applied = image.apply(r, image.next_offset());
    check(applied.ok(), applied.ok() ? "" : applied.error().message);
  }
}

const AnyRecord& record_in(const AnyRecord& r) { return r; }
const AnyRecord& record_in(const NumberedRecord& r) { return r.record; }

}  // namespace

// Owned by Transactions and by the jobs under way; those of a Transactions that ended find `ended` and do nothing more.
struct Transactions::State : std::enable_shared_from_this<State> {
  State(os::World& w, const home::ClusterDir& d, Hooks h, Limits l)
      : world(w), dir(d), hooks(std::move(h)), limits(l), log(w.storage, d, l.boot) {}

  os::World world;
  home::ClusterDir dir;
  Hooks hooks;
  Limits limits;
  bool ended = false;
  bool busy = false;

  LogWriter log;  // of the job under way; between jobs, of the deciding thread
  Image image;
  std::optional<Image>
      spare;  // the same again, for the next round to work on: copying it would cost with every topic there is
  std::unique_ptr<os::Lock> lock;
  std::deque<Pending> queue;
  std::vector<std::function<void(Status)>> readers;  // who waits for a read that has not begun
  std::vector<std::function<void(Status)>> in_read;  // for the one under way
  std::optional<Error> refusal;                      // why this process writes no more
  std::string unread;                                // why the log cannot be read, as it was reported

  // Runs `work` on a helper and `then` with its result on the deciding thread.
  template <class Work, class Then>
  void job(Work work, Then then) {
    using R = decltype(work(*this));
    auto result = std::make_shared<std::optional<R>>();
    auto self = shared_from_this();
    world.jobs.submit([self, result, work = std::move(work)] { result->emplace(work(*self)); },
                      [self, result, then = std::move(then)] {
                        if (!self->ended) then(*self, std::move(**result));
                      });
  }

  void step();
  void read();
  void take_lock();
  void repair();
  void decide();
  void write(std::shared_ptr<Round> round);
  void finish(std::shared_ptr<Round> round, Status status);
  void roll_if_long();
  void release();

  Image take_spare();
  template <class Records>
  void keep_as_spare(Image old, const Records& records);
  Status take_update(Result<Update> update);
  Status take_sound(const Update& update);
  bool add(Pending& pending, Round& round);
  void begin_read();
  void answer_readers(const Status& status);
  void refuse_all(const Error& why);
  void report(const Error& why) {
    if (hooks.trouble) hooks.trouble(why);
  }
};

Transactions::Transactions(os::World& world, const home::ClusterDir& dir, Hooks hooks)
    : Transactions(world, dir, std::move(hooks), Limits()) {}
Transactions::Transactions(os::World& world, const home::ClusterDir& dir, Hooks hooks, Limits limits)
    : state_(std::make_shared<State>(world, dir, std::move(hooks), limits)) {}
Transactions::~Transactions() {
  state_->ended = true;
  if (!state_->busy) state_->lock.reset();
}

void Transactions::submit(Change change, Done done) {
  state_->queue.push_back({std::move(change), std::move(done)});
  state_->step();
}

void Transactions::catch_up(std::function<void(Status)> done) {
  state_->readers.push_back(std::move(done));
  state_->step();
}

const Image& Transactions::image() const { return state_->image; }
bool Transactions::is_busy() const { return state_->busy; }

void Transactions::State::step() {
  if (busy || ended || (queue.empty() && readers.empty())) return;
  busy = true;
  if (!queue.empty() && refusal) return refuse_all(*refusal);
  if (queue.empty()) return read();
  take_lock();
}

// Who asks while a read is under way waits for the next one: what it was told of may be behind what that has read.
void Transactions::State::begin_read() {
  for (auto& done : std::exchange(readers, {})) in_read.push_back(std::move(done));
}

void Transactions::State::read() {
  begin_read();
  job([](State& s) { return s.log.read(); },
      [](State& s, Result<Update> update) {
        bool held_back = update && update->held_back;
        Status status = s.take_update(std::move(update));
        if (status && held_back && !s.ended) return s.take_lock();
        s.answer_readers(status);
        if (!s.ended) s.release();
      });
}

void Transactions::State::take_lock() {
  using Taken = Result<std::unique_ptr<os::Lock>>;
  job([](State& s) { return std::make_shared<Taken>(s.world.storage.lock(s.dir.metadata_lock())); },
      [](State& s, std::shared_ptr<Taken> taken) {
        if (*taken) {
          s.lock = std::move(**taken);
          return s.repair();
        }
        // A world without waiting threads (a simulation) says busy instead of waiting: then it is asked again.
        if (taken->error().code == Errc::busy) return s.take_lock();
        s.refuse_all(taken->error());
      });
}

void Transactions::State::repair() {
  struct Repaired {
    Result<Update> update;
    std::optional<Error> cut;
  };
  begin_read();
  job(
      [](State& s) {
        std::optional<Error> cut;
        auto update = s.log.repair(cut);
        return Repaired{std::move(update), std::move(cut)};
      },
      [](State& s, Repaired repaired) {
        if (repaired.cut) s.report(*repaired.cut);
        Status status = s.take_update(std::move(repaired.update));
        s.answer_readers(status);
        if (s.ended) return;
        if (!status) return s.refuse_all(status.error());
        s.decide();
      });
}

// Brings the image up to date. What keeps it from that is reported once.
Status Transactions::State::take_update(Result<Update> update) {
  Status status = update ? take_sound(*update) : Status(update.error());
  if (!status && status.error().message != unread) {
    unread = status.error().message;
    report(status.error());
  } else if (status && !std::exchange(unread, {}).empty() && hooks.mended) {
    hooks.mended();
  }
  return status;
}

Image Transactions::State::take_spare() {
  Image taken = spare ? std::move(*spare) : image;
  spare.reset();
  return taken;
}

// `old` is the image before the records that `image` has.
template <class Records>
void Transactions::State::keep_as_spare(Image old, const Records& records) {
  for (const auto& r : records)
    if (Status applied = old.apply(record_in(r), old.next_offset()); !applied) return;
  old.set_next_offset(image.next_offset());
  spare = std::move(old);
}

Status Transactions::State::take_sound(const Update& update) {
  if (!update.from_start && update.records.empty()) return {};
  Image next = update.from_start ? Image() : take_spare();
  if (Status applied = apply(update, next); !applied) {
    log.take_back();
    return applied;
  }
  if (update.from_start && next == image) return {};
  std::swap(image, next);
  if (update.from_start) spare.reset();
  else keep_as_spare(std::move(next), update.records);
  Delta delta{.anew = update.from_start, .broker_configs = update.from_start, .topics = {}};
  if (!update.from_start)
    for (const NumberedRecord& r : update.records) delta.note(r.record, image);
  if (hooks.changed) hooks.changed(delta);
  return {};
}

void Transactions::State::decide() {
  if (ended) return;  // by whoever heard of the new image
  auto round = std::make_shared<Round>();
  round->image = take_spare();
  if (image.next_offset() == Offset(0)) {
    round->records = first_records();
    round->bytes = encoded_bytes(round->records);
    take_in(round->image, round->records);
  }
  while (!queue.empty() && !round->is_long && round->records.size() < limits.round_records &&
         add(queue.front(), *round))
    queue.pop_front();
  write(std::move(round));
}

// Takes the change into the round. False: it must wait for the next one.
bool Transactions::State::add(Pending& pending, Round& round) {
  auto records = pending.change(round.image);
  if (!records || records->empty()) {
    auto result = records ? Result<Offset>(offset_none) : Result<Offset>(records.error());
    round.answers.push_back({std::move(pending.done), std::move(result), !round.records.empty()});
    return true;
  }
  size_t bytes = encoded_bytes(*records);
  if (round.bytes + bytes + record::batch_header_bytes > limits.batch_bytes) {
    if (!round.records.empty()) return false;
    // Several batches: a BeginTransaction record comes first and takes an offset.
    round.is_long = true;
    round.image.set_next_offset(round.image.next_offset() + 1);
    records = pending.change(round.image);
    check(records.ok() && !records->empty(), "a change says the same twice");
  }
  take_in(round.image, *records);
  round.answers.push_back({std::move(pending.done), round.image.next_offset() - 1, true});
  round.bytes += bytes;
  for (AnyRecord& r : *records) round.records.push_back(std::move(r));
  return true;
}

void Transactions::State::write(std::shared_ptr<Round> round) {
  // Nothing was changed; a new log is not begun for that.
  bool is_empty = std::none_of(round->answers.begin(), round->answers.end(),
                               [](const Answer& a) { return a.result && *a.result != offset_none; });
  bool is_deferred = round->answers.empty();  // the first records of a log, and a change that does not fit beside them
  if (round->records.empty() || (is_empty && !is_deferred)) {
    if (round->records.empty()) spare = std::move(round->image);
    round->records.clear();
    return finish(std::move(round), {});
  }
  Timestamp now = std::max(world.clock.wall(), log.end().last_timestamp + 1);
  size_t bytes_max = round->is_long ? std::min(limits.batch_bytes, round->bytes) : SIZE_MAX;
  job(
      [round, now, bytes_max, from = image.next_offset()](State& s) -> Result<Offset> {
        BOBBIN_TRY_ASSIGN(encoded, encode_transaction(round->records, from, now, bytes_max));
        BOBBIN_TRY(s.log.append(encoded));
        return encoded.next_offset;
      },
      [round](State& s, Result<Offset> next) {
        if (next) round->image.set_next_offset(*next);
        s.finish(round, next ? Status() : Status(std::move(next).error()));
      });
}

// Answers a round that is written, or failed.
void Transactions::State::finish(std::shared_ptr<Round> round, Status status) {
  if (!status) {
    // A failed sync may have lost what was written before, unnoticed by later ones; a full disk loses nothing.
    if (!is_write_refused(status.error().code) && status.error().code != Errc::damaged)
      refusal =
          error(status.error().code, "the metadata log could not be written (" + status.error().message +
                                         "); this broker changes it no more: mend the disk and start the broker again");
  } else if (!round->records.empty()) {
    std::swap(image, round->image);
    keep_as_spare(std::move(round->image), round->records);
    Delta delta;
    for (const AnyRecord& r : round->records) delta.note(r, image);
    if (hooks.changed) hooks.changed(delta);
  }
  auto self = shared_from_this();  // whoever is answered may end the Transactions
  for (Answer& a : round->answers) {
    if (ended) return;
    if (a.done) a.done(!status && a.needs_write ? Result<Offset>(status.error()) : std::move(a.result));
  }
  if (ended) return;
  if (status) return roll_if_long();
  release();
}

void Transactions::State::roll_if_long() {
  const Reader::End& end = log.end();
  if (end.good_bytes <= limits.log_bytes || end.good_bytes <= 2 * end.snapshot_bytes) return release();
  auto snapshot_of = std::make_shared<Image>(take_spare());
  Timestamp now = world.clock.wall();
  job([snapshot_of, now](State& s) { return s.log.roll(*snapshot_of, now); },
      [snapshot_of](State& s, Status status) {
        s.spare = std::move(*snapshot_of);
        if (!status) {
          s.report(std::move(status).error().in("the metadata log stays long: no snapshot could be written"));
        }
        s.release();
      });
}

void Transactions::State::release() {
  lock.reset();
  busy = false;
  step();
}

void Transactions::State::answer_readers(const Status& status) {
  auto self = shared_from_this();
  for (auto& done : std::exchange(in_read, {}))
    if (done && !ended) done(status);
}

void Transactions::State::refuse_all(const Error& why) {
  auto self = shared_from_this();
  Error e = why;
  answer_readers(e);
  for (Pending& p : std::exchange(queue, {}))
    if (p.done && !ended) p.done(e);
  if (!ended) release();
}

}  // namespace bobbin::metadata
