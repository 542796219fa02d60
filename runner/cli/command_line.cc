#include "runner/cli/command_line.h"

#include <signal.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <exception>
#include <new>
#include <set>

#include "configs/nearest_name.h"
#include "configs/units.h"
#include "runner/cli/exit_status.h"
#include "runner/cli/listed_commands.h"
#include "runner/cli/messages.h"
#include "runner/cli/requests.h"
#include "runner/core/cpu_set.h"
#include "runner/platform/inherited_signals.h"
#include "runner/platform/system_error.h"
#include "runner/platform/trusted_file.h"

namespace sweepd {
namespace {

/// Everything that a command line can ask for; the subcommand that was named uses its part.
struct Requests {
  RunRequest run;
  std::string start, pin, schedule, progress, grace, heartbeat, mode, format;
  std::vector<std::string> files;
  StatusRequest status;
  ResultsRequest results;
  std::string directory;
  PointRequest point;
  CpusRequest cpus;
  SubmitRequest submit;
};

template <typename Enum>
CLI::Validator one_of() {
  return CLI::IsMember(std::vector<std::string>(enum_names<Enum>.begin(), enum_names<Enum>.end()));
}

std::string check_pin(const std::string& text) {
  if (enum_of<PinUnit>(text) || CpuSet::parse(text)) return "";
  return "'" + text +
         "' is none of core, hwthread, numa, package, none, nor a list of processors such as 0-3,8";
}

std::string check_grace(const std::string& text) {
  if (text == "0") return "";
  const auto duration = parse_duration(text);
  return duration ? "" : duration.error().message;
}

std::string check_heartbeat(const std::string& text) {
  const auto duration = parse_duration(text);
  if (!duration) return duration.error().message;
  return *duration >= std::chrono::seconds(1) ? "" : "'" + text + "' is less than a second";
}

std::optional<mode_t> parse_mode(const std::string& text) {
  mode_t mode = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), mode, 8);
  // The owner must be able to work in the folders.
  const bool is_mode = parsed.ec == std::errc{} && parsed.ptr == text.data() + text.size() && mode <= 0777;
  return is_mode && (mode & 0700) == 0700 ? std::optional(mode) : std::nullopt;
}

std::string check_mode(const std::string& text) {
  return parse_mode(text) ? "" : "'" + text + "' is not an octal mode from 0700 to 0777";
}

void add_worker_options(CLI::App& command, std::optional<uint32_t>& workers, std::string& pin) {
  command
      .add_option("-j,--workers", workers, "How many workers (default: one for every core that may be used)")
      ->check(CLI::Range(1U, 65536U))
      ->type_name("N");
  command
      .add_option("--pin", pin,
                  "What a worker is bound to: core, hwthread, numa, package, none or a list (0-3,8)")
      ->check(CLI::Validator(check_pin, ""))
      ->type_name("UNIT");
}

void add_dealing_options(CLI::App& command, Requests& requests) {
  add_worker_options(command, requests.run.workers, requests.pin);
  command.add_option("--start", requests.start, "How workers are started")->check(one_of<StartMethod>());
  command
      .add_option("--chunk-size", requests.run.chunk_size, "Points in a chunk (default: by measured time)")
      ->check(CLI::Range(uint64_t{1}, max_points))
      ->type_name("N");
  command.add_option("--schedule", requests.schedule, "How chunks are sized and dealt")
      ->check(one_of<Schedule>());
  command
      .add_option("-o,--output", requests.run.output,
                  "The sweep directory (default: <name>.sweep beside FILE)")
      ->type_name("DIR");
}

void add_sweep_file(CLI::App& command, std::string& file) {
  command.add_option("FILE", file, "The sweep file (YAML)")->required();
}

void add_file_or_commands(CLI::App& command, RunRequest& request) {
  const CLI::Option* const file = command.add_option("FILE", request.file, "The sweep file (YAML)");
  const CLI::Option* const commands =
      command
          .add_option("--commands", request.commands,
                      "A list of commands in the place of FILE: one shell line a point; - is standard input")
          ->type_name("LIST")
          ->excludes(const_cast<CLI::Option*>(file));
  command.parse_complete_callback([file, commands] {
    if (file->empty() && commands->empty()) throw CLI::RequiredError("FILE");
  });
}

