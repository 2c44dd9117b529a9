// What lies under a cluster directory, and whether it keeps what a log needs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "os/fd.h"

namespace bobbin::os {

enum class FileSystemKind { ext, xfs, btrfs, zfs, f2fs, tmpfs, overlay, nfs, smb, nine_p, fuse, other };

std::string_view name(FileSystemKind kind);  // "ext4", "tmpfs", "nfs", "9p", ...
// Whether its bytes are on this machine and its page cache is coherent: false for nfs, smb, 9p and fuse.
bool is_usable(FileSystemKind kind);
// Whether it survives a reboot: false for tmpfs.
bool is_durable(FileSystemKind kind);

Result<FileSystemKind> file_system_of(const std::string& dir);
// Tries in `dir`, on a file that is removed again: bytes of pwrite are seen through a mapping, a lock excludes, and
// fdatasync works. The error says which did not.
Status probe(const std::string& dir);

struct Space {
  uint64_t free_bytes = 0;  // for us, without what is reserved for root
  uint64_t total_bytes = 0;
};
Result<Space> space_of(const std::string& dir);

// The uid that owns a path. Errc::not_found.
Result<uint32_t> owner_of(const std::string& path);
// Who may change what lies in a directory.
struct Access {
  uint32_t owner = 0;
  uint32_t group = 0;
  bool group_writes = false;
  bool others_write = false;
  bool is_sticky = false;  // who may write may not rename or remove what is another's
};
Result<Access> access_of(const std::string& path);
// root gives the file `path` in `dir`, which it made, to whoever owns `dir`, whom it would lock out otherwise. Nothing for
// anybody else. Follows no link, and gives away nothing that has another name: Errc::permission_denied.
Status give_to_owner_of(const std::string& dir, const std::string& path);
// The path with every symbolic link and `..` resolved. Errc::not_found.
Result<std::string> real_path(const std::string& path);
// The same for a directory that need not be there yet: what is there is resolved, the rest may be made. Relative to the
// working directory. Errors say which part it is: a link that leads nowhere or in a circle, a file on the way, a working
// directory that is gone (Errc::not_found).
Result<std::string> resolved_dir(const std::string& path);
// Of a file that need not be there (then the path as it was given). Errc::io_error: a link that leads nowhere.
Result<std::string> resolved_file(const std::string& path);
// Where a symbolic link leads, as it says; nothing: there is no link.
std::optional<std::string> link_target(const std::string& path);
// Makes a symbolic link, or puts it in the place of one that is there; on the disk when this returns. Errc::misplaced: what is
// there is a directory.
Status put_link(const std::string& target, const std::string& path);
// Which device a file or directory lies on; symbolic links are followed. Two file systems of one disk are two.
Result<uint64_t> device_of(const std::string& path);
// The names in a directory that are symbolic links, sorted. No file is looked at where the directory says what it is.
Result<std::vector<std::string>> links_in(const std::string& dir);
bool exists(const std::string& path);
bool is_socket(const std::string& path);
// Changes when a name appears in a directory or in one of those in it, or vanishes there.
uint64_t folders_stamp(const std::string& dir);
// Whether a directory is empty and had names in it less than so long ago: who removes all of it may be about to remove it, too.
// One that was just made never had any.
bool was_just_emptied(const std::string& dir, int64_t ms);
// A descriptor that tells whenever something is mounted or unmounted where this process sees it: as an error, to a Poller that is
// asked for nothing. inotify keeps silent of a disk that is unmounted while files on it are open (umount -l).
Result<Fd> watch_mounts();
// While the descriptor is open, systemd-tmpfiles and those like it leave what is in the directory alone (flock).
Result<Fd> hold_dir(const std::string& path);
// Makes a directory 0700 and those above it that are missing.
Status make_dirs(const std::string& path);

}  // namespace bobbin::os
