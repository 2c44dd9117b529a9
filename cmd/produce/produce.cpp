#include "cmd/cluster.h"
#include "cmd/exit.h"
#include "cmd/produce/options.h"
#include "cmd/produce/production.h"

namespace bobbin::cmd {

int produce(const Arguments& arguments) {
  auto options = read_produce_options(arguments, now());
  if (!options) return fail(options.error(), "produce");
  Production production(arguments, std::move(*options));
  if (Status opened = production.open(); !opened) return fail(opened.error());
  return production.finish(production.run());
}

}  // namespace bobbin::cmd
