#include "runner/cli/command_line.h"
#include "runner/cli/exit_status.h"
#include "runner/platform/inherited_signals.h"
#include "runner/platform/roomy_stack.h"
#include "runner/platform/standard_descriptors.h"

namespace {

int run(int argc, char** argv) { return sweepd::run_command_line({argv + 1, argv + argc}); }

}  // namespace

int main(int argc, char** argv) {
  if (!sweepd::fill_standard_descriptors()) return sweepd::system_failure;
  sweepd::note_inherited_signals();
  return sweepd::call_with_roomy_stack(run, argc, argv);
}
