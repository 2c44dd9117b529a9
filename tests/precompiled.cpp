// Nothing: a source that the precompiled header of all tests is made for. main.cpp cannot be the one, since it sets
// CATCH_CONFIG_MAIN before it includes Catch2, and CMake configures no header that no source of its library uses.
