#include "workers/tasks/scaling/ranked_gang.h"

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "runner/platform/clock.h"

namespace sweepd {
namespace {

/// Adds what a round came to in another part.
void add(GangRound& round, const GangRound& elsewhere) {
  round.seconds = std::max(round.seconds, elsewhere.seconds);
  round.sum += elsewhere.sum;
}

/// What the leading part knows of the others.
class Followers : public OuterBarrier {
 public:
  Followers(const GangLine& line, const ScalingWork& work)
      : line_(line), gang_(static_cast<uint64_t>(monotonic_ns())), work_(work), elsewhere_{} {
    elsewhere_.rounds.resize(work.repeats);
  }
  /// Those that are not done are not wanted any more.
  ~Followers() override {
    for (const Part& part : parts_)
      if (!part.done) tell(part, GangWord::break_up);
  }
  Followers(const Followers&) = delete;
  Followers& operator=(const Followers&) = delete;

  void form(uint32_t rank, const GangPlace& place) {
    const Part& part = parts_.emplace_back(Part{.rank = rank});
    GangMessage message = about(part, GangWord::form);
    message.work = work_;
    message.place = place;
    line_.send(message);
  }

  int fd() const override { return line_.fd(); }
  void arrive(uint32_t round, const GangRound&) override { arrived_ = round + 1; }

  Result<bool> may_begin(uint32_t round) override {
    if (auto heard = hear(); !heard) return tl::unexpected(heard.error());
    const auto waits = [&](const Part& part) { return part.arrived > round; };
    if (arrived_ <= round || !std::ranges::all_of(parts_, waits)) return false;
    for (const Part& part : parts_) tell(part, GangWord::go, round);
    return true;
  }

  /// Waits until all are done, and adds what they did to the leading part's report.
  Result<void> gather(GangReport& report) {
    for (;;) {
      if (auto heard = hear(); !heard) return heard;
      if (std::ranges::all_of(parts_, &Part::done)) break;
      pollfd polled{line_.fd(), POLLIN, 0};
      poll(&polled, 1, -1);
    }
    for (uint32_t round = 0; round < work_.repeats; ++round)
      add(report.rounds[round], elsewhere_.rounds[round]);
    report.cpu_s += elsewhere_.cpu_s;
    report.max_rss_mib = std::max(report.max_rss_mib, elsewhere_.max_rss_mib);
    return {};
  }

 private:
  struct Part {
    uint32_t rank;
    uint32_t arrived = 0;  ///< at so many rounds
    bool done = false;
  };

  GangMessage about(const Part& part, GangWord word) const {
    GangMessage message{};
    message.word = word;
    message.rank = part.rank;
    message.gang = gang_;
    return message;
  }

  void tell(const Part& part, GangWord word, uint32_t round = 0) const {
    GangMessage message = about(part, word);
    message.round = round;
    line_.send(message);
  }

  Result<void> hear() {
    for (;;) {
      const auto message = line_.receive();
      if (!message) return tl::unexpected(message.error());
      if (!*message) return {};
      const auto part = std::ranges::find(parts_, (*message)->rank, &Part::rank);
      if ((*message)->gang != gang_ || part == parts_.end()) continue;  // of a gang before
      if ((*message)->word == GangWord::failed) return tl::unexpected(error_of(**message));
      take(**message, *part);
    }
  }

  void take(const GangMessage& message, Part& part) {
    if (message.word == GangWord::arrived) {
      part.arrived = message.round + 1;
      if (message.round > 0 && message.round < work_.repeats)
        add(elsewhere_.rounds[message.round - 1], message.before);
    } else if (message.word == GangWord::done) {
      part.done = true;
      add(elsewhere_.rounds.back(), message.before);
      elsewhere_.cpu_s += message.cpu_s;
      elsewhere_.max_rss_mib = std::max(elsewhere_.max_rss_mib, message.max_rss_mib);
    }
  }

  const GangLine& line_;
  uint64_t gang_;
  const ScalingWork& work_;
  std::vector<Part> parts_;
  uint32_t arrived_ = 0;  // at so many rounds: the leading part
  GangReport elsewhere_;
};

/// What a part elsewhere knows of the leading one.
class Leader : public OuterBarrier {
 public:
  Leader(const GangLine& line, const GangMessage& form) : line_(line), form_(form) {}

