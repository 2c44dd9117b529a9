// Being a broker: `bobbin broker run`, and broker start --foreground.
#pragma once

#include "cmd/words/arguments.h"

namespace bobbin::cmd {

// The broker that the arguments of broker run mean, until it has ended. Returns the exit code. Blocks.
int be_broker(const Arguments& arguments);

}  // namespace bobbin::cmd
