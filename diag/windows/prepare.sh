#!/usr/bin/env bash
# Prepares what the `windows` preset links: OpenSSL 3, and the Boost libraries with compiled sources, built with Debian's
# mingw-w64 from Debian's own source packages, and zlib from Debian's mingw package.
#   bash diag/windows/prepare.sh           builds what is not there yet (about 20 minutes of one core), prints the folder
#   bash diag/windows/prepare.sh --where   only prints the folder; fails where nothing was built
# The folder lies in the user's cache, outside the checkout, and carries a stamp of all that its contents depend on.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=diag/install_packages.sh
. "$here/../install_packages.sh"

target=x86_64-w64-mingw32
compiler=$target-g++-posix
# Sums of the upstream archives that were tried. The newest version that Debian's archive really holds is taken; one
# that is not in this list rests on the archive's signature alone, which apt checks.
known_sums='
67ebca7e50d17383028045486653492195b83db95f8558709701bb47b5c1ef81  openssl_3.0.22.orig.tar.gz
c80a01dfc70ece4dc21168932c37739042d404d46ccc81a5986dd75314ecda6f  openssl_3.0.20.orig.tar.gz
dfdd77e4ea1b57ff3a6dbde6b0bdc3f31db5ac99e7fdd4eaf9e1fbb6ec2db8ce  openssl_3.0.17.orig.tar.gz
449afecf5ef98edc0a46826cde6af98d1fb95c2e92962fa8c9e3eb1e8a2928ec  boost1.81_1.81.0.orig.tar.xz'

compiler_version=$(dpkg-query -W -f='${Version}' g++-mingw-w64-x86-64-posix 2>/dev/null || true)
stamp=$({ cat "${BASH_SOURCE[0]}"; echo "$compiler_version"; } | sha256sum | cut -c1-12)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/banana-diag
prefix=$cache/windows-$stamp

if [ "${1:-}" = --where ]; then
  if [ ! -e "$prefix/complete" ]; then
    echo "The libraries for Windows are not there. Build them with: bash diag/windows/prepare.sh" >&2
    exit 1
  fi
  echo "$prefix"
  exit
fi

install_packages "${windows_packages[@]}" >&2
# The stamp holds the compiler's version, which is known only now where the compiler was just installed.
if [ -z "$compiler_version" ]; then
  exec bash "${BASH_SOURCE[0]}" "$@"
fi
mkdir -p "$cache"
# Two builds at once: the second waits, and finds everything there.
exec 9>"$cache/windows.lock"
flock 9
if [ -e "$prefix/complete" ]; then
  echo "$prefix"
  exit
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
rm -rf "$prefix"
mkdir -p "$prefix/include" "$prefix/lib" "$prefix/sources"
log=$work/log
# quietly COMMAND...: what it prints is shown only when it fails.
quietly() {
  if ! nice -n 19 "$@" >>"$log" 2>&1; then
    tail -40 "$log" >&2
    return 1
  fi
}

# apt with a list of sources of its own: Debian's packages, as this machine is set up for, as source packages.
mkdir -p "$work/apt/lists/partial" "$work/apt/archives/partial"
apt-get indextargets --format '$(ORIGIN)|$(REPO_URI)|$(RELEASE)|$(COMPONENT)' 'Created-By: Packages' | sort -u |
  sed -n 's/^Debian|\([^|]*\)|\([^|]*\)|main$/deb-src \1 \2 main/p' >"$work/apt/sources.list"
cat >"$work/apt/apt.conf" <<CONF
Dir::Etc::SourceList "$work/apt/sources.list";
Dir::Etc::SourceParts "/dev/null";
Dir::State::Lists "$work/apt/lists";
Dir::Cache "$work/apt";
APT::Sandbox::User "root";
CONF
export APT_CONFIG=$work/apt/apt.conf
quietly apt-get update

