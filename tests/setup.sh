# Sourced by examples/quickstart, tests/run and .ci/run: installs Debian packages and builds. The caller has set -eu and
# stands in the project's root. Knows apt-get, cmake and ninja; does not know what is built or tested.
# shellcheck shell=bash

# say TEXT...: one line to the person who started the script.
say() { printf '== %s\n' "$*"; }

# packages_for PURPOSE...: the names listed in tests/packages for these purposes, one a line.
packages_for() {
  local purpose name wanted
  while read -r purpose name; do
    for wanted in "$@"; do
      if [[ $purpose == "$wanted" ]]; then echo "$name"; fi
    done
  done < tests/packages
}

# missing_packages NAME...: those that dpkg does not have installed.
missing_packages() {
  local installed name
  installed=" $(dpkg-query --show --showformat='${db:Status-Status}=${Package} ' "$@" 2>/dev/null || true)"
  for name in "$@"; do
    if [[ $installed != *" installed=$name "* ]]; then echo "$name"; fi
  done
}

# as_root COMMAND...: runs it, with sudo where needed, saying so first; fails where this user cannot become root.
as_root() {
  local command=("$@")
  if [[ $(id -u) != 0 ]]; then
    if ! command -v sudo > /dev/null; then return 1; fi
    # Without a terminal nobody could type the password.
    if [[ -t 0 ]]; then command=(sudo "$@"); else command=(sudo -n "$@"); fi
  fi
  say "${command[*]}"
  "${command[@]}"
}

# install_packages PURPOSE...: installs what is missing. Where that is not possible, says what an administrator has to
# run and goes on: what is needed may be there in another way than as Debian packages.
install_packages() {
  local wanted missing
  mapfile -t wanted < <(packages_for "$@")
  if ! command -v dpkg-query > /dev/null || ! command -v apt-get > /dev/null; then
    say "This is not Debian: install the counterparts of these packages yourself: ${wanted[*]}"
    return
  fi
  mapfile -t missing < <(missing_packages "${wanted[@]}")
  if [[ ${#missing[@]} == 0 ]]; then return; fi

  local install=(env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120 -o Dpkg::Use-Pty=0
    install -y -q --no-install-recommends "${missing[@]}")
  say "Debian packages to install: ${missing[*]}"
  if ! { as_root apt-get -q update && as_root "${install[@]}"; }; then
    say "Could not install the packages. Ask the administrator to run:"
    printf '    apt-get update && apt-get install -y --no-install-recommends %s\n' "${missing[*]}"
    say "Going on, in case all that is needed is there in another way"
  fi
}

# build_jobs: compilers to run at once: one a core that this process may use, and about 1 GiB of memory each.
build_jobs() {
  local cores key kib rest memory_jobs limit
  cores=$(nproc)
  memory_jobs=$cores
  while read -r key kib rest; do
    if [[ $key == MemAvailable: ]]; then memory_jobs=$((kib / 1048576)); fi
  done < /proc/meminfo
  limit=$(cat /sys/fs/cgroup/memory.max 2> /dev/null || echo max)
  if [[ $limit != max && $((limit / 1073741824)) -lt $memory_jobs ]]; then memory_jobs=$((limit / 1073741824)); fi
  if [[ $memory_jobs -lt 1 ]]; then memory_jobs=1; fi
  echo $((memory_jobs < cores ? memory_jobs : cores))
}

# need_tools NAME...: ends the script where one of the programs is not on the PATH.
need_tools() {
  local tool
  for tool in "$@"; do
    if ! command -v "$tool" > /dev/null; then
      say "Error: $tool is not installed; see the packages named in tests/packages" >&2
      exit 1
    fi
  done
}

# configure_and_build PRESET TARGET TESTS: TARGET in build/PRESET, with the tests ON, or as they are (KEEP; OFF at first).
configure_and_build() {
  local preset=$1 target=$2 tests=$3
  local cache=build/$preset/CMakeCache.txt
  need_tools cmake ninja c++
  if [[ ! -e build/$preset/build.ninja ]]; then
    if [[ $tests == KEEP ]]; then tests=OFF; fi
    cmake --preset "$preset" -DSWEEPD_TESTS="$tests"
  elif [[ $tests == ON ]] && ! grep -q '^SWEEPD_TESTS:BOOL=ON$' "$cache"; then
    cmake --preset "$preset" -DSWEEPD_TESTS=ON
  fi
  cmake --build "build/$preset" --target "$target" -j "$(build_jobs)"
}
