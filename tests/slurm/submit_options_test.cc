#include "slurm/submit_options.h"

#include <doctest/doctest.h>

using namespace sweepd;

namespace {

SubmitOptions of(std::string_view script, const std::vector<std::string>& options = {},
                 const std::string& exported_by_variable = "") {
  return submit_options(script, options, [&](const char* name) {
    return std::string(name) == "SBATCH_EXPORT" ? exported_by_variable : std::string();
  });
}

}  // namespace

TEST_CASE("submit options: read from the script's lines, up to the first that is no comment") {
  const SubmitOptions found =
      of("#!/usr/bin/env -S sweepd run\n#SBATCH -N2 --output=logs/%j.log -D run  # why\n#SBATCH --error \"my "
         "logs/e\"\n"
         "task: pi\n#SBATCH --chdir=late\n");
  CHECK(found.output == "logs/%j.log");
  CHECK(found.error == "my logs/e");
  CHECK(found.folder == "run");
}

TEST_CASE("submit options: the command line wins over variables, and these over the script") {
  const std::string script = "#SBATCH --export=NONE -o a\n";
  CHECK(of(script).exported == "NONE");
  CHECK(of(script, {}, "ALL").exported == "ALL");
  CHECK(of(script, {"--export=PATH"}, "ALL").exported == "PATH");
  CHECK(of(script, {"-o", "b"}).output == "b");
  CHECK(of(script, {"-ob"}).output == "b");
  CHECK(of(script, {"--output", "b/c"}).output == "b/c");
}

TEST_CASE("submit options: others are not taken for these") {
  const SubmitOptions found =
      of("#SBATCH --output-is-no-option=x --open-mode=append --exclusive --export-file=f\n");
  CHECK((found.output.empty() && found.exported.empty() && found.error.empty()));
}

TEST_CASE("submit options: the folder of an output file is what stands before the job's part") {
  CHECK(folder_of_output("a.log").empty());
  CHECK(folder_of_output("%j.log").empty());
  CHECK(folder_of_output("%j/a.log").empty());
  CHECK(folder_of_output("logs/%j.log") == "logs");
  CHECK(folder_of_output("a/b/c%x/d") == "a/b");
  CHECK(folder_of_output("/x") == "/");
}

TEST_CASE("submit options: PATH is exported with everything, or by its name") {
  for (const char* with : {"", "ALL", "ALL,A=1", "PATH", "A=1,PATH=/bin"})
    CHECK_MESSAGE(exports_path(with), with);
  for (const char* without : {"NONE", "NIL", "A=1", "HOME,SPATH=/x"})
    CHECK_MESSAGE(!exports_path(without), without);
}
