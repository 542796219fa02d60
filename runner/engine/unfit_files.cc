#include "runner/engine/unfit_files.h"

#include "runner/core/chunk_name.h"
#include "runner/engine/record_stream.h"
#include "runner/platform/trusted_file.h"

namespace sweepd {
namespace {

bool holds_records(const std::string& name) {
  return name == kept_file_name || parse_chunk_file_name(name) || parse_part_file_name(name);
}

}  // namespace

Result<std::vector<std::string>> set_aside_unfit(const SweepDirectory& directory) {
  const std::string folder = directory.chunks();
  auto names = names_in_folder(folder);
  if (!names) return tl::unexpected(names.error());
  std::vector<std::string> notices;
  const std::string before = folder + '/';
  for (const std::string& name : *names) {
    const std::string path = before + name, aside = path + ".damaged";
    const auto why = holds_records(name) ? unfit(path) : std::nullopt;
    if (!why) continue;
    if (auto gone = directory.staging().remove(aside); !gone) return tl::unexpected(gone.error());
    if (auto moved = directory.staging().move(path, aside); !moved) return tl::unexpected(moved.error());
    notices.push_back(why->message.substr(0, why->message.rfind("; ")) + "; it is set aside as " + aside +
                      ", and its points run again");
  }
  return notices;
}

}  // namespace sweepd
