// Two MPI ranks that send a message to and fro and sleep while they wait, as sweepd's relays do.
//
//   mpirun -np 2 ping_pong ROUNDS        prints {"rounds_per_second": 12345.6}
#include <mpi.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "workers/start/mpi/idle_sleep.h"

namespace {

constexpr int bytes = 64;

void receive(int from) {
  sweepd::IdleSleep idle(8'000'000);
  char message[bytes];
  int there = 0;
  while (MPI_Iprobe(from, 0, MPI_COMM_WORLD, &there, MPI_STATUS_IGNORE) == MPI_SUCCESS && !there)
    idle.sleep(nullptr, 0);
  MPI_Recv(message, bytes, MPI_BYTE, from, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
}

void send(int to) {
  const char message[bytes] = {};
  MPI_Send(message, bytes, MPI_BYTE, to, 0, MPI_COMM_WORLD);
}

}  // namespace

int main(int count, char** arguments) {
  MPI_Init(&count, &arguments);
  int rank = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  const int rounds = count > 1 ? std::atoi(arguments[1]) : 1000;
  const double began = MPI_Wtime();
  for (int round = 0; round < rounds; ++round) {
    if (rank == 0) send(1);
    receive(1 - rank);
    if (rank == 1) send(0);
  }
  if (rank == 0) std::printf("{\"rounds_per_second\": %.1f}\n", rounds / (MPI_Wtime() - began));
  std::fflush(stdout);
  MPI_Finalize();
}
