// Integers of 128 bits, which g++ and clang have as an extension.
#pragma once

namespace sweepd {

__extension__ using Wide = __int128;
__extension__ using UnsignedWide = unsigned __int128;

}  // namespace sweepd
