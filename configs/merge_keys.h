// What a mapping's keys must be, and YAML's merge key.
#pragma once

#include "configs/document.h"

namespace sweepd {

/// To be called once for a mapping whose children are all there: complains about keys that are no text and
/// keys given twice, leaving them out, and puts in what `<<` names (https://yaml.org/type/merge.html): keys
/// of the mapping itself win, then those of earlier mappings in a list.
void finish_mapping(Node& mapping, Complaints& complaints);

}  // namespace sweepd
