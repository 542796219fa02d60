#include "configs/shell_variables.h"

#include <algorithm>
#include <string>

namespace sweepd {
namespace {

constexpr std::string_view prefixes[] = {"BASH_", "COMP_", "LD_", "READLINE_", "SWEEPD_"};

// Found in the manuals, and by trying all names that the shells' binaries hold.
constexpr std::string_view names =
    " BASH BASHOPTS BASHPID CDPATH CHILD_MAX COLUMNS COPROC DIRSTACK ENV EPOCHREALTIME"
    " EPOCHSECONDS EUID EXECIGNORE FUNCNAME FUNCNEST GLIBC_TUNABLES GLOBIGNORE GROUPS"
    " HISTCMD HOME HOSTNAME HOSTTYPE IFS IGNOREEOF LINENO LINES MACHTYPE MAPFILE OLDPWD"
    " OPTARG OPTERR OPTIND OSTYPE PATH PIPESTATUS POSIXLY_CORRECT PPID PS1 PS2 PS4 PWD"
    " RANDOM REPLY SECONDS SHELL SHELLOPTS SHLVL SRANDOM SSH2_CLIENT SSH_CLIENT TERM"
    " TIMEFORMAT TMOUT UID _ ";

}  // namespace

bool is_own_variable(std::string_view name) {
  return names.find(" " + std::string(name) + " ") != std::string_view::npos ||
         std::any_of(std::begin(prefixes), std::end(prefixes),
                     [name](std::string_view prefix) { return name.starts_with(prefix); });
}

}  // namespace sweepd
