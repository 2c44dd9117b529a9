#include "client/admin/record_times.h"

#include "client/consumer/readers.h"
#include "client/session.h"

namespace bobbin::client {

namespace {

// Takes the first record of each, and has it stop there.
class Firsts final : public Sink {
 public:
  bool take(std::string_view topic, PartitionId partition, const record::Record& record) override {
    const Place place(topic, partition);
    if (times_.emplace(place, record.timestamp).second) readers.at(place)->set_stop(record.offset + 1);
    return true;
  }
  std::map<Place, PartitionReader*> readers;
  std::map<Place, Timestamp> take_times() { return std::move(times_); }

 private:
  std::map<Place, Timestamp> times_;
};

}  // namespace

Result<std::map<Place, Timestamp>> first_times(Session& session, const std::map<Place, Stretch>& where) {
  ReadOptions options;
  options.timeout_ms = session.target().timeout_ms;
  options.out_of_range = OutOfRange::beginning;
  options.partition_bytes_max = 16 << 10;  // one batch is enough, which comes whole whatever its size
  options.read_in_place = false;
  Readers readers(session, options);
  Firsts firsts;
  for (const auto& [place, stretch] : where) {
    const TopicView* view = session.topology().topic(place.first);
    BOBBIN_TRY_ASSIGN(reader, readers.add(place.first, view ? view->id : TopicId{}, place.second));
    firsts.readers[place] = reader;
    reader->seek(stretch.from);
    reader->set_stop(stretch.end);
  }
  while (!readers.is_done()) BOBBIN_TRY(readers.poll(firsts, {}, -1));
  return firsts.take_times();
}

}  // namespace bobbin::client
