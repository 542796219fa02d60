// Room for the stack, whatever the limit (ulimit -s) that sweepd was started with.
#pragma once

namespace sweepd {

/// Calls `body`, which throws nothing, in this thread: on its stack where the limit leaves enough room, else
/// on one that is made for it. Programs that are started have the limit as it is. Not to be nested.
int call_with_roomy_stack(int (*body)(int, char**), int count, char** words);

}  // namespace sweepd
