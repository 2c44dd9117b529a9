// Registration: what the metadata says of this broker: that it is there, since when, and where it listens.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cluster/folder.h"
#include "metadata/broker_changes.h"
#include "metadata/transactions.h"
#include "os/seam.h"

namespace bobbin::broker {

class Registration {
 public:
  struct Hooks {
    std::function<void(const std::string& line)> say;
    std::function<void(BrokerEpoch)> registered;             // also as it was in its last life, see put_off()
    std::function<void(std::function<void(Status)>)> again;  // write() as things stand then
  };
  Registration(os::World& world, metadata::Transactions& transactions, BrokerId self, Hooks hooks);

  // Before it is written: whether the folder is the one that this broker left (R12). One that is new, or an older copy, is told to
  // the metadata as lossy. Blocks.
  void look_at(const cluster::Folder& folder);
  // Before the metadata knows of this life, the folder does (cluster/lives.h): that blocks, the first time.
  void write(std::vector<metadata::Endpoint> endpoints, std::function<void(Status)> then);
  // A full disk is no reason to keep anybody from reading: others know the broker as it was in its last life, until there is
  // room, which is tried from time to time. Until then it leads only what nobody else has a copy of. Good, if `failed` was only
  // that.
  Status put_off(Status failed);
  // The metadata has changed: whoever was taken for dead, and is not, begins another life.
  void follow();
  void write_if_due();
  std::optional<int64_t> next_try_ms() const { return next_try_ms_; }
  BrokerEpoch epoch() const { return epoch_; }
  // Whether the metadata knows of this life. Until then what it says of this broker's reigns is of the one before (R15).
  bool is_known() const;

 private:
  void take_epoch(BrokerEpoch epoch);
  Status note_life();

  os::World& world_;
  metadata::Transactions& transactions_;
  BrokerId self_;
  Hooks hooks_;
  Uuid incarnation_;
  BrokerEpoch epoch_{-1};
  std::string folder_;
  Uuid directory_;
  bool is_lossy_ = false;  // the folder may lack what this broker had
  bool is_life_noted_ = false;
  std::optional<int64_t> next_try_ms_;
  std::string why_again_;
};

}  // namespace bobbin::broker
