#include "workers/start/ranks/muster.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "runner/platform/clock.h"
#include "runner/platform/process_identity.h"
#include "workers/start/ranks/rank_messages.h"

namespace sweepd {
namespace {

using nlohmann::json;

// All ranks have joined; what is left is a message each.
constexpr Duration longest_offer = std::chrono::minutes(1);
// An order comes when rank 0 has read the sweep file and what an earlier run left.
constexpr Duration longest_order = std::chrono::hours(1);

void say(RankLink& link, uint32_t rank, RankWord word, const json& body) {
  const std::vector<uint8_t> bytes = json::to_cbor(body);  // unlike JSON it takes paths, which are bytes
  link.send(rank,
            rank_message(word, std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size())));
}

/// Calls `take` with each message of that kind until it says that there is enough. False where time or the
/// link ends.
template <typename Take>
bool listen(RankLink& link, RankWord word, Duration limit, Take take) {
  const int64_t end_ns = monotonic_ns() + limit.count();
  while (auto message = link.await(Duration(end_ns - monotonic_ns()))) {
    if (!message->gone && word_of(message->bytes) != word) continue;
    const json body = message->gone ? json{{"error", "it has ended already; see its messages"}}
                                    : json::from_cbor(body_of(message->bytes));
    if (take(message->rank, body)) return true;
  }
  return false;
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

json json_of(const StaffOrder& order) {
  return {{"sweep_directory", order.sweep_directory},
          {"staging", order.staging},
          {"file", order.file},
          {"fingerprint", order.fingerprint},
          {"code", order.code},
          {"cpus", order.share.cpus.text()},
          {"index", order.share.index},
          {"count", order.share.count},
          {"silence_ns", order.silence.count()}};
}

CpuSet cpus_in(const json& body) { return CpuSet::parse(body.value("cpus", "")).value_or(CpuSet{}); }

StaffOrder order_of(const json& body) {
  return {.sweep_directory = body.value("sweep_directory", ""),
          .staging = body.value("staging", ""),
          .file = body.value("file", ""),
          .fingerprint = body.value("fingerprint", ""),
          .code = body.value("code", 0U),
          .share = {cpus_in(body), body.value("index", 0U), body.value("count", 1U)},
          .silence = Duration(body.value("silence_ns", int64_t{0}))};
}

}  // namespace

RankOffer own_offer(CpuSet allowed) { return {host_name() + ' ' + boot_id(), std::move(allowed)}; }

std::string rank_text(uint32_t rank, const std::string& host) {
  return "rank " + std::to_string(rank) + " on " + host;
}

Result<std::vector<RankOffer>> gather_offers(RankLink& link, const RankOffer& own) {
  std::vector<RankOffer> offers(link.ranks());
  std::vector<bool> came(link.ranks(), false);
  offers[0] = own;
  came[0] = true;
  listen(link, RankWord::offer, longest_offer, [&](uint32_t rank, const json& body) {
    offers[rank] = {body.value("node", ""), cpus_in(body)};
    came[rank] = !body.contains("error");
    return !came[rank] || std::ranges::find(came, false) == came.end();
  });
  if (std::ranges::find(came, false) != came.end())
    return failure(missing_text(came) + " of " + std::to_string(link.ranks()) +
                   " did not answer; see the launcher's messages, and start sweepd again");
  return offers;
}

Result<std::vector<RankCrew>> staff_ranks(RankLink& link, const std::vector<StaffOrder>& orders,
                                          Duration limit) {
  for (uint32_t rank = 1; rank < link.ranks(); ++rank)
    say(link, rank, RankWord::staff, json_of(orders[rank]));
  std::vector<RankCrew> crews(link.ranks());
  std::vector<bool> came(link.ranks(), false);
  came[0] = true;
  std::optional<Error> refusal;
  listen(link, RankWord::crew, limit, [&](uint32_t rank, const json& body) {
    crews[rank] = {body.value("host", ""), body.value("workers", std::vector<std::string>{}),
                   body.value("gang_cores", 0U)};
    came[rank] = true;
    if (const std::string why = body.value("error", ""); !why.empty())
      refusal = Error{.message = rank_text(rank, crews[rank].host) + ": " + why, .where = {}};
    return refusal || std::ranges::find(came, false) == came.end();
  });
  if (refusal) return tl::unexpected(*refusal);
  if (std::ranges::find(came, false) == came.end()) return crews;
  return failure(missing_text(came) +
                 " did not say whether they can take part; see their messages, and start again");
}

std::optional<StaffOrder> await_order(RankLink& link, const RankOffer& own) {
  say(link, 0, RankWord::offer, {{"node", own.node}, {"cpus", own.allowed.text()}});
  std::optional<StaffOrder> order;
  listen(link, RankWord::staff, longest_order, [&](uint32_t, const json& body) {
    order = order_of(body);
    return true;
  });
  return order;
}

std::optional<uint32_t> await_start(RankLink& link, const std::string& host, const Result<RankCrew>& crew) {
  json body = {{"host", host}};
  if (crew) {
    body["workers"] = crew->cpus;
    body["gang_cores"] = crew->gang_cores;
  } else {
    body["error"] = crew.error().text();
  }
  say(link, 0, RankWord::crew, body);
  std::optional<uint32_t> first;
  listen(link, RankWord::start, longest_order, [&](uint32_t, const json& answer) {
    first = answer.value("first", 0U);
    return true;
  });
  return first;
}

void start_rank(RankLink& link, uint32_t rank, uint32_t first) {
  say(link, rank, RankWord::start, {{"first", first}});
}

}  // namespace sweepd
