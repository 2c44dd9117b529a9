#include "client/producer/out_batch.h"

#include "base/check.h"
#include "record/batch.h"
#include "record/sequence.h"

namespace bobbin::client {

record::BatchFields SealFields::of_batch(Sequence base) const {
  record::BatchFields f;
  f.compression = compression;
  f.bytes_max = bytes_max;
  if (producer_id == producer_id_none) return f;
  f.producer_id = producer_id;
  f.producer_epoch = producer_epoch;
  f.base_sequence = base;
  return f;
}

Result<std::vector<OutBatch>> halves_of(const OutBatch& batch, const SealFields& fields, size_t bytes_max) {
  record::RecordReader reader;
  BOBBIN_TRY(reader.open(record::BatchView(batch.bytes()), bytes_max));
  std::vector<OutBatch> halves;
  record::BatchBuilder builder;
  std::vector<record::Header> headers;
  int32_t half = batch.records / 2;
  Sequence base = batch.base_sequence;
  for (int32_t i = 0; i < batch.records; i++) {
    record::Record r;
    BOBBIN_TRY_ASSIGN(more, reader.next(r));
    check(more, "a batch holds the records that it was built from");
    BOBBIN_TRY(record::parse_headers(r, headers));
    builder.add(r.timestamp, r.key, r.value, headers);
    if (i + 1 != half && i + 1 != batch.records) continue;
    OutBatch part;
    part.records = builder.count();
    part.first_number = batch.first_number;  // the second half's first one is not known any better
    if (!batch.numbers.empty())
      part.numbers.assign(batch.numbers.begin() + (i + 1 - part.records), batch.numbers.begin() + i + 1);
    part.base_sequence = base;
    base = record::sequence_after(base, part.records);
    BOBBIN_TRY_ASSIGN(bytes, builder.seal(fields.of_batch(part.base_sequence)));
    part.owned = std::move(bytes);
    halves.push_back(std::move(part));
  }
  return halves;
}

}  // namespace bobbin::client
