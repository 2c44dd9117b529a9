// Contexts: one for each kind of handler.
#pragma once

#include <type_traits>

#include "broker/admin/context.h"
#include "broker/data/context.h"
#include "broker/facts/context.h"
#include "broker/groups/context.h"

namespace bobbin::broker {

struct Contexts {
  DataContext data;
  AdminContext admin;
  FactsContext facts;
  GroupsContext groups;

  template <class Context>
  Context& of() {
    if constexpr (std::is_same_v<Context, DataContext>) return data;
    else if constexpr (std::is_same_v<Context, AdminContext>) return admin;
    else if constexpr (std::is_same_v<Context, FactsContext>) return facts;
    else return groups;
  }
};

}  // namespace bobbin::broker