void add_run(CLI::App& app, Requests& requests) {
  CLI::App& run = *app.add_subcommand("run", "Run a sweep, or carry it on where it stopped");
  add_file_or_commands(run, requests.run);
  add_dealing_options(run, requests);
  run.add_flag("--fresh", requests.run.fresh, "Set an earlier sweep directory aside and start anew");
  run.add_flag("--retry-failed", requests.run.retry_failed, "Run the points again that failed");
  run.add_flag("--rerun-changed", requests.run.rerun_changed,
               "Run the points again whose program, argument or input file has changed since");
  run.add_flag(
      "--join", requests.run.join,
      "Share the work where another run is at it: a point is run by one of them (Slurm jobs always do)");
  run.add_option("--grace", requests.grace,
                 "How long points in hand may go on once asked to stop (default 30s; 0: no time)")
      ->check(CLI::Validator(check_grace, ""))
      ->type_name("TIME");
  run.add_option("--heartbeat", requests.heartbeat,
                 "A rank that is silent for so long is taken for dead (default 15s)")
      ->check(CLI::Validator(check_heartbeat, ""))
      ->type_name("TIME");
  run.add_option("--mode", requests.mode,
                 "Of the sweep directory, such as 0750 (default: 0700 less the umask)")
      ->check(CLI::Validator(check_mode, ""))
      ->type_name("OCTAL");
  run.add_option("--progress", requests.progress, "How progress is shown")->check(one_of<ProgressStyle>());
  run.add_flag("-q,--quiet", requests.run.quiet, "Show errors only");
  run.add_flag("-v,--verbose", requests.run.verbose, "Say what is done while it is done");
  run.add_option("--log-file", requests.run.log_file, "Write a log with times to this file as well")
      ->type_name("F");
  run.footer(
      "Examples:\n  sweepd run examples/pi.yaml -j 4 -o pi.sweep\n  sweepd run --commands jobs.txt\n\n"
      "Exit status: 0 every point ok; 1 some points failed; 2 wrong command line or sweep file;\n"
      "3 stopped before the end, the same command carries on; 4 an error of the system.");
}

void add_plan(CLI::App& app, Requests& requests) {
  CLI::App& plan = *app.add_subcommand("plan", "Show what would run, and run nothing");
  add_file_or_commands(plan, requests.run);
  add_dealing_options(plan, requests);
  plan.footer("Example:\n  sweepd plan examples/pi.yaml -j 2");
}

void add_check(CLI::App& app, Requests& requests) {
  CLI::App& check = *app.add_subcommand("check", "Say whether sweep files are valid, with every error found");
  check.add_option("FILE", requests.files, "Sweep files")->required();
  check.footer("Example:\n  sweepd check examples/*.yaml");
}

void add_directory_commands(CLI::App& app, Requests& requests) {
  CLI::App& status = *app.add_subcommand("status", "Show the progress of a running or finished sweep");
  status.add_option("DIR", requests.status.directory, "The sweep directory")->required();
  status.add_flag("--json", requests.status.json, "As one JSON object");
  status.footer("Example:\n  sweepd status pi.sweep --json");

  CLI::App& results = *app.add_subcommand("results", "Print records, also of an unfinished sweep");
  results.add_option("DIR", requests.results.directory, "The sweep directory")->required();
  results.add_option("--format", requests.format, "Default: table on a terminal, else ndjson")
      ->check(one_of<ResultsFormat>());
  results.add_option("--status", requests.results.status, "Only these")
      ->check(CLI::IsMember({"ok", "failed"}));
  results.add_option("--where", requests.results.where, "Only points whose parameter has this value")
      ->type_name("NAME=VALUE");
  results.footer("Example:\n  sweepd results pi.sweep --format csv --status ok --where darts=1e6");

  CLI::App& merge = *app.add_subcommand("merge", "Merge the records there are, also of an unfinished sweep");
  merge.add_option("DIR", requests.directory, "The sweep directory")->required();
  merge.footer("Example:\n  sweepd merge pi.sweep");

  CLI::App& verify = *app.add_subcommand(
      "verify", "Read every record and merged file, and say all that is not as it was written");
  verify.add_option("DIR", requests.directory, "The sweep directory")->required();
  verify.footer(
      "Nothing is changed; 'sweepd run' and 'sweepd merge' mend.\n\nExample:\n  sweepd verify pi.sweep\n\n"
      "Exit status: 0 all is whole; 1 something is not; 2 no sweep directory; 4 an error of the system.");
}

