// The program's exit codes, fixed in the project's interface.
#pragma once

namespace banana::exit_code {

inline constexpr int done = 0;  // of a run: healthy, or warnings only
inline constexpr int problem_found = 1;
inline constexpr int wrong_usage = 2;
inline constexpr int inconclusive = 3;
inline constexpr int tool_failed = 4;
inline constexpr int signal_base = 128;  // and the signal's number: interrupted

}  // namespace banana::exit_code
