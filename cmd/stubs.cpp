#include "cmd/commands.h"
namespace bobbin::cmd {
int produce(const Arguments&) { return 1; }
int consume(const Arguments&) { return 1; }
int broker_start(const Arguments&) { return 1; }
int broker_stop(const Arguments&) { return 1; }
int broker_status(const Arguments&) { return 1; }
int broker_logs(const Arguments&) { return 1; }
int broker_config(const Arguments&) { return 1; }
int broker_run(const Arguments&) { return 1; }
int complete(const Arguments&) { return 1; }
}
