#include "os/seam.h"

#include "os/path.h"

namespace bobbin::os {

Uuid random_uuid(Random& random) {
  Uuid id;
  for (size_t i = 0; i < 16; i += 8) {
    uint64_t r = random.next();
    std::memcpy(&id.bytes[i], &r, 8);
  }
  id.bytes[6] = static_cast<unsigned char>((id.bytes[6] & 0x0f) | 0x40);
  id.bytes[8] = static_cast<unsigned char>((id.bytes[8] & 0x3f) | 0x80);
  // A text that begins with '-' would look like an option: the first six bits must not be 62.
  if (id.bytes[0] >> 2 == 62) id.bytes[0] = static_cast<unsigned char>(id.bytes[0] & 0x7f);
  return id;
}

Result<std::string> read_whole_file(Storage& storage, const std::string& path, uint64_t bytes_max) {
  BOBBIN_TRY_ASSIGN(file, storage.open(path, Open::read));
  BOBBIN_TRY_ASSIGN(size, file->size());
  if (size > bytes_max)
    return error(Errc::damaged, path + " is damaged: it has " + std::to_string(size) + " bytes, where " +
                                    std::to_string(bytes_max) +
                                    " are the most that were ever written; restore it from a copy");
  std::string out(size, '\0');
  BOBBIN_TRY_ASSIGN(got, file->read(std::span<char>(out.data(), out.size()), 0));
  out.resize(got);
  return out;
}

Status write_whole_file(Storage& storage, const std::string& path, Bytes contents) {
  std::string tmp = path + ".tmp";
  {
    BOBBIN_TRY_ASSIGN(file, storage.open(tmp, Open::create));
    BOBBIN_TRY(file->truncate(0));
    BOBBIN_TRY(file->write(contents, 0));
    BOBBIN_TRY(file->sync());
  }
  if (Status renamed = storage.rename(tmp, path); !renamed) {
    (void)storage.unlink(tmp);
    return renamed;
  }
  return storage.sync_dir(parent_of(path));
}

Status remove_tree(Storage& storage, const std::string& path) {
  BOBBIN_TRY_ASSIGN(top, storage.stat(path));
  if (top.is_link || !top.is_dir) return storage.unlink(path);
  BOBBIN_TRY_ASSIGN(names, storage.list(path));
  for (const std::string& n : names) {
    std::string child = path + "/" + n;
    BOBBIN_TRY_ASSIGN(stat, storage.stat(child));
    if (stat.is_dir) {
      BOBBIN_TRY(remove_tree(storage, child));
    } else {
      BOBBIN_TRY(storage.unlink(child));
    }
  }
  return storage.remove_dir(path);
}

}  // namespace bobbin::os
