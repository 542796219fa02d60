#include "workers/chunk_writer.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include "tests/temporary_folder.h"

using namespace sweepd;

namespace {

UniqueFd open_folder(const TemporaryFolder& folder) {
  return UniqueFd(open(folder.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

}  // namespace

TEST_CASE("chunk writer: a committed chunk has its final name and nothing else is left") {
  const TemporaryFolder folder;
  const UniqueFd fd = open_folder(folder);
  auto writer = ChunkWriter::create(fd.get(), {0, 10});
  REQUIRE(writer);
  CHECK(std::filesystem::exists(folder.path() + "/000000000000-000000000010.part"));
  writer->buffer() += "line\n";
  REQUIRE(writer->commit(4));
  CHECK(std::filesystem::file_size(folder.path() + "/000000000000-000000000004.ndjson") == 5);
  CHECK_FALSE(std::filesystem::exists(folder.path() + "/000000000000-000000000010.part"));
}

TEST_CASE("chunk writer: a chunk of nothing leaves no file") {
  const TemporaryFolder folder;
  const UniqueFd fd = open_folder(folder);
  auto writer = ChunkWriter::create(fd.get(), {5, 10});
  REQUIRE(writer);
  REQUIRE(writer->commit(5));
  CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE("chunk writer: a part file that is there already is not written over") {
  const TemporaryFolder folder;
  const UniqueFd fd = open_folder(folder);
  const auto first = ChunkWriter::create(fd.get(), {0, 10});
  REQUIRE(first);
  CHECK_FALSE(ChunkWriter::create(fd.get(), {0, 10}));
}

TEST_CASE("chunk writer: a full disk is an error with the file's name, and nothing is committed") {
  const TemporaryFolder folder;
  const UniqueFd fd = open_folder(folder);
  const pid_t child = fork();  // the limit must not reach the other tests
  if (child == 0) {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{100, 100};
    setrlimit(RLIMIT_FSIZE, &limit);
    auto writer = ChunkWriter::create(fd.get(), {0, 10});
    if (!writer) _exit(2);
    writer->buffer().assign(1000, 'x');
    const auto committed = writer->commit(10);
    const bool named = !committed && committed.error().message.find("000000000010.part") != std::string::npos;
    _exit(named ? 0 : 1);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
  CHECK_FALSE(std::filesystem::exists(folder.path() + "/000000000000-000000000010.ndjson"));
}
