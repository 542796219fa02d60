// A gang whose members are on the cores of several ranks: the part of it that one worker has. It knows
// nothing of how messages come to the other ranks.
#pragma once

#include <cstdint>
#include <vector>

#include "workers/tasks/scaling/gang_line.h"
#include "workers/tasks/scaling/scaling_gang.h"
#include "workers/tasks/task.h"

namespace sweepd {

/// The members on the cores of `place`: member i is on core i of all, from the first again where there are
/// more members than cores.
std::vector<uint32_t> members_at(const GangPlace& place, uint32_t workers);

/// The part that its caller has of a gang, `cpus` being those of its cores.
GangSpec gang_part(const ScalingWork& work, const GangPlace& place, const std::vector<CpuSet>& cpus);

/// The caller's cores, context.share.gang_cores, are the first of all; those of the other ranks follow, as
/// context.cores_elsewhere says. Has each other rank where there are members do its part, over
/// context.gang_line, and does its own. A round lasts as long as in the part that took longest, from the
/// release there: the way of the message that releases it is not in it. Fails as run_gang(), also for a part
/// elsewhere; then all parts are broken up.
Result<GangReport> lead_gang(const ScalingWork& work, const WorkerContext& context);

/// Does the part that `form` tells of, over context.gang_line, to its end or until it is broken up.
void follow_gang(const GangMessage& form, const WorkerContext& context);

}  // namespace sweepd