  int fd() const override { return line_.fd(); }

  void arrive(uint32_t round, const GangRound& before) override {
    GangMessage message = answer(GangWord::arrived);
    message.round = round;
    message.before = before;
    line_.send(message);
  }

  Result<bool> may_begin(uint32_t round) override {
    for (;;) {
      const auto message = line_.receive();
      if (!message) return tl::unexpected(message.error());
      if (!*message) return begun_ > round;
      if ((*message)->gang != form_.gang) continue;
      if ((*message)->word == GangWord::break_up) return failure("the gang was broken up");
      if ((*message)->word == GangWord::go) begun_ = (*message)->round + 1;
    }
  }

  void tell_outcome(const Result<GangReport>& report) const {
    GangMessage message = answer(report ? GangWord::done : GangWord::failed);
    if (report) {
      message.before = report->rounds.back();
      message.cpu_s = report->cpu_s;
      message.max_rss_mib = report->max_rss_mib;
    } else {
      message.is_shortage = report.error().is_shortage;
      set_text(message, report.error().text());
    }
    line_.send(message);
  }

 private:
  GangMessage answer(GangWord word) const {
    GangMessage message{};
    message.word = word;
    message.rank = form_.rank;
    message.gang = form_.gang;
    return message;
  }

  const GangLine& line_;
  const GangMessage& form_;
  uint32_t begun_ = 0;  // so many rounds
};

Result<GangReport> do_part(const GangMessage& form, const WorkerContext& context, OuterBarrier& leader) {
  const std::vector<CpuSet>& cpus = context.share.gang_cores;
  const GangPlace& place = form.place;
  if (cpus.size() != place.cores || place.first > place.all || place.cores > place.all - place.first)
    return failure("it has " + std::to_string(cpus.size()) + " cores, and was taken to have " +
                   std::to_string(place.cores) + "; start sweepd again");
  GangSpec spec = gang_part(form.work, form.place, cpus);
  spec.outer = &leader;
  return run_gang(spec);
}

}  // namespace

std::vector<uint32_t> members_at(const GangPlace& place, uint32_t workers) {
  std::vector<uint32_t> members;
  for (uint32_t member = 0; member < workers; ++member)
    if (const uint32_t core = member % place.all; core >= place.first && core < place.first + place.cores)
      members.push_back(member);
  return members;
}

GangSpec gang_part(const ScalingWork& work, const GangPlace& place, const std::vector<CpuSet>& cpus) {
  GangSpec spec{.members = work.workers,
                .rounds = work.repeats,
                .shares_cores = work.workers > place.all,
                .share = [&work](uint32_t member) { return hits_of_member(work, member); },
                .here = members_at(place, work.workers)};
  spec.cpus.resize(place.all);
  std::ranges::copy(cpus, spec.cpus.begin() + place.first);
  return spec;
}

Result<GangReport> lead_gang(const ScalingWork& work, const WorkerContext& context) {
  const std::vector<CpuSet>& cpus = context.share.gang_cores;
  GangPlace place{.first = 0, .cores = static_cast<uint32_t>(cpus.size()), .all = 0};
  place.all = place.cores;
  for (const uint32_t cores : context.cores_elsewhere) place.all += cores;
  GangSpec spec = gang_part(work, place, cpus);
  Followers followers(*context.gang_line, work);
  spec.outer = &followers;
  for (uint32_t rank = 1; rank <= context.cores_elsewhere.size(); ++rank) {
    place.first += place.cores;
    place.cores = context.cores_elsewhere[rank - 1];
    if (!members_at(place, work.workers).empty()) followers.form(rank, place);
  }
  Result<GangReport> report = run_gang(spec);
  if (!report) return report;
  if (auto gathered = followers.gather(*report); !gathered) return tl::unexpected(gathered.error());
  return report;
}

void follow_gang(const GangMessage& form, const WorkerContext& context) {
  Leader leader(*context.gang_line, form);
  leader.tell_outcome(do_part(form, context, leader));
}

}  // namespace sweepd
