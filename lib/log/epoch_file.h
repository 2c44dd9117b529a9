// EpochFile: the leader epochs of a log, and how much of them its file knows (Kafka's leader-epoch-checkpoint). The file is
// written now and then, with a flush: what it does not know yet is told by the records themselves, which a start reads from
// the recovery point on. So the recovery point stays below what the file does not know.
//
//             assign, cut, begin_at         write_next            begin              done(written)
//   written ------------------------> changed --------> due -------------> in flight -----------> written
//                                        ^                                     | done(not_written)
//                                        |               due <-----------------'
//                                        '--- (changed again meanwhile)
//
// Its first entry tells, after a crash, where the log began: what lies between there and the first segment is gone. So it is
// written as soon as a log has a record, and again before files go on purpose: tells_start().
#pragma once

#include <optional>
#include <string>

#include "base/mutants.h"
#include "log/epochs.h"

namespace bobbin::log {

class EpochFile {
 public:
  // What the file says, if it is as good as `epochs`, or else what it will say: it is right below `known_to`.
  EpochFile() = default;
  EpochFile(Epochs epochs, bool is_written, Offset known_to)
      : epochs_(std::move(epochs)), is_changed_(!is_written), start_(is_written ? Start::told : Start::moved),
        known_to_(known_to) {}

  const Epochs& epochs() const { return epochs_; }

  // A batch of `epoch` begins at `start`.
  void assign(LeaderEpoch epoch, Offset start);
  // The log ends at `end` now; or it begins at `start`, and ends at `end`.
  void cut(Offset end);
  void begin_at(Offset start, Offset end);

  // The next flush writes it, if anything changed.
  void write_next() { is_due_ = true; }
  bool is_changed() const { return is_changed_; }
  bool is_due() const { return is_changed_ && is_due_; }
  // What that flush has to write, if anything; done() says what came of it.
  struct ToWrite {
    std::string text;
    bool moves_start = false;  // what is there tells of an earlier start: rather no file than that
  };
  enum class Outcome {
    written,
    not_written,  // or it never began: the old file is there
    removed       // there was no room for another one, and there is none now
  };
  std::optional<ToWrite> begin();
  void done(Outcome outcome);
  // It was written otherwise, as the epochs are now. Not between begin() and done().
  void written();

  // Whether the file, if there is one, tells no earlier start than the log has.
  bool tells_start() const { return start_ == Start::told || planted(Mutant::remove_untold); }

  // Of a log whose records are on the disk below `durable_end`: below which offset their epochs are, too.
  Offset known_below(Offset durable_end) const;

 private:
  void note(Offset changed_from);

  Epochs epochs_;
  bool is_changed_ = false;
  bool is_due_ = false;
  bool is_in_flight_ = false;
  enum class Start { told, moved, in_flight };
  Start start_ = Start::told;
  Offset known_to_{0};  // unless it is written: the file on the disk is right below it
};

}  // namespace bobbin::log
