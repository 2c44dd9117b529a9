#include "cluster/identity.h"

#include "base/uuid.h"

namespace bobbin::cluster {

namespace {

std::string path_in(const std::string& folder, std::string_view name) { return folder + "/" + std::string(name); }

}  // namespace

Result<std::optional<log::MetaProperties>> read_identity(os::Storage& storage, const std::string& folder, BrokerId self,
                                                         const std::string& cluster_id) {
  auto text = os::read_whole_file(storage, path_in(folder, log::meta_properties_file));
  if (!text && text.error().code == Errc::not_found) return std::optional<log::MetaProperties>();
  if (!text) return std::move(text).error();
  BOBBIN_TRY_ASSIGN(meta, log::parse_meta_properties(*text));
  if (meta.cluster_id == cluster_id && meta.node == self) return std::optional(meta);
  return error(Errc::inconsistent_cluster_id, folder + " belongs to broker " + to_string(meta.node) + " of cluster " +
                                                  meta.cluster_id + ", not here: move it away");
}

Result<log::MetaProperties> make_identity(os::Storage& storage, os::Random& random, const std::string& folder,
                                          BrokerId self, const std::string& cluster_id) {
  const log::MetaProperties meta{cluster_id, self, os::random_uuid(random)};
  // From here on there is one: if not, somebody took it.
  BOBBIN_TRY(os::write_whole_file(storage, path_in(folder, log::topic_ids_file), log::encode_topic_ids({})));
  BOBBIN_TRY(
      os::write_whole_file(storage, path_in(folder, log::meta_properties_file), log::encode_meta_properties(meta)));
  return meta;
}

}  // namespace bobbin::cluster