# fetch NAME BRANCH: unpacks the newest source package of the branch into $work/NAME.
fetch() {
  name=$1 branch=$2
  mkdir -p "$work/$name.package"
  cd "$work/$name.package"
  for version in $(apt-cache showsrc "$name" | sed -n 's/^Version: //p' | grep "^$branch" | sort -rVu); do
    # An index can name what the archive no longer holds.
    if apt-get source --download-only "$name=$version" >>"$log" 2>&1; then
      archive=$(echo "$name"_*.orig.tar.?z)
      if ! grep -F "  $archive" <<<"$known_sums" >"$work/sum"; then
        echo "$archive: no sum of it is known; its signature was checked" >&2
      elif ! sha256sum --check --quiet "$work/sum" >&2; then
        return 1
      fi
      sha256sum ./* >"$prefix/sources/$name.sha256"
      echo "$version" >"$prefix/sources/$name.version"
      quietly dpkg-source --no-check -x ./*.dsc "$work/$name"
      return
    fi
    rm -f ./*
  done
  echo "No source package $name $branch can be had:" >&2
  tail -20 "$log" >&2
  return 1
}

echo "Building OpenSSL and Boost for Windows, once, into $prefix ..." >&2
fetch openssl 3.0.
cd "$work/openssl"
# No folder of this machine may get into the program, and no file that anybody can put onto a drive may be read:
# OpenSSL loads no configuration by itself, no engine, no module, and the folder it would look in exists nowhere.
export SOURCE_DATE_EPOCH=0
quietly ./Configure mingw64 --cross-compile-prefix=$target- --prefix=/nowhere --openssldir=/nowhere --libdir=lib \
  no-shared no-tests no-module no-dso no-engine no-autoload-config no-ui-console no-legacy no-ssl3 no-dtls no-srp \
  no-comp -D_WIN32_WINNT=0x0A00 -ffunction-sections -fdata-sections "-ffile-prefix-map=$work=."
quietly make -j2 build_libs
quietly make DESTDIR="$work/openssl.out" install_dev
cp -r "$work/openssl.out/nowhere/include/openssl" "$prefix/include/"
cp "$work/openssl.out/nowhere/lib/libssl.a" "$work/openssl.out/nowhere/lib/libcrypto.a" "$prefix/lib/"

fetch boost1.81 1.81.0
# Only Boost's headers: the folder they lie in holds the C library's of this machine.
ln -s /usr/include/boost "$prefix/include/boost"
cd "$work/boost1.81"
flags=(-std=c++20 -O2 -D_WIN32_WINNT=0x0A00 -DNOMINMAX -DWIN32_LEAN_AND_MEAN -DBOOST_ALL_NO_LIB
       -Wa,-mbig-obj -ffunction-sections -fdata-sections "-ffile-prefix-map=$work=." "-isystem" "$prefix/include")
# archive LIBRARY SOURCE...
archive() {
  library=$1
  shift
  mkdir -p "$work/objects/$library"
  printf '%s\n' "$@" | quietly xargs -P 2 -I '{}' bash -c \
    '"$@" -c "{}" -o "$0/$(echo "{}" | tr / _).o"' "$work/objects/$library" "$compiler" "${flags[@]}"
  (cd "$work/objects/$library" && LC_ALL=C; $target-ar rcsD "$prefix/lib/$library.a" ./*.o)
}
archive libboost_json libs/json/src/src.cpp
archive libboost_url libs/url/src/src.cpp
mapfile -t options < <(find libs/program_options/src -name '*.cpp' ! -name winmain.cpp | LC_ALL=C sort)
archive libboost_program_options "${options[@]}"
mapfile -t tests < <(find libs/test/src -name '*.cpp' ! -name cpp_main.cpp ! -name test_main.cpp | LC_ALL=C sort)
archive libboost_unit_test_framework "${tests[@]}"

# zlib, from Debian's package.
cp /usr/$target/include/zlib.h /usr/$target/include/zconf.h "$prefix/include/"
cp /usr/$target/lib/libz.a "$prefix/lib/"

# CMake's own FindBoost knows no Boost.URL and asks for libraries that are headers.
config=$prefix/lib/cmake/Boost-1.81.0
mkdir -p "$config"
cat >"$config/BoostConfig.cmake" <<'CMAKE'
set(Boost_VERSION 1.81.0)
get_filename_component(banana_boost_prefix "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)
if(NOT TARGET Boost::headers)
  add_library(Boost::headers INTERFACE IMPORTED)
  set_target_properties(Boost::headers PROPERTIES INTERFACE_INCLUDE_DIRECTORIES "${banana_boost_prefix}/include")
  add_library(Boost::boost INTERFACE IMPORTED)
  set_target_properties(Boost::boost PROPERTIES INTERFACE_LINK_LIBRARIES Boost::headers)
endif()
foreach(component ${Boost_FIND_COMPONENTS})
  set(file "${banana_boost_prefix}/lib/libboost_${component}.a")
  if(component STREQUAL "headers" OR TARGET Boost::${component})
    set(Boost_${component}_FOUND TRUE)
  elseif(EXISTS "${file}")
    add_library(Boost::${component} STATIC IMPORTED)
    set_target_properties(Boost::${component} PROPERTIES
      IMPORTED_LOCATION "${file}" INTERFACE_LINK_LIBRARIES Boost::headers)
    set(Boost_${component}_FOUND TRUE)
  else()
    set(Boost_${component}_FOUND FALSE)
    if(Boost_FIND_REQUIRED_${component})
      set(Boost_FOUND FALSE)
      set(Boost_NOT_FOUND_MESSAGE "No Boost.${component} among the libraries for Windows")
    endif()
  endif()
endforeach()
CMAKE
cat >"$config/BoostConfigVersion.cmake" <<'CMAKE'
set(PACKAGE_VERSION 1.81.0)
if(PACKAGE_FIND_VERSION VERSION_GREATER PACKAGE_VERSION)
  set(PACKAGE_VERSION_COMPATIBLE FALSE)
else()
  set(PACKAGE_VERSION_COMPATIBLE TRUE)
endif()
CMAKE
(cd "$prefix" && sha256sum lib/*.a >sources/libraries.sha256)
touch "$prefix/complete"
# What earlier stamps left is of no use.
find "$cache" -maxdepth 1 -name 'windows-*' ! -path "$prefix" -exec rm -rf {} +
echo "$prefix"
