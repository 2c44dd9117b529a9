// Linked into the program in sanitizer builds only. A broker is a daemon with a clean environment: neither the usual
// variables nor its stderr would reach the one who reads the test's output, and a dead broker is started again. So
// every process writes what it has to report into one folder, and tests/tools/ctest_in fails when something is there.
#define UNCHECKED __attribute__((no_sanitize("address", "thread", "undefined"), used, visibility("default")))

extern "C" {

UNCHECKED const char* __asan_default_options() { return "log_path=" BOBBIN_SANITIZER_REPORTS ":detect_leaks=1"; }
UNCHECKED const char* __ubsan_default_options() { return "log_path=" BOBBIN_SANITIZER_REPORTS ":print_stacktrace=1"; }
UNCHECKED const char* __tsan_default_options() {
  return "log_path=" BOBBIN_SANITIZER_REPORTS ":second_deadlock_stack=1";
}

}  // extern "C"
