#!/usr/bin/env bash
# Functions that try a bridge in the place of the card by which a hypervisor is reached, so that a mistake undoes itself:
# before the first change a service of systemd is armed that puts everything back, by a timer and at the next boot
# (kjerne-bridge-undo), unless another ssh session confirms the bridge. A bridge that is there is never touched. A script
# that says `source hypervisor/bridge.sh` is sent with them, and has its input in $wanted:
#   {"bridge", "address", "planBridge": TEXT OF plan-bridge.py, "bridgeFiles": {PATH: {"content", "mode"}}}
set -euo pipefail

trial=/var/lib/kjerne/bridge

# What is at a key of the input, a list line by line; python3 is there before jq.
of() {
  # shellcheck disable=SC2154  # of the script that this is sent with
  python3 -I -c '
import json, sys
value = json.load(sys.stdin)[sys.argv[1]]
print(value if isinstance(value, str) else "\n".join(value) if isinstance(value, list) else json.dumps(value))' "$1" <<<"$wanted"
}

is_bridge() { [[ -d /sys/class/net/$1/bridge ]]; }

# SSH_CONNECTION of the session that this runs in, or nothing: sudo and the runner have cleaned the environment.
session() {
  local process=$$
  while ((process > 1)); do
    tr '\0' '\n' <"/proc/$process/environ" 2>/dev/null | sed -n 's/^SSH_CONNECTION=//p' | grep . && return
    process=$(awk '/^PPid:/ {print $2}' "/proc/$process/status")
  done
  return 0
}

# plan_bridge DIRECTORY: prints what stands in the way, or writes the plan; with - neither changes nor writes anything.
plan_bridge() {
  local address
  address=$(session | awk '{print $3}')
  if [[ -z $address ]]; then address=$(of address); fi
  python3 -I -c "$(of planBridge)" "$1" "$(of bridge)" "$address"
}

# Puts back what a trial that is not over has changed. Nothing where there is none.
end_trial() {
  if [[ -x /usr/local/sbin/kjerne-bridge-undo ]]; then /usr/local/sbin/kjerne-bridge-undo; fi
}

# arm MINUTES: from here on everything is put back by itself.
arm() {
  python3 -I -c '
import json, os, pathlib, sys
for path, file in json.load(sys.stdin)["bridgeFiles"].items():
    new = pathlib.Path(path + ".kjerne-new")
    new.write_text(file["content"])
    new.chmod(int(file["mode"], 8))
    new.rename(path)' <<<"$wanted"
  systemctl daemon-reload
  systemctl enable --quiet kjerne-bridge-undo
  sync
  mv "$trial.new" "$trial"
  sync
  systemd-run --quiet --collect --unit=kjerne-bridge-undo.service --on-active="$1m" --timer-property=AccuracySec=1s
}

# What ifupdown starts must not keep the lock, which keeps the timer waiting until the change is whole.
change() {
  local manager=$1 bridge=$2 card=$3 attempt lacking
  if [[ $manager = ifupdown ]]; then ifdown --force "$card"; fi
  (cd "$trial/new" && xargs --arg-file=../files --delimiter='\n' cp --parents --target-directory=/)
  case $manager in
    ifupdown) ifup "$bridge" ;;
    networkd) networkctl reload ;;
  esac
  for ((attempt = 0; attempt < 100; attempt++)); do
    lacking=$(ip -brief address show dev "$bridge" 2>/dev/null | tr ' ' '\n' | sed 's#/.*##' | grep -vxFf - "$trial/addresses" | paste -sd ' ' || true)
    if [[ -z $lacking ]]; then return; fi
    sleep 0.2
  done
  echo "the bridge $bridge did not get $lacking, which $card had" >&2
  return 1
}

# try_bridge MINUTES: makes the bridge for that long; confirm_bridge in another session keeps it.
try_bridge() {
  local problem manager bridge card
  end_trial
  rm -rf "$trial.new"
  mkdir -p "$trial.new"
  chmod 0700 "$trial.new"
  problem=$(plan_bridge "$trial.new")
  if [[ -n $problem ]]; then
    echo "$problem" >&2
    return 1
  fi
  read -r manager bridge card _ <"$trial.new/plan"
  session >"$trial.new/session"
  exec 9>/run/kjerne-bridge.lock
  flock 9
  arm "$1"
  (change "$manager" "$bridge" "$card") 9>&- >"$trial/log" 2>&1 &
  if ! wait $!; then
    cat "$trial/log" >&2
    exec 9>&-
    end_trial
    return 1
  fi
  touch "$trial/made"
  exec 9>&-
  echo "bridge $bridge with $card as its port is tried for $1 minute(s); another ssh session keeps it" >&2
}

# Makes the bridge where there is none. A trial that an earlier run has begun shows by this session that one can be had.
make_bridge() {
  if [[ -e $trial/made && $(session) != "$(<"$trial/session")" ]]; then
    confirm_bridge
  elif [[ -d $trial ]] || ! is_bridge "$(of bridge)"; then
    try_bridge 1
  fi
}

# Keeps the bridge that is tried: that this runs in another ssh session shows that one can be had.
confirm_bridge() {
  local bridge
  bridge=$(of bridge)
  if [[ ! -e $trial/made ]] && ! { is_bridge "$bridge" && [[ ! -d $trial ]]; }; then
    try_bridge 10
    echo "the bridge $bridge was not there: nobody confirmed it in time, or the machine restarted; it is tried again now: run this again within 10 minutes" >&2
    return 1
  fi
  [[ -d $trial ]] || return 0
  if [[ $(session) = "$(<"$trial/session")" ]]; then
    echo "this is the ssh session that made the bridge; only another one shows that one can be had" >&2
    return 1
  fi
  exec 9>/run/kjerne-bridge.lock
  flock 9
  if [[ ! -e $trial/made ]]; then
    echo "the bridge $bridge has just been taken away again; run this again" >&2
    return 1
  fi
  # From here on nothing is put back.
  rm -rf "$trial.over"
  mv "$trial" "$trial.over"
  exec 9>&-
  end_trial
  echo "confirmed" >&2
}