void add_small_commands(CLI::App& app, Requests& requests) {
  CLI::App& point = *app.add_subcommand("point", "Run one point in the foreground, for debugging");
  add_sweep_file(point, requests.point.file);
  point.add_option("INDEX", requests.point.index, "The point's place in the sweep, from 0")->required();
  point.footer("Example:\n  sweepd point examples/pi.yaml 12");

  CLI::App& cpus = *app.add_subcommand("cpus", "Show the cores this process may use, and where it would pin");
  add_worker_options(cpus, requests.cpus.workers.count, requests.pin);
  cpus.add_option("--cores", requests.cpus.workers.cores, "Cores of each worker")
      ->check(CLI::Range(1U, 65536U));
  cpus.footer("Example:\n  sweepd cpus --pin core -j 2");

  app.add_subcommand("version", "Show the version")->footer("Example:\n  sweepd version");
}

void add_submit(CLI::App& app, SubmitRequest& request) {
  CLI::App& submit = *app.add_subcommand("submit", "Check a sweep file and submit it to Slurm by sbatch");
  add_sweep_file(submit, request.file);
  submit.add_flag("--parsable")->description("Print the job's number only, as sbatch does: it is always so");
  submit.add_flag("--dry-run", request.dry_run, "Check, and print the command that would be run");
  submit.footer(
      "What follows FILE are options of sweepd run in the job, and what follows -- are options of sbatch; "
      "they\n"
      "win over the file's #SBATCH lines. Printed is the job's number. Nothing is submitted where there is "
      "an error.\n\n"
      "Example:\n  sweepd submit examples/pi.yaml -- --time=30 --cpus-per-task=8\n"
      "  sweepd submit examples/pi.yaml -j 4 --retry-failed --dry-run\n\n"
      "Exit status: 0 submitted; 2 an error in the file, or sbatch refused it; 4 there is no sbatch, or it\n"
      "does not answer. With sbatch's --wait, that of the job.");
}

/// `sweepd submit FILE -- OPTIONS OF SBATCH`: takes away what is sbatch's.
std::vector<std::string> take_sbatch_options(std::vector<std::string>& arguments) {
  const auto mark = std::find(arguments.begin(), arguments.end(), "--");
  if (arguments.empty() || arguments.front() != "submit" || mark == arguments.end()) return {};
  std::vector<std::string> options(mark + 1, arguments.end());
  arguments.erase(mark, arguments.end());
  return options;
}

/// `sweepd submit FILE OPTIONS OF RUN`: takes away what is for the run.
std::vector<std::string> take_run_options(std::vector<std::string>& arguments) {
  static const std::set<std::string> own = {"--parsable", "--dry-run", "-h", "--help"};
  if (arguments.empty() || arguments.front() != "submit") return {};
  const auto is_own = [](const std::string& word) { return own.contains(word); };
  const auto behind = std::stable_partition(arguments.begin() + 1, arguments.end(), is_own);
  if (behind == arguments.end() || behind->starts_with('-')) return {};  // no file: an error all the same
  std::vector<std::string> options(behind + 1, arguments.end());
  arguments.erase(behind + 1, arguments.end());
  return options;
}

/// Texts that were checked already become the values they stand for.
void interpret(Requests& requests) {
  RunRequest& run = requests.run;
  if (!run.commands.empty()) run.file = name_of_list(run.commands);
  run.start = enum_of<StartMethod>(requests.start);
  run.schedule = enum_of<Schedule>(requests.schedule);
  run.progress = enum_of<ProgressStyle>(requests.progress).value_or(run.progress);
  requests.results.format = enum_of<ResultsFormat>(requests.format);
  if (!requests.mode.empty()) run.mode = parse_mode(requests.mode);
  if (!requests.heartbeat.empty()) run.heartbeat = *parse_duration(requests.heartbeat);
  if (!requests.grace.empty())
    run.grace = requests.grace == "0" ? Duration{} : *parse_duration(requests.grace);
  if (requests.pin.empty()) return;
  const auto unit = enum_of<PinUnit>(requests.pin);
  run.pin = unit ? Pin{*unit, ""} : Pin{PinUnit::list, requests.pin};
  requests.cpus.workers.pin = *run.pin;
  requests.cpus.workers.pin_is_chosen = true;
}

/// Fails on what `sweepd run` would not take.
Result<void> check_run_options(const SubmitRequest& request) {
  CLI::App app;
  Requests requests;
  add_run(app, requests);
  std::vector<std::string> words = {"run", request.file};
  words.insert(words.end(), request.arguments.begin(), request.arguments.end());
  std::reverse(words.begin(), words.end());  // as CLI11 wants them
  try {
    app.parse(words);
  } catch (const CLI::ParseError& error) {
    return failure(
        std::string(error.what()) +
        "; what follows FILE are options of sweepd run, and sbatch's follow --: sweepd submit FILE -- "
        "--time=30");
  }
  return {};
}

