#include "workers/tasks/make_runner.h"

#include "workers/tasks/command.h"
#include "workers/tasks/pi.h"
#include "workers/tasks/scaling.h"

namespace sweepd {
namespace {

struct Maker {
  const Sweep& sweep;
  const WorkerContext& context;

  std::unique_ptr<TaskRunner> operator()(const PiTask&) const { return std::make_unique<PiRunner>(); }
  std::unique_ptr<TaskRunner> operator()(const ScalingTask&) const {
    return std::make_unique<ScalingRunner>(context);
  }
  std::unique_ptr<TaskRunner> operator()(const CommandTask&) const {
    return std::make_unique<CommandRunner>(sweep, context, sweep.limits.grace);
  }
};

}  // namespace

std::unique_ptr<TaskRunner> make_runner(const Sweep& sweep, const WorkerContext& context) {
  return std::visit(Maker{sweep, context}, sweep.task);
}

}  // namespace sweepd
