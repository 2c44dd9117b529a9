# shellcheck shell=bash
# Sourced first by test scripts that listen where others could reach them: the script goes on in a network of its own,
# in which there is nobody else, with the loopback up.
if [ -z "${IN_PRIVATE_NETWORK:-}" ]; then
  export IN_PRIVATE_NETWORK=1
  own_network=(unshare -n)
  [ "$(id -u)" = 0 ] || own_network=(unshare -rn)
  if ! "${own_network[@]}" true 2> /dev/null; then
    echo "skipped: no network of its own can be made here, and this listens for everybody"
    exit 77
  fi
  exec "${own_network[@]}" "$0" "$@"
fi
python3 - <<'PY'
import fcntl
import socket
import struct

up, running = 1, 64
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
    fcntl.ioctl(s, 0x8914, struct.pack("16sh14x", b"lo", up | running))  # SIOCSIFFLAGS
PY
