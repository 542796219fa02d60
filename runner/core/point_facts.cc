#include "runner/core/point_facts.h"

#include "runner/core/json.h"

namespace sweepd {

PointFacts point_facts(const Sweep& sweep, uint64_t index) {
  PointFacts facts{.index = index, .point = sweep.space->at(index), .params_json = {}};
  append_json(facts.params_json, facts.point);
  Identity identity(sweep.task_text, sweep.seed);
  facts.id = identity.id(facts.point, facts.params_json, sweep.space->rank(index).before);
  facts.seed = identity.seed(facts.id);
  return facts;
}

}  // namespace sweepd
