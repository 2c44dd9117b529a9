// How RecordBatch v2 (magic 2) lies in memory, in a file and on the wire: Kafka's one form from producer to disk to consumer.
//
//   at  0  baseOffset            8   outside the crc: the broker assigns it
//       8  batchLength           4   bytes after this field
//      12  partitionLeaderEpoch  4   outside the crc: the broker assigns it
//      16  magic                 1   2
//      17  crc                   4   CRC-32C of [21, end)
//      21  attributes            2   0-2 compression, 3 timestamp type, 4 transactional, 5 control, 6 delete horizon
//      23  lastOffsetDelta       4
//      27  baseTimestamp         8
//      35  maxTimestamp          8
//      43  producerId            8
//      51  producerEpoch         2
//      53  baseSequence          4
//      57  recordsCount          4
//      61  records
//
// Numbers are big-endian. batch.h reads it, batch_builder.h writes it; a record's own layout is in record_layout.h.
#pragma once

#include <cstddef>
#include <cstdint>

namespace bobbin::record {

inline constexpr size_t base_offset_at = 0;
inline constexpr size_t batch_length_at = base_offset_at + sizeof(int64_t);
inline constexpr size_t batch_log_overhead = batch_length_at + sizeof(int32_t);  // what batchLength does not count
inline constexpr size_t leader_epoch_at = batch_log_overhead;
inline constexpr size_t magic_at = leader_epoch_at + sizeof(int32_t);
inline constexpr size_t batch_head_bytes = magic_at + 1;  // up to and with the magic: what batch_size() looks at
inline constexpr size_t crc_at = batch_head_bytes;
inline constexpr size_t crc_begins_at = crc_at + sizeof(uint32_t);  // what it is of: from there to the batch's end
inline constexpr size_t attributes_at = crc_begins_at;
inline constexpr size_t last_offset_delta_at = attributes_at + sizeof(int16_t);
inline constexpr size_t base_timestamp_at = last_offset_delta_at + sizeof(int32_t);
inline constexpr size_t max_timestamp_at = base_timestamp_at + sizeof(int64_t);
inline constexpr size_t producer_id_at = max_timestamp_at + sizeof(int64_t);
inline constexpr size_t producer_epoch_at = producer_id_at + sizeof(int64_t);
inline constexpr size_t base_sequence_at = producer_epoch_at + sizeof(int16_t);
inline constexpr size_t records_count_at = base_sequence_at + sizeof(int32_t);
inline constexpr size_t batch_header_bytes = records_count_at + sizeof(int32_t);
static_assert(magic_at == 16 && crc_at == 17 && crc_begins_at == 21, "as drawn");
static_assert(max_timestamp_at == 35 && records_count_at == 57 && batch_header_bytes == 61, "as drawn");

inline constexpr int8_t magic_v2 = 2;

// Of the attributes.
inline constexpr int16_t compression_bits = 0x07;
inline constexpr int16_t log_append_time_bit = 0x08;
inline constexpr int16_t transactional_bit = 0x10;
inline constexpr int16_t control_bit = 0x20;
inline constexpr int16_t delete_horizon_bit = 0x40;

}  // namespace bobbin::record
