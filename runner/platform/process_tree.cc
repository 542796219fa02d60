#include "runner/platform/process_tree.h"

#include <dirent.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "runner/platform/proc_file.h"

namespace sweepd {
namespace {

/// The numbers that name entries of a folder of /proc.
std::vector<pid_t> numbers_in(const std::string& folder) {
  std::vector<pid_t> numbers;
  const std::unique_ptr<DIR, int (*)(DIR*)> entries(opendir(folder.c_str()), closedir);
  if (!entries) return numbers;
  while (const dirent* entry = readdir(entries.get())) {
    const std::string_view name = entry->d_name;
    pid_t number = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (error == std::errc() && end == name.data() + name.size()) numbers.push_back(number);
  }
  return numbers;
}

/// Adds the numbers of a text such as "12 345 ".
void append_numbers(std::string_view text, std::vector<pid_t>& numbers) {
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at != end) {
    pid_t number = 0;
    const auto [next, error] = std::from_chars(at, end, number);
    if (error == std::errc()) numbers.push_back(number);
    at = next == at ? at + 1 : next;
  }
}

bool lists_children() { return access("/proc/thread-self/children", R_OK) == 0; }

/// From proc(5)'s lists, one for each thread.
std::vector<pid_t> listed_children(pid_t parent) {
  std::vector<pid_t> children;
  const std::string threads = "/proc/" + std::to_string(parent) + "/task";
  for (const pid_t thread : numbers_in(threads))
    if (const auto text = read_proc_file(threads + '/' + std::to_string(thread) + "/children"))
      append_numbers(*text, children);
  return children;
}

std::multimap<pid_t, pid_t> children_by_parent() {
  std::multimap<pid_t, pid_t> children;
  for (const pid_t pid : numbers_in("/proc"))
    if (const auto parent = parent_of(pid)) children.emplace(*parent, pid);
  return children;
}

/// False where it must not be killed.
bool kill_if_allowed(pid_t pid) { return kill(pid, SIGKILL) == 0 || errno != EPERM; }

void reap(pid_t child, int flags) {
  while (waitpid(child, nullptr, flags) < 0 && errno == EINTR) {
  }
}

}  // namespace

void adopt_orphans() { prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); }

bool has_children() {
  siginfo_t ignored;
  int result = 0;
  do result = waitid(P_ALL, 0, &ignored, WEXITED | WNOHANG | WNOWAIT);
  while (result < 0 && errno == EINTR);
  return result == 0;
}

// Field 4 of /proc/PID/stat; the name in field 2 may hold anything.
std::optional<pid_t> parent_of(pid_t pid) {
  const auto text = read_proc_file("/proc/" + std::to_string(pid) + "/stat");
  if (!text) return std::nullopt;
  const size_t name_end = text->rfind(") ");
  constexpr size_t state = 4;  // ") S "
  if (name_end == std::string::npos || text->size() < name_end + state) return std::nullopt;
  pid_t parent = 0;
  std::from_chars(text->data() + name_end + state, text->data() + text->size(), parent);
  return parent;
}

std::vector<pid_t> children_of_this_process() {
  if (lists_children()) return listed_children(getpid());
  std::vector<pid_t> children;
  const auto all = children_by_parent();
  const auto [begin, end] = all.equal_range(getpid());
  for (auto entry = begin; entry != end; ++entry) children.push_back(entry->second);
  return children;
}

std::vector<pid_t> descendants_of(pid_t root) {
  if (!lists_children()) return descendants_by_parents(root);
  std::vector<pid_t> found = listed_children(root);
  for (size_t i = 0; i < found.size(); ++i)
    for (const pid_t child : listed_children(found[i])) found.push_back(child);
  return found;
}

std::vector<pid_t> descendants_by_parents(pid_t root) {
  const auto children = children_by_parent();
  std::vector<pid_t> found;
  const auto append_children_of = [&](pid_t parent) {
    const auto [begin, end] = children.equal_range(parent);
    for (auto entry = begin; entry != end; ++entry) found.push_back(entry->second);
  };
  append_children_of(root);
  for (size_t i = 0; i < found.size(); ++i) append_children_of(found[i]);
  return found;
}

void stop_descendants() {
  std::set<pid_t> stopped;
  for (bool any_new = true; any_new;) {
    any_new = false;
    for (const pid_t pid : descendants_of(getpid())) {
      if (!stopped.insert(pid).second) continue;
      kill(pid, SIGSTOP);
      any_new = true;
    }
  }
}

void continue_descendants() {
  std::vector<pid_t> processes = descendants_of(getpid());
  std::ranges::reverse(processes);
  for (const pid_t pid : processes) kill(pid, SIGCONT);
}

void end_all_children(std::span<const pid_t> spared) {
  std::set<pid_t> left_alone(spared.begin(), spared.end());
  while (has_children()) {
    std::vector<pid_t> killed;
    for (const pid_t child : children_of_this_process()) {
      if (left_alone.contains(child)) continue;
      const std::vector<pid_t> below = descendants_of(child);
      // Parents first, so that none lives to see how its children end, and to record it.
      if (kill_if_allowed(child)) {
        killed.push_back(child);
        for (const pid_t pid : below) kill(pid, SIGKILL);
      } else {
        left_alone.insert(child);
        reap(child, WNOHANG);
      }
    }
    for (const pid_t child : killed) reap(child, 0);
    if (killed.empty()) return;
  }
}

}  // namespace sweepd