int submit(const SubmitRequest& request) {
  if (const auto checked = check_run_options(request); !checked) {
    report_error(checked.error());
    return wrong_request;
  }
  return submit_command(request);
}

int call(const std::string& command, const Requests& requests) {
  if (command == "run") return run_command(requests.run);
  if (command == "plan") return plan_command(requests.run);
  if (command == "check") return check_command(requests.files);
  if (command == "status") return status_command(requests.status);
  if (command == "results") return results_command(requests.results);
  if (command == "merge") return merge_command(requests.directory);
  if (command == "verify") return verify_command(requests.directory);
  if (command == "point") return point_command(requests.point);
  if (command == "cpus") return cpus_command(requests.cpus);
  if (command == "submit") return submit(requests.submit);
  if (command == "worker") return worker_command();
  return version_command();
}

/// `sweepd FILE` means `sweepd run FILE`. Fails on a word that is neither a command nor, as it looks, a file.
Result<void> name_the_command(const CLI::App& app, std::vector<std::string>& arguments) {
  if (arguments.empty() || arguments[0].starts_with('-')) return {};
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(command->get_name());
  const std::string& word = arguments[0];
  if (std::find(names.begin(), names.end(), word) != names.end()) return {};
  if (word.find_first_of("./") == std::string::npos && !is_there(word).value_or(true)) {
    const auto nearest = nearest_name(word, {names.begin(), names.end()});
    return failure(
        "there is no command (and no file) '" + word + "'; " +
        (nearest.empty() ? "see 'sweepd --help'" : "did you mean '" + std::string(nearest) + "'?"));
  }
  arguments.insert(arguments.begin(), "run");
  return {};
}

/// What standard output could not take (a full disk behind `>`) must not pass for printed; but how a run
/// ended does not depend on who heard of it.
int ended(const std::string& command, int status) {
  const int error = end_of_output();
  if (error == 0) return status;
  const std::string text = std::string("cannot write to standard output: ") + std::strerror(error);
  if (command == "run") {
    report_warning(text);
    return status;
  }
  report_error(Error{text, {}});
  return status == every_point_ok ? system_failure : status;
}

/// Those that only print end with whoever reads it (`| head`), as other programs do.
bool only_prints(const std::string& command) {
  constexpr std::string_view names[] = {"plan", "check", "status", "results", "cpus", "version"};
  return std::ranges::find(names, command) != std::end(names);
}

}  // namespace

int run_command_line(std::vector<std::string> arguments) {
  CLI::App app(
      "sweepd runs a program for every parameter set of a sweep file and merges the results into one JSON.",
      "sweepd");
  app.footer("`sweepd FILE` means `sweepd run FILE`.\n\nExample:\n  sweepd run examples/pi.yaml");
  app.set_version_flag("--version", "sweepd " SWEEPD_VERSION);
  app.require_subcommand(1);
  Requests requests;
  add_run(app, requests);
  add_plan(app, requests);
  add_check(app, requests);
  add_directory_commands(app, requests);
  add_small_commands(app, requests);
  add_submit(app, requests.submit);
  app.add_subcommand("worker", "")->group("");  // not for people
  signal(SIGPIPE, SIG_IGN);
  if (const auto named = name_the_command(app, arguments); !named) {
    report_error(named.error());
    return wrong_request;
  }
  requests.submit.options = take_sbatch_options(arguments);
  requests.submit.arguments = take_run_options(arguments);
  requests.run.command_line = arguments;
  std::reverse(arguments.begin(), arguments.end());  // as CLI11 wants them
  try {
    app.parse(arguments);
    interpret(requests);
    const std::string command = app.get_subcommands().front()->get_name();
    if (only_prints(command) && !inherited_signals().ignores(SIGPIPE)) signal(SIGPIPE, SIG_DFL);
    return ended(command, call(command, requests));
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);
    report_error(Error{std::string(error.what()) + "; see 'sweepd --help'", {}});
    return wrong_request;
  } catch (const std::bad_alloc&) {
    report_error(memory_ran_out());
    return app.got_subcommand("run") ? stopped_before_end : system_failure;
  } catch (const std::exception& error) {
    report_error(Error{std::string("bug in sweepd: ") + error.what(), {}});
    return system_failure;
  }
}

}  // namespace sweepd
