#include "runner/platform/inherited_signals.h"
#include "workers/start/starter.h"

namespace sweepd {

std::vector<std::string> worker_arguments(const Staffing& staffing, uint32_t worker) {
  const Post& post = staffing.posts[worker];
  std::vector<std::string> arguments = {"worker",
                                        "--sweep-directory=" + staffing.sweep_directory,
                                        "--staging=" + staffing.staging,
                                        "--file=" + staffing.sweep.file,
                                        "--fingerprint=" + staffing.sweep.fingerprint(),
                                        "--code=" + std::to_string(staffing.code),
                                        "--worker=" + std::to_string(post.context.worker),
                                        "--slot=" + std::to_string(worker),
                                        "--workers=" + std::to_string(staffing.posts.size()),
                                        "--cores=" + std::to_string(post.context.cores),
                                        "--ignored=" + std::to_string(inherited_signals().ignored),
                                        "--blocked=" + std::to_string(inherited_signals().blocked)};
  if (post.bind) arguments.push_back("--cpus=" + post.context.cpus);
  for (const uint32_t node : post.numa_nodes) arguments.push_back("--node=" + std::to_string(node));
  for (const std::string& cpus : post.context.gang_cpus) arguments.push_back("--gang=" + cpus);
  const Limits& limits = staffing.sweep.limits;
  if (limits.memory_is_of_job) arguments.push_back("--job-memory=" + std::to_string(*limits.memory_bytes));
  return arguments;
}

}  // namespace sweepd
