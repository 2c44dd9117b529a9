#include "os/mapping.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/interprocess/detail/os_file_functions.hpp>
#include <boost/interprocess/exceptions.hpp>
#include <boost/interprocess/mapped_region.hpp>

#include "os/errors.h"
#include "os/fd.h"

namespace bobbin::os {

namespace ipc = boost::interprocess;

struct Mapping::Region {
  ipc::mapped_region region;
};

namespace {

// What mapped_region wants to know of a file that is open already.
struct OpenFile {
  int fd;
  ipc::mapping_handle_t get_mapping_handle() const { return ipc::ipcdetail::mapping_handle_from_file_handle(fd); }
};

Result<uint64_t> size_of(int fd, const std::string& what) {
  struct stat s {};
  if (::fstat(fd, &s) != 0) return system_error(what);
  if (!S_ISREG(s.st_mode)) return error(Errc::io_error, what + ": is not a regular file");
  return static_cast<uint64_t>(s.st_size);
}

}  // namespace

Mapping::Mapping(std::unique_ptr<Region> region, const FileId& file) : region_(std::move(region)), file_(file) {}
Mapping::Mapping(Mapping&&) noexcept = default;
Mapping& Mapping::operator=(Mapping&&) noexcept = default;
Mapping::~Mapping() = default;

Result<Mapping> Mapping::make(int fd, uint64_t from, uint64_t size, const std::string& what) {
  const FileId file = file_id(fd).value_or(FileId());
  if (size == 0) return Mapping(std::make_unique<Region>(), file);
  try {
    ipc::mapped_region region(OpenFile{fd}, ipc::read_only, static_cast<ipc::offset_t>(from), size);
    return Mapping(std::make_unique<Region>(Region{std::move(region)}), file);
  } catch (const ipc::interprocess_exception& e) {
    return system_error(what + ": mapping", e.get_native_error());
  }
}

Result<Mapping> Mapping::open(const std::string& path, uint64_t size) {
  Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK));
  if (!fd.is_open()) return system_error(path);
  BOBBIN_TRY(size_of(fd.value(), path));
  return make(fd.value(), 0, size, path);
}

Result<Mapping> Mapping::rest_of(int fd, uint64_t from) {
  std::string what = "descriptor " + std::to_string(fd);
  BOBBIN_TRY_ASSIGN(size, size_of(fd, what));
  return make(fd, from, size > from ? size - from : 0, what);
}

Bytes Mapping::bytes() const {
  const ipc::mapped_region& r = region_->region;
  return Bytes(static_cast<const char*>(r.get_address()), r.get_size());
}

void Mapping::advise_random() { region_->region.advise(ipc::mapped_region::advice_random); }

void will_need(Bytes mapped) {
  static const auto page_bytes = static_cast<uintptr_t>(::sysconf(_SC_PAGESIZE));
  const auto begin = reinterpret_cast<uintptr_t>(mapped.data()), first = begin & ~(page_bytes - 1);
  ::madvise(reinterpret_cast<void*>(first), mapped.size() + (begin - first),
            MADV_WILLNEED);  // else it is read when touched
}

void Mapping::advise_sequential() { region_->region.advise(ipc::mapped_region::advice_sequential); }

}  // namespace bobbin::os
