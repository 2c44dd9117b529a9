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

}  // namespace bobbin::cmd
