// The table of the APIs that a broker answers.
#pragma once

#include "broker/api.h"

namespace bobbin::broker {

// In the order of their keys.
ServedApis served_apis();

}  // namespace bobbin::broker
