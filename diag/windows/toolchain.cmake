# Debian's mingw-w64 for 64-bit Windows 10 and later, and the libraries that prepare.sh built.
set(CMAKE_SYSTEM_NAME Windows)
set(CMAKE_SYSTEM_PROCESSOR x86_64)
set(CMAKE_CXX_COMPILER x86_64-w64-mingw32-g++-posix)
set(CMAKE_RC_COMPILER x86_64-w64-mingw32-windres)

if(NOT DEFINED BANANA_WINDOWS_LIBRARIES)
  execute_process(COMMAND bash "${CMAKE_CURRENT_LIST_DIR}/prepare.sh" --where
    OUTPUT_VARIABLE BANANA_WINDOWS_LIBRARIES OUTPUT_STRIP_TRAILING_WHITESPACE RESULT_VARIABLE failed)
  if(failed)
    message(FATAL_ERROR "Run bash diag/windows/prepare.sh first")
  endif()
endif()
# The compiler's own trial projects read this file too, without asking again.
set(BANANA_WINDOWS_LIBRARIES "${BANANA_WINDOWS_LIBRARIES}" CACHE PATH "Built by diag/windows/prepare.sh")
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES BANANA_WINDOWS_LIBRARIES)

set(CMAKE_FIND_ROOT_PATH "${BANANA_WINDOWS_LIBRARIES}")
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
set(CMAKE_PREFIX_PATH "/")
set(OPENSSL_USE_STATIC_LIBS TRUE)
set(ZLIB_USE_STATIC_LIBS TRUE)

# Windows 10's interfaces; one file that needs nothing beside it; no path of this machine in it, no time stamp.
set(CMAKE_CXX_FLAGS_INIT "-D_WIN32_WINNT=0x0A00 -DNOMINMAX -DWIN32_LEAN_AND_MEAN -DBOOST_ALL_NO_LIB -Wa,-mbig-obj \
-ffunction-sections -fdata-sections -ffile-prefix-map=${BANANA_WINDOWS_LIBRARIES}=libraries")
set(CMAKE_EXE_LINKER_FLAGS_INIT "-static -Wl,--gc-sections -Wl,--no-insert-timestamp")
