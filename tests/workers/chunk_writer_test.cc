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

/// chunks/ and a run's own folder.
class Folders {
 public:
  std::string committed(const std::string& name = "") const { return folder_ / ("chunks/" + name); }
  std::string part(const std::string& name = "") const { return folder_ / ("staging/" + name); }
  ChunkFolderFds fds() const { return {chunks_.get(), staging_.get()}; }

 private:
  UniqueFd open_folder(const char* name) const {
    std::filesystem::create_directory(folder_ / name);
    return UniqueFd(open((folder_ / name).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  }

  TemporaryFolder folder_;
  UniqueFd chunks_ = open_folder("chunks");
  UniqueFd staging_ = open_folder("staging");
};

}  // namespace

TEST_CASE("chunk writer: a committed chunk has its final name and nothing else is left") {
  const Folders folder;
  auto writer = ChunkWriter::create(folder.fds(), {0, 10});
  REQUIRE(writer);
  CHECK(std::filesystem::exists(folder.part("000000000000-000000000010.part")));
  writer->buffer() += "line\n";
  REQUIRE(writer->commit(4));
  CHECK(std::filesystem::file_size(folder.committed("000000000000-000000000004.ndjson")) == 5);
  CHECK_FALSE(std::filesystem::exists(folder.part("000000000000-000000000010.part")));
}

TEST_CASE("chunk writer: a chunk of nothing leaves no file") {
  const Folders folder;
  auto writer = ChunkWriter::create(folder.fds(), {5, 10});
  REQUIRE(writer);
  REQUIRE(writer->commit(5));
  CHECK(std::filesystem::is_empty(folder.part()));
}

TEST_CASE("chunk writer: a part file that is there already is not written over") {
  const Folders folder;
  const auto first = ChunkWriter::create(folder.fds(), {0, 10});
  REQUIRE(first);
  CHECK_FALSE(ChunkWriter::create(folder.fds(), {0, 10}));
}

TEST_CASE("chunk writer: a full disk is an error with the file's name, and nothing is committed") {
  const Folders folder;
  const pid_t child = fork();  // the limit must not reach the other tests
  if (child == 0) {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{100, 100};
    setrlimit(RLIMIT_FSIZE, &limit);
    auto writer = ChunkWriter::create(folder.fds(), {0, 10});
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
  CHECK_FALSE(std::filesystem::exists(folder.committed("000000000000-000000000010.ndjson")));
}

TEST_CASE("chunk writer: where the run's folder was taken away, nothing is made or committed any more") {
  const Folders folder;
  auto writer = ChunkWriter::create(folder.fds(), {0, 10});
  REQUIRE(writer);
  writer->buffer() += "line\n";
  std::filesystem::remove_all(folder.part());
  CHECK_FALSE(writer->commit(4));
  CHECK_FALSE(ChunkWriter::create(folder.fds(), {20, 30}));
  CHECK(std::filesystem::is_empty(folder.committed()));
}
