#include "runner/core/point_facts.h"

#include "runner/core/json.h"

namespace sweepd {

PointFactsReader::PointFactsReader(const Sweep& sweep)
    : sweep_(sweep), identity_(sweep.task_identity, sweep.seed) {}

const PointFacts& PointFactsReader::at(uint64_t index) {
  facts_.index = index;
  facts_.point.clear();
  sweep_.space->append(index, facts_.point);
  facts_.params_json.clear();
  append_json(facts_.params_json, facts_.point);
  facts_.id = identity_.id(facts_.point, facts_.params_json, sweep_.space->rank(index).before);
  facts_.seed = identity_.seed(facts_.id);
  return facts_;
}

PointFacts point_facts(const Sweep& sweep, uint64_t index) { return PointFactsReader(sweep).at(index); }

}  // namespace sweepd
