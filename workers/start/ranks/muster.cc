#include "workers/start/ranks/muster.h"

#include <algorithm>

#include "runner/platform/clock.h"
#include "runner/platform/process_identity.h"
#include "workers/start/ranks/rank_messages.h"
#include "workers/start/ticket_json.h"

namespace nlohmann {

template <>
struct adl_serializer<sweepd::Duration> {
  static void to_json(json& json, sweepd::Duration duration) { json = duration.count(); }
  static void from_json(const json& json, sweepd::Duration& duration) {
    duration = sweepd::Duration(json.get<int64_t>());
  }
};

}  // namespace nlohmann

namespace sweepd {

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(CoreShare, cpus, index, count)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(RankOffer, node, allowed)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(StaffOrder, sweep, share, silence)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(RankCrew, host, cpus, gang_cores)

namespace {

using nlohmann::json;

// All ranks have joined; what is left is a message each.
constexpr Duration longest_offer = std::chrono::minutes(1);
// An order comes when rank 0 has read the sweep file and what an earlier run left.
constexpr Duration longest_order = std::chrono::hours(1);

void say(RankLink& link, uint32_t rank, RankWord word, const json& body) {
  link.send(rank, rank_message(word, std::string_view(cbor_of(body))));
}

json error_body(const std::string& why) { return {{"error", why}}; }

/// Ranks of two versions do not understand each other.
template <typename Take>
bool take_body(const RankMessage& message, Take take) {
  try {
    return take(message.rank, json::from_cbor(body_of(message.bytes)));
  } catch (const json::exception& error) {
    return take(message.rank, error_body(std::string("its words cannot be read (") + error.what() +
                                         "); all ranks must be of one version of sweepd"));
  }
}

/// Calls `take` with each message of that kind until it says that there is enough. False where time or the
/// link ends.
template <typename Take>
bool listen(RankLink& link, RankWord word, Duration limit, Take take) {
  const int64_t end_ns = monotonic_ns() + limit.count();
  while (auto message = link.await(Duration(end_ns - monotonic_ns()))) {
    if (!message->gone && word_of(message->bytes) != word) continue;
    if (message->gone ? take(message->rank, error_body("it has ended already; see its messages"))
                      : take_body(*message, take))
      return true;
  }
  return false;
}

/// Why a rank cannot take part, if it says so.
std::optional<Error> refusal_in(const json& body, uint32_t rank) {
  if (!body.contains("error")) return std::nullopt;
  return Error{.message = rank_text(rank, body.value("host", "")) + ": " + body.value("error", ""),
               .where = {}};
}

/// The ranks that did not answer: "rank 3", "ranks 1, 2 and 7 more".
std::string missing_text(const std::vector<bool>& came) {
  constexpr size_t most_named = 8;
  std::vector<size_t> missing;
  for (size_t rank = 0; rank < came.size(); ++rank)
    if (!came[rank]) missing.push_back(rank);
  std::string text = missing.size() == 1 ? "rank " : "ranks ";
  for (size_t i = 0; i < std::min(missing.size(), most_named); ++i)
    text += (i > 0 ? ", " : "") + std::to_string(missing[i]);
  if (missing.size() > most_named) text += " and " + std::to_string(missing.size() - most_named) + " more";
  return text;
}

/// By rank, `own` being that of rank 0. Fails with the first that cannot take part, and where some do not
/// come: "ranks 1 and 2", and then `otherwise`.
template <typename Answer>
Result<std::vector<Answer>> gather(RankLink& link, RankWord word, Duration limit, const Answer& own,
                                   const std::string& otherwise) {
  std::vector<Answer> answers(link.ranks());
  std::vector<bool> came(link.ranks(), false);
  answers[0] = own;
  came[0] = true;
  std::optional<Error> refusal;
  const auto have_all = [&came] { return std::ranges::find(came, false) == came.end(); };
  listen(link, word, limit, [&](uint32_t rank, const json& body) {
    refusal = refusal_in(body, rank);
    if (!refusal) answers[rank] = body.get<Answer>();
    came[rank] = true;
    return refusal || have_all();
  });
  if (refusal) return tl::unexpected(*refusal);
  if (!have_all()) return failure(missing_text(came) + otherwise);
  return answers;
}

/// Rank 0's word; none where the run ends without it.
template <typename Order>
Result<std::optional<Order>> await(RankLink& link, RankWord word) {
  std::optional<Order> order;
  std::optional<Error> refusal;
  listen(link, word, longest_order, [&](uint32_t rank, const json& body) {
    refusal = refusal_in(body, rank);
    if (!refusal) order = body.get<Order>();
    return true;
  });
  if (refusal) return tl::unexpected(*refusal);
  return order;
}

}  // namespace

RankOffer own_offer(CpuSet allowed) { return {host_name() + ' ' + boot_id(), std::move(allowed)}; }

std::string rank_text(uint32_t rank, const std::string& host) {
  return "rank " + std::to_string(rank) + (host.empty() ? "" : " on " + host);
}

Result<std::vector<RankOffer>> gather_offers(RankLink& link, const RankOffer& own) {
  return gather(link, RankWord::offer, longest_offer, own,
                " of " + std::to_string(link.ranks()) +
                    " did not answer; see the launcher's messages, and start sweepd again");
}

Result<std::vector<RankCrew>> staff_ranks(RankLink& link, const std::vector<StaffOrder>& orders,
                                          Duration limit) {
  for (uint32_t rank = 1; rank < link.ranks(); ++rank) say(link, rank, RankWord::staff, orders[rank]);
  return gather(link, RankWord::crew, limit, RankCrew{},
                " did not say whether they can take part; see their messages, and start again");
}

Result<std::optional<StaffOrder>> await_order(RankLink& link, const RankOffer& own) {
  say(link, 0, RankWord::offer, own);
  return await<StaffOrder>(link, RankWord::staff);
}

Result<std::optional<WorkerId>> await_start(RankLink& link, const std::string& host,
                                            const Result<RankCrew>& crew) {
  const json refusal = {{"host", host}, {"error", crew ? "" : crew.error().text()}};
  say(link, 0, RankWord::crew, crew ? json(*crew) : refusal);
  return await<WorkerId>(link, RankWord::start);
}

void start_rank(RankLink& link, uint32_t rank, WorkerId first) { say(link, rank, RankWord::start, first); }

}  // namespace sweepd
