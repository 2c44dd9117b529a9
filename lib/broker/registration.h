// Registration: what the metadata says of this broker: that it is there, since when, and where it listens.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

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

  // `lossy`: its folder was made anew.
  void write(std::vector<metadata::Endpoint> endpoints, Uuid directory, bool lossy, std::function<void(Status)> then);
  // A full disk is no reason to keep anybody from reading: others know the broker as it was in its last life, until there is
  // room, which is tried from time to time. Good, if `failed` was only that.
  Status put_off(Status failed);
  // The metadata has changed: whoever was taken for dead, and is not, begins another life.
  void follow();
  void write_if_due();
  std::optional<int64_t> next_try_ms() const { return next_try_ms_; }
  BrokerEpoch epoch() const { return epoch_; }

 private:
  void take_epoch(BrokerEpoch epoch);

  os::World& world_;
  metadata::Transactions& transactions_;
  BrokerId self_;
  Hooks hooks_;
  Uuid incarnation_;
  BrokerEpoch epoch_{-1};
  std::optional<int64_t> next_try_ms_;
  std::string why_again_;
};

}  // namespace bobbin::broker
