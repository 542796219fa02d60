#include "runner/engine/unfit_files.h"

#include <unistd.h>

#include <cstdio>

#include "runner/core/chunk_name.h"
#include "runner/engine/record_stream.h"
#include "runner/platform/system_error.h"
#include "runner/platform/trusted_file.h"

namespace sweepd {
namespace {

bool holds_records(const std::string& name) {
  return name == kept_file_name || parse_chunk_file_name(name) || parse_part_file_name(name);
}

}  // namespace

Result<std::vector<std::string>> set_aside_unfit(const std::string& folder) {
  auto names = names_in_folder(folder);
  if (!names) return tl::unexpected(names.error());
  std::vector<std::string> notices;
  for (const std::string& name : *names) {
    const std::string path = folder + '/' + name, aside = path + ".damaged";
    const auto why = holds_records(name) ? unfit(path) : std::nullopt;
    if (!why) continue;
    unlink(aside.c_str());
    if (rename(path.c_str(), aside.c_str()) != 0) return refused("set aside", path);
    notices.push_back(why->message.substr(0, why->message.rfind("; ")) + "; it is set aside as " + aside +
                      ", and its points run again");
  }
  return notices;
}

}  // namespace sweepd
