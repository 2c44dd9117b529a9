#include "sim/profile.h"

namespace bobbin::sim {

namespace {

// Nothing is wrong with the disk, and the isr changes all the time.
constexpr Profile replicas_of(std::string_view name) {
  Profile p{.name = name};
  p.kill = 200;
  p.crash = 400;
  p.power_cut = 1000;
  p.pause = 60;
  p.pause_ms_max = 900;
  p.full = p.failed_sync = p.failed_write = p.failed_call = p.clock = p.silence = 0;
  p.clean = 200;
  p.always_three = true;
  p.lag_ms = "100";
  p.min_isr_2 = 3;
  p.os = p.trims = 0;
  p.topics_max = 2;
  p.changes_topics = false;
  return p;
}

// Partitions move to other brokers, all the time.
constexpr Profile moves() {
  Profile p = replicas_of("moves");
  p.brokers = 4;
  p.moves = 9;
  p.rest_ms_max = 25;
  p.acks_1 = 2;
  p.os = 1;
  p.power_cut = 1500;
  return p;
}

// Folders get lost, one at a time, of topics that have two copies of all that is acknowledged.
constexpr Profile lost_folders() {
  Profile p = replicas_of("lost-folders");
  p.lost_folder = 150;
  p.power_cut = 0;
  p.min_isr_2 = 4;
  return p;
}

// Retention deletes what others still have.
constexpr Profile retention() {
  Profile p = replicas_of("retention");
  p.trims = 4;
  p.silence = 60;
  p.min_isr_2 = 0;
  return p;
}

// Power cuts, and what nobody had flushed.
constexpr Profile power() {
  Profile p = replicas_of("power");
  p.power_cut = 100;
  p.os = 2;
  return p;
}

// Brokers end in order, all the time.
constexpr Profile ends() {
  Profile p = replicas_of("ends");
  p.kill = p.kill_in_jobs = p.crash = 0;
  p.clean = 40;
  return p;
}

// Brokers are stopped, taken for dead, and go on.
constexpr Profile zombies() {
  Profile p = replicas_of("zombies");
  p.kill = p.kill_in_jobs = p.crash = p.clean = 1500;
  p.cut_line = 500;
  p.pause = 150;
  p.pause_ms_max = 2500;
  p.step_ms_max = 15;
  p.lag_ms = "400";
  p.killed_late = 2;
  p.min_isr_2 = 2;
  return p;
}

// Many changes of the metadata, in which brokers die.
constexpr Profile metadata() {
  Profile p{.name = "metadata"};
  p.always_three = true;
  p.crash = p.kill_in_jobs = 60;
  p.power_cut = 150;
  p.failed_sync = p.failed_write = 100;
  return p;
}

// Members of groups share what there is, and their coordinators die.
constexpr Profile groups() {
  Profile p = replicas_of("groups");
  p.members = 5;
  p.lag_ms = "300";
  p.min_isr_2 = 1;
  p.full = p.failed_write = 1500;
  p.silence = 600;
  return p;
}

constexpr Profile profiles[] = {
    {.name = "general", .moves = 3},
    replicas_of("replicas"),
    moves(),
    lost_folders(),
    retention(),
    power(),
    ends(),
    zombies(),
    metadata(),
    groups(),
};

}  // namespace

const Profile* find_profile(std::string_view name) {
  for (const Profile& p : profiles)
    if (p.name == name) return &p;
  return nullptr;
}

}  // namespace bobbin::sim
