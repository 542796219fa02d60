// InheritedSignals: what the process that started sweepd had decided about signals (nohup, a shell without
// job control, a batch system). sweepd keeps to it, and hands it on to the programs it starts, whatever it
// does about signals in its own processes meanwhile.
#pragma once

#include <signal.h>

#include <cstdint>

namespace sweepd {

/// Signal N is bit N-1.
struct InheritedSignals {
  uint64_t ignored = 0;
  uint64_t blocked = 0;

  bool ignores(int number) const { return (ignored >> (number - 1) & 1) != 0; }
  /// Whether one that is sent is to have no effect.
  bool holds_off(int number) const { return ((ignored | blocked) >> (number - 1) & 1) != 0; }
  /// The signals that are blocked.
  sigset_t mask() const;
};

/// To be called before anything is done about signals. From then on SIGCHLD is not ignored: sweepd wants to
/// know how its children end.
void note_inherited_signals();
/// For a process whose own parent, being sweepd's, has done something about signals before.
void assume_inherited_signals(const InheritedSignals& inherited);
/// As noted or assumed; before that nothing is ignored or blocked.
const InheritedSignals& inherited_signals();
/// Makes this process's signals what they were, for the program that takes its place.
void restore_inherited_signals();

}  // namespace sweepd
