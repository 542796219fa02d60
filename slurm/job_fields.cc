#include "slurm/job_fields.h"

#include <algorithm>
#include <array>

namespace sweepd {
namespace {

// The fields whose values are free text, and the names that may follow each on one line (-o): the value ends
// before the first of these. Otherwise each is the last of its line.
struct FreeText {
  std::string_view name;
  std::array<std::string_view, 8> followers;
};

constexpr std::array<std::string_view, 8> after_comments = {
    "Comment=", "Extra=", "StdErr=", "StdIn=", "StdOut=", "TresPerJob=", "TresPerNode=", "Power="};

constexpr FreeText free_texts[] = {
    {"JobName", {"UserId="}},
    {"Command", {"WorkDir="}},
    {"SubmitLine", {"WorkDir="}},
    {"WorkDir",
     {"AdminComment=", "SystemComment=", "Comment=", "Extra=", "StdErr=", "TresPerJob=", "TresPerNode=",
      "Power="}},
    {"AdminComment",
     {"SystemComment=", "Comment=", "Extra=", "StdErr=", "TresPerJob=", "TresPerNode=", "Power="}},
    {"SystemComment", after_comments},
    {"Comment", after_comments},
    {"Extra", after_comments},
    {"StdErr", {"StdIn="}},
    {"StdIn", {"StdOut="}},
    {"StdOut",
     {"TresPerJob=", "TresPerNode=", "TresPerTask=", "TresBind=", "TresFreq=", "MailUser=", "Switches=",
      "Power="}},
};

const FreeText* find_free_text(std::string_view name) {
  const auto* const found = std::find_if(std::begin(free_texts), std::end(free_texts),
                                         [name](const FreeText& text) { return text.name == name; });
  return found == std::end(free_texts) ? nullptr : found;
}

size_t end_of_free_text(std::string_view rest, const FreeText& text) {
  size_t end = rest.size();
  for (const std::string_view follower : text.followers)
    if (!follower.empty()) end = std::min(end, rest.find(" " + std::string(follower)));
  return end;
}

std::string_view trimmed(std::string_view text) {
  while (text.ends_with(' ') || text.ends_with('\r')) text.remove_suffix(1);
  while (text.starts_with(' ')) text.remove_prefix(1);
  return text;
}

void parse_line(std::string_view line, bool is_whole_job, JobFields& fields) {
  for (line = trimmed(line); !line.empty(); line = trimmed(line)) {
    const size_t blank = std::min(line.find(' '), line.size());
    const size_t equals = line.find('=');
    if (equals > blank) {  // the rest of a value with a blank in it
      line.remove_prefix(blank);
      continue;
    }
    const std::string_view name = line.substr(0, equals);
    const std::string_view rest = line.substr(std::min(equals + 1, line.size()));
    const FreeText* const free_text = find_free_text(name);
    size_t end = std::min(rest.find(' '), rest.size());
    if (free_text != nullptr) end = is_whole_job ? end_of_free_text(rest, *free_text) : rest.size();
    fields.add(name, trimmed(rest.substr(0, end)));
    line = rest.substr(end);
  }
}

}  // namespace

void JobFields::add(std::string_view name, std::string_view value) { fields_.emplace_back(name, value); }

std::string_view JobFields::operator[](std::string_view name) const {
  const auto found =
      std::find_if(fields_.begin(), fields_.end(), [name](const auto& field) { return field.first == name; });
  if (found == fields_.end() || found->second == "(null)") return {};
  return found->second;
}

std::vector<JobFields> parse_job_fields(std::string_view text) {
  std::vector<JobFields> jobs;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const bool starts_job = line.starts_with("JobId=");
    if (starts_job) jobs.emplace_back();
    const bool is_whole_job = starts_job && line.find(" UserId=") != std::string_view::npos;
    if (!jobs.empty()) parse_line(line, is_whole_job, jobs.back());
  }
  return jobs;
}

}  // namespace sweepd
