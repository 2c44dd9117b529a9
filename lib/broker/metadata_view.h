// MetadataView: what a broker knows of the cluster: the metadata as it read it last, what it is set to itself, and which
// brokers live.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "config/configs.h"
#include "home/cluster_dir.h"
#include "metadata/transactions.h"
#include "os/seam.h"

namespace bobbin::broker {

class MetadataView {
 public:
  // All must outlive it. `file`: the configs of its process, bobbin.toml and --set.
  MetadataView(os::World& world, const home::ClusterDir& dir, metadata::Transactions& transactions, BrokerId self,
               const config::ConfigMap& file)
      : world_(world), dir_(dir), transactions_(transactions), self_(self), file_(file) {}

  BrokerId self() const { return self_; }
  const metadata::Image& image() const { return transactions_.image(); }
  // Reads what other brokers changed until now, as far as that can be done; then goes on.
  void look_again(std::function<void()> then);
  // Whether the last such reading succeeded: what is not in the image is not there.
  bool is_latest() const { return is_latest_; }
  // From now on whoever looks again is told nothing.
  void end() { ended_ = true; }

  config::BrokerSettings settings() const;
  const config::ConfigMap& file() const { return file_; }

  // Brokers whose process lives, ascending; this one always.
  std::vector<BrokerId> live_brokers() const;
  bool is_live(BrokerId id) const;

  // The topic that a request names, by id where its version carries ids. nullptr and the right error otherwise: that it is
  // unknown, unless the metadata could not be read, where it may well be.
  struct NamedTopic {
    const metadata::Topic* topic = nullptr;
    Errc error = Errc::none;
  };
  NamedTopic find_topic(const std::string& name, const Uuid& id, bool by_id) const;

 private:
  os::World& world_;
  const home::ClusterDir& dir_;
  metadata::Transactions& transactions_;
  BrokerId self_;
  const config::ConfigMap& file_;
  bool is_latest_ = true;
  bool ended_ = false;
};

using NamedTopic = MetadataView::NamedTopic;

}  // namespace bobbin::broker
