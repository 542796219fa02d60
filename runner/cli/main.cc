#include "runner/cli/command_line.h"

int main(int argc, char** argv) { return sweepd::run_command_line({argv + 1, argv + argc}); }
