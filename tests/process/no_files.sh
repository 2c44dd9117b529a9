#!/usr/bin/env bash
# no_files.sh PROGRAM: a FIFO, a socket, a device or a directory where a file belongs is an error at once, or is set right;
# never a wait.
# shellcheck source=../tools/cluster.sh
. "$(dirname "$0")/../tools/cluster.sh"

# code ARGUMENT...: the exit code of the program, 124 when it hangs; what it says is in $work/err
code() { timeout 20 "$program" "$@" > "$work/out" 2> "$work/err" < /dev/null && echo 0 || echo $?; }

seq 100 | bobbin produce -q t
bobbin broker stop -q
mv "$BOBBIN_DIR" "$work/whole"

# put KIND PATH
put() {
  rm -rf "$2"
  case $1 in
    fifo) mkfifo "$2" ;;
    socket) python3 -c 'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])' "$2" ;;
    device) mknod "$2" c 1 5 ;;  # as /dev/zero
    directory) mkdir "$2" ;;
    file) echo something > "$2" ;;
  esac
}
# Those without which no broker can work: it says which one, and does not start. Then those that it can do without.
needed=(metadata/meta.properties metadata/.lock broker-1/meta.properties broker-1/.lock starter.lock bobbin.toml broker-1.log
  metadata/__cluster_metadata-0/00000000000000000000.log)
spared=(broker-1.state broker-1/recovery-point-offset-checkpoint broker-1/replication-offset-checkpoint
  broker-1/log-start-offset-checkpoint)
kinds=(fifo socket directory)
if mknod "$work/device" c 1 5 2> /dev/null; then kinds+=(device); else echo "no device can be made here"; fi
if is_sanitized; then kinds=(fifo); fi  # hundreds of starts, each of which takes several times as long
for kind in "${kinds[@]}"; do
  for name in "${needed[@]}" "${spared[@]}" stopped broker-1/t-0/00000000000000000000.log \
    broker-1/t-0/00000000000000000000.index broker-1/t-0/partition.metadata; do
    [ -e "$work/whole/$name" ] || [[ $name == bobbin.toml || $name == stopped ]] || continue
    cp -r "$work/whole" "$BOBBIN_DIR"
    rm -f "$BOBBIN_DIR/stopped"
    put "$kind" "$BOBBIN_DIR/$name"
    result=$(code broker start --timeout 10s)
    [ "$result" != 124 ] || fail "broker start waits for a $kind at $name"
    if [[ " ${needed[*]} " == *" $name "* ]]; then
      (( result != 0 )) || fail "a $kind at $name: started, as if nothing were"
      grep -q "${name##*/}" "$work/err" || fail "a $kind at $name: it does not say which file: $(cat "$work/err")"
    fi
    for command in "consume t -e --timeout 3s" "topic list --timeout 3s" "broker status" "broker logs" "complete topics" "broker stop --timeout 5s"; do
      # shellcheck disable=SC2086  # words
      [ "$(code $command)" != 124 ] || fail "$command waits for a $kind at $name"
    done
    rm -rf "$BOBBIN_DIR"
  done
done

echo "-- in a partition's folder, or in its place: damage, told by its name, until it is moved away"
cp -r "$work/whole" "$BOBBIN_DIR"
names=()
for path in "$BOBBIN_DIR"/broker-1/t-0/*; do names+=("broker-1/t-0/${path##*/}"); done
(( ${#names[@]} >= 6 )) || fail "its files: ${names[*]}"
named() {
  grep -q "$name: is $1, where a $2 belongs" "$work/$3" || fail "$1 at $name: it does not say so: $(tail -n 5 "$work/$3")"
}
word() { case $1 in fifo) echo "a FIFO" ;; file) echo "a file" ;; *) echo "a $1" ;; esac; }
for name in "${names[@]}" broker-1/t-0; do
  if [ "$name" = broker-1/t-0 ]; then belongs=folder others=(file); else belongs=file others=(directory); fi
  for kind in "${kinds[@]}" "${others[@]}"; do
    [ "$belongs $kind" != "folder directory" ] || continue
    put "$kind" "$BOBBIN_DIR/$name"
    bobbin broker start -q
    for command in "consume t -e -q" "produce t -q" "topic offsets t" "topic offsets t --at 1" "consume t -e -q -o @1"; do
      # shellcheck disable=SC2086  # words
      expect "a $kind at $name: $command" 4 "$(timeout 60 "$program" $command > "$work/out" 2> "$work/err" <<< line && echo 0 || echo $?)"
      [ ! -s "$work/out" ] || fail "a $kind at $name: $command: prints something"
      named "$(word "$kind")" "$belongs" err
    done
    bobbin broker logs > "$work/logs"
    grep -q DAMAGED "$work/logs" || fail "a $kind at $name: the broker's log does not call it damage"
    named "$(word "$kind")" "$belongs" logs
    rm -rf "${BOBBIN_DIR:?}/$name"
    cp -r "$work/whole/$name" "$BOBBIN_DIR/$name"
    same "a $kind at $name, when it is gone" <(seq 100) <(bobbin consume -q t -e)
    bobbin broker stop -q
  done
done
rm -rf "$BOBBIN_DIR"

echo "-- without them all is well"
cp -r "$work/whole" "$BOBBIN_DIR"
same "records" <(seq 100) <(bobbin consume -q t -e)

echo "-- where the broker's socket belongs"
socket=$BOBBIN_DIR/broker-1.sock
bobbin broker stop -q
kind_of() { case $1 in fifo) echo "a FIFO" ;; file) echo "a file" ;; *) echo "a $1" ;; esac; }
for kind in "${kinds[@]}" file; do
  [ "$kind" != socket ] || continue
  if [ "$kind" = file ]; then echo mine > "$socket"; else put "$kind" "$socket"; fi
  for command in "broker start" "topic list --timeout 3s" "broker start --foreground"; do
    # shellcheck disable=SC2086  # words
    result=$(code $command)
    (( result != 0 && result != 124 )) || fail "a $kind at the socket: $command: $result"
    grep -qF "$socket: is $(kind_of "$kind"), where a broker's socket belongs: move it away" "$work/err" || fail "a $kind at the socket: $command says: $(cat "$work/err")"
  done
  [ -e "$socket" ] || fail "a $kind at the socket was removed"
  rm -rf "$socket"
done
bobbin broker start -q
kill_broker
[ -S "$socket" ] || fail "a dead broker leaves a socket"
expect "a dead broker's socket is replaced" "$(seq 100)" "$(bobbin consume -q t -e)"
rm "$socket"; mkfifo "$socket"
tells() { bobbin broker logs | grep -qF "somebody removed the socket, and it cannot be made anew: $socket: is a FIFO"; }
eventually 20 tells || fail "who took the socket's place is not told: $(bobbin broker logs | tail -n 3)"
expect "who would connect there" 3 "$(code topic list --timeout 1s)"
says "is a FIFO, where a broker's socket belongs: move it away"
rm "$socket"
is_back() { [ -S "$socket" ]; }
eventually 20 is_back || fail "the socket does not come back"
expect "all is well" "$(seq 100)" "$(bobbin consume -q t -e)"
