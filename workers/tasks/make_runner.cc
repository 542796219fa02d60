#include "workers/tasks/make_runner.h"

#include "workers/tasks/command/command_runner.h"
#include "workers/tasks/pi/pi.h"
#include "workers/tasks/scaling/scaling.h"

namespace sweepd {
namespace {

struct Maker {
  const Sweep& sweep;
  const WorkerContext& context;

  std::unique_ptr<TaskRunner> operator()(const PiTask&) const { return std::make_unique<PiRunner>(); }
  std::unique_ptr<TaskRunner> operator()(const ScalingTask&) const {
    return std::make_unique<ScalingRunner>(context);
  }
  std::unique_ptr<TaskRunner> operator()(const CommandTask& task) const {
    return std::make_unique<CommandRunner>(sweep, task.program, context);
  }
  std::unique_ptr<TaskRunner> operator()(const LinesTask& task) const {
    return std::make_unique<CommandRunner>(sweep, task.program, context);
  }
};

}  // namespace

std::unique_ptr<TaskRunner> make_runner(const Sweep& sweep, const WorkerContext& context) {
  return std::visit(Maker{sweep, context}, sweep.task);
}

}  // namespace sweepd
