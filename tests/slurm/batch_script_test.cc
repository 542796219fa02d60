#include "slurm/batch_script.h"

#include <doctest/doctest.h>

#include <string>

using namespace sweepd;

namespace {

std::string errors(const std::string& text) {
  std::string all;
  for (const Error& error : script_errors(text, "s.yaml")) all += error.text() + '\n';
  return all;
}

std::string warnings(const std::string& text) {
  std::string all;
  for (const Error& warning : script_warnings(text, "s.yaml")) all += warning.text() + '\n';
  return all;
}

const std::string good = std::string(first_line_wanted) + "\n#SBATCH --time=1\n";

}  // namespace

TEST_CASE("batch script: first lines that start sweepd are taken") {
  for (const std::string line :
       {"#!/usr/bin/env -S sweepd run", "#!/usr/bin/env sweepd", "#! /usr/bin/env -S sweepd run -j 4 ",
        "#!/opt/bin/sweepd", "#!/opt/bin/sweepd run", "#!/usr/bin/env --split-string=sweepd run --pin none",
        "#!/usr/bin/env -vS sweepd run"}) {
    CHECK_MESSAGE(errors(line + "\ntask: pi\n").empty(), line);
    CHECK_MESSAGE(errors(line).empty(), line);
    CHECK_MESSAGE(warnings(line + "\ntask: pi\n").empty(), line);
  }
}

TEST_CASE("batch script: without a first line that names a program, the line to add is told") {
  for (const std::string text : {"task: pi\n", "", " #!/usr/bin/env -S sweepd run\n", "#SBATCH --time=1\n"})
    CHECK(errors(text).find(
              "s.yaml:1:1: Slurm is not told what runs this file; put this line above all others: "
              "#!/usr/bin/env -S sweepd run") == 0);
}

TEST_CASE("batch script: words that would be handed over as one are refused") {
  for (const std::string line :
       {"#!/usr/bin/env sweepd run", "#!/opt/bin/sweepd run -j 4", "#!/usr/bin/env A=1 sweepd"})
    CHECK_MESSAGE(errors(line + '\n').find("as a single word") != std::string::npos, line);
}

TEST_CASE("batch script: line ends of other systems are refused, with the first such line") {
  CHECK(errors(good + "task: pi\r\nseed: 1\r\n").find("s.yaml:3:1: Slurm takes no lines that end in CR LF") ==
        0);
  CHECK(errors("#!/usr/bin/env -S sweepd run\r\n").find("s.yaml:1:1: ") == 0);
  CHECK(errors("\xef\xbb\xbf" + good).find("byte order mark") != std::string::npos);
}

TEST_CASE("batch script: #SBATCH lines that Slurm does not read are told") {
  CHECK(warnings(good + "\n  # more\n\t\n#SBATCH -N1\n").empty());
  const std::string found = warnings(good + "task: pi\n#SBATCH -N1\nseed: 1\n  #SBATCH no\n#SBATCH -n2");
  CHECK(found.find("s.yaml:4:1: ") == 0);
  CHECK(found.find("(line 3)") != std::string::npos);
  CHECK(found.find("s.yaml:7:1: ") != std::string::npos);
  CHECK(found.find("s.yaml:6:") == std::string::npos);
}

TEST_CASE("batch script: another program's file is told") {
  CHECK(warnings("#!/bin/sh\n").find("s.yaml:1:1: the first line does not name sweepd") == 0);
}

TEST_CASE("batch script: whether PATH decides which program runs it") {
  CHECK(is_found_by_env(good));
  CHECK(is_found_by_env("#!/usr/bin/env sweepd"));
  CHECK_FALSE(is_found_by_env("#!/opt/sweepd run\n"));
  CHECK_FALSE(is_found_by_env("task: pi\n"));
}
