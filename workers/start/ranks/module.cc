#include "workers/start/ranks/module.h"

#include <dlfcn.h>

#include <filesystem>

namespace sweepd {

namespace fs = std::filesystem;

namespace {

/// Also one that cannot be looked at: opening it tells why.
bool may_be_there(const fs::path& path) {
  std::error_code error;
  return fs::status(path, error).type() != fs::file_type::not_found;
}

}  // namespace

std::string mpi_module_path() {
  std::error_code error;
  const fs::path folder = fs::read_symlink("/proc/self/exe", error).parent_path();
  const fs::path beside = folder / SWEEPD_MPI_MODULE;
  if (may_be_there(beside)) return beside;
  return (folder / SWEEPD_MODULE_FOLDER / SWEEPD_MPI_MODULE).lexically_normal();
}

bool has_mpi_module() { return may_be_there(mpi_module_path()); }

Result<RelayFunction*> load_relay() {
  // Not local: MPI libraries load parts of their own that want the library's symbols.
  void* const module = dlopen(mpi_module_path().c_str(), RTLD_NOW | RTLD_GLOBAL);
  void* const function = module != nullptr ? dlsym(module, relay_function_name) : nullptr;
  if (function == nullptr) return failure(dlerror());
  return reinterpret_cast<RelayFunction*>(function);
}

}  // namespace sweepd
