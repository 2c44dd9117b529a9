// Options that several commands take under one name and for one purpose.
#pragma once

#include "cmd/words/commands.h"

namespace bobbin::cmd {

inline constexpr Option topic_names{.name = "topic",
                                    .shorts = "t",
                                    .value = "TOPIC",
                                    .doc = "The topic, for those who write it as an option.",
                                    .repeats = true};
inline constexpr Option topic_name{
    .name = "topic", .shorts = "t", .value = "TOPIC", .doc = "The topic, for those who write it as an option."};
inline constexpr Option partitions_of_topics{.name = "partition",
                                             .shorts = "p",
                                             .value = "N[,N...]",
                                             .doc = "Only these partitions of the topics.",
                                             .repeats = true};

}  // namespace bobbin::cmd
