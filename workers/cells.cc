#include "workers/cells.h"

#include <sys/mman.h>
#include <unistd.h>

#include <string>
#include <utility>

#include "runner/platform/system_error.h"

namespace sweepd {
namespace {

size_t bytes_for(uint32_t workers) { return sizeof(AgentCell) + size_t{workers} * sizeof(WorkerCell); }

constexpr const char* memory_name = "the workers' shared memory";

}  // namespace

Result<Cells> Cells::create(uint32_t workers) {
  UniqueFd fd(memfd_create("sweepd-cells", MFD_CLOEXEC));
  if (fd.get() < 0 || ftruncate(fd.get(), static_cast<off_t>(bytes_for(workers))) != 0)
    return refused("make", memory_name);
  auto cells = attach(std::move(fd), workers);
  if (!cells) return cells;
  new (cells->agent_) AgentCell;
  for (WorkerCell& cell : cells->workers_) new (&cell) WorkerCell;
  return cells;
}

Result<Cells> Cells::attach(UniqueFd fd, uint32_t workers) {
  void* memory = mmap(nullptr, bytes_for(workers), PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), 0);
  if (memory == MAP_FAILED) return refused("map", memory_name);
  return Cells(std::move(fd), memory, workers);
}

Cells::Cells(UniqueFd fd, void* memory, uint32_t workers)
    : fd_(std::move(fd)),
      agent_(static_cast<AgentCell*>(memory)),
      workers_(reinterpret_cast<WorkerCell*>(agent_ + 1), workers) {}

Cells::Cells(Cells&& other) noexcept
    : fd_(std::move(other.fd_)), agent_(std::exchange(other.agent_, nullptr)), workers_(other.workers_) {}

Cells::~Cells() {
  if (agent_ != nullptr) munmap(agent_, bytes_for(static_cast<uint32_t>(workers_.size())));
}

}  // namespace sweepd
