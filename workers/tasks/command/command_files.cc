#include "workers/tasks/command/command_files.h"

#include <sys/stat.h>

#include <algorithm>

#include "workers/tasks/command/command_line.h"

namespace sweepd {
namespace {

bool is_file(const std::string& path, const std::string& directory) {
  struct stat status {};
  const std::string full = path.starts_with('/') ? path : directory + '/' + path;
  return stat(full.c_str(), &status) == 0 && S_ISREG(status.st_mode);
}

/// The name of the file that an argument leads to; empty where it leads to none.
std::string file_in(const std::string& argument, const std::string& directory) {
  if (is_file(argument, directory)) return argument;
  const size_t equals = argument.find('=');
  if (!argument.starts_with('-') || equals == std::string::npos) return "";
  const std::string value = argument.substr(equals + 1);
  return is_file(value, directory) ? value : "";
}

void add_once(const std::string& name, const std::string& path, std::vector<CodeFile>& files) {
  if (name.empty() || std::ranges::find(files, name, &CodeFile::name) != files.end()) return;
  files.push_back({.name = name, .path = path, .hash = {}});
}

}  // namespace

std::vector<CodeFile> files_named_by(const Program& program, const std::string& directory) {
  std::vector<CodeFile> files;
  const auto* arguments = std::get_if<ArgumentVector>(&program.start);
  if (arguments == nullptr) return files;
  for (const Argument& argument : *arguments) {
    if (!argument.text.is_literal()) continue;
    std::string text;
    argument.text.append({}, {}, text);
    const bool is_looked_up = &argument == &arguments->front() && text.find('/') == std::string::npos;
    const auto path =
        is_looked_up ? program_path(program, directory) : Result<std::string>(file_in(text, directory));
    if (path) add_once(is_looked_up ? text : *path, *path, files);
  }
  return files;
}

}  // namespace sweepd
