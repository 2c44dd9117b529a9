// libFuzzer's way to the targets: `fuzz_clang NAME [-OPTION=VALUE...] [FOLDER...]`. It starts itself again for some of its
// options, without the name: that one is kept in the environment.
#include <cstdint>
#include <cstring>

#include "fuzz/target.h"

namespace {
const bobbin::fuzz::Target* target = nullptr;
constexpr const char* variable = "BOBBIN_FUZZ_TARGET";
}  // namespace

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
  if (*argc > 1 && bobbin::fuzz::find_target((*argv)[1])) {
    ::setenv(variable, (*argv)[1], 1);
    std::memmove(*argv + 1, *argv + 2, sizeof(char*) * static_cast<size_t>(*argc - 1));
    --*argc;
  }
  const char* name = std::getenv(variable);
  target = name ? bobbin::fuzz::find_target(name) : nullptr;
  if (!target) {
    std::fputs("usage: fuzz_clang NAME [-OPTION=VALUE...] [FOLDER...]; the names are:\n", stderr);
    for (const auto& each : bobbin::fuzz::targets()) std::fprintf(stderr, "  %s\n", std::string(each.name).c_str());
    std::exit(2);
  }
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size <= target->input_bytes_max) target->run(bobbin::Bytes(reinterpret_cast<const char*>(data), size));
  return 0;
}
