// What the rest of sweepd asks about a kind of task, answered for each kind in one place: a kind that is
// forgotten there does not compile.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runner/core/point.h"
#include "runner/core/task.h"

namespace sweepd {

/// A parameter that a kernel reads.
struct KernelParameter {
  std::string_view name;
  std::string_view example;               ///< how it is given; empty: it may be left out
  uint64_t most = 0;                      ///< a whole number from 1 to this, where there are no words
  std::vector<std::string_view> words{};  ///< one of these
};

struct TaskTraits {
  /// Canonical JSON of what is run: part of every id. Nothing is in it that is only read or kept of what
  /// runs, or limits it.
  std::string identity;
  /// What is started for a point; null: the worker computes by itself.
  const Program* program = nullptr;

  // Of kernels, which compute in the worker:
  std::string_view kernel{};  ///< its name
  std::vector<KernelParameter> parameters{};
  std::vector<std::string_view> fields{};  ///< of its results
  /// What is wrong with the parameters together, each being right alone; empty: nothing. Null: nothing can
  /// be.
  std::string (*complaint_about)(const Point& point) = nullptr;

  /// One worker leads gangs of processes on all cores, and a speedup table is made of the results.
  bool leads_gangs = false;
  bool may_oversubscribe = false;  ///< gangs may have more members than there are cores
  /// Points are so short that their records need not reach the disk one by one.
  bool batches_records = false;
};

/// `task` outlives it.
TaskTraits traits_of(const Task& task);

/// The identity and what is read of the output (`result`): canonical JSON in which defaults are spelt out.
std::string text_of(const TaskTraits& traits);

}  // namespace sweepd
