#!/usr/bin/env bash
# Builds what is handed out, from a clean checkout, into build/release-VERSION/:
#   banana-diag-VERSION-windows-x64.zip   banana-diag.exe with a short text in Chinese
#   banana-diag_VERSION_amd64.deb         for Debian 12 and its relatives
#   banana-diag-VERSION-linux-x64.tar.xz  one static program for other distributions
#   banana-diag-VERSION.cdx.json          what is linked into them (CycloneDX)
#   SHA256SUMS
# The same commit gives the same bytes, wherever the checkout lies.
#   bash diag/release.sh VERSION
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
# shellcheck source=diag/install_packages.sh
. diag/install_packages.sh

version=${1:-}
declared=$(sed -n 's/^project(banana-diag VERSION \([0-9.]*\) .*/\1/p' CMakeLists.txt)
if [ "$version" != "$declared" ]; then
  echo "usage: bash diag/release.sh VERSION; CMakeLists.txt says VERSION is $declared" >&2
  exit 2
fi
if [ -n "$(git status --porcelain)" ]; then
  echo "The checkout is not clean: what is released must be a commit." >&2
  exit 2
fi
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH LC_ALL=C.UTF-8 TZ=UTC
umask 022

install_packages "${build_packages[@]}" "${windows_packages[@]}" "${release_packages[@]}"
bash diag/windows/prepare.sh >/dev/null
out=$root/build/release-$version
rm -rf "$out"
mkdir -p "$out"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# build PRESET FOLDER [CMAKE OPTION...]
build() {
  preset=$1 folder=$2
  shift 2
  echo "== $preset, in ${folder#"$root/"}" >&2
  if ! { cmake --preset "$preset" -B "$folder" -DBUILD_TESTING=OFF "$@" && cmake --build "$folder"; } >"$work/log" 2>&1; then
    tail -40 "$work/log" >&2
    return 1
  fi
}
build windows "$root/build/windows-release"
build release "$root/build/linux-release" -DBANANA_PIE=ON
cmake --build build/linux-release --target banana-manual >"$work/log" 2>&1 || { tail -20 "$work/log" >&2; exit 1; }
build release "$root/build/linux-static" -DBANANA_STATIC=ON -DBANANA_PORTABLE=ON
manual=$root/build/linux-release/banana-manual

echo "== archives" >&2
# All files of a folder with the commit's time, so that archives of it are the same each time.
settle() { find "$1" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +; }

# Windows
windows=$work/windows
mkdir "$windows"
cp build/windows-release/banana-diag.exe LICENSE "$windows/"
# Notepad of every Windows reads this: with a byte order mark and Windows' line ends.
{ printf '\xef\xbb\xbf'; sed 's/$/\r/' "diag/windows/使用说明.txt"; } >"$windows/使用说明.txt"
settle "$windows"
python3 - "$windows" "$out/banana-diag-$version-windows-x64.zip" <<'PYTHON'
import os
import sys
import time
import zipfile

folder, target = sys.argv[1:]
moment = time.gmtime(int(os.environ["SOURCE_DATE_EPOCH"]))[:6]
with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
    for name in sorted(os.listdir(folder)):
        entry = zipfile.ZipInfo(name, moment)
        entry.compress_type = zipfile.ZIP_DEFLATED
        entry.external_attr = 0o644 << 16
        with open(os.path.join(folder, name), "rb") as file:
            archive.writestr(entry, file.read())
PYTHON

# manual FOLDER: the manual page and the completions, from the program's own table of options.
manual() {
  mkdir -p "$1/share/man/man1" "$1/share/bash-completion/completions" "$1/share/zsh/vendor-completions"
  "$manual" man "$(date -u -d "@$SOURCE_DATE_EPOCH" +%F)" | gzip -9n >"$1/share/man/man1/banana-diag.1.gz"
  "$manual" bash >"$1/share/bash-completion/completions/banana-diag"
  "$manual" zsh >"$1/share/zsh/vendor-completions/_banana-diag"
}

# Debian
debian=$work/debian
mkdir -p "$debian/DEBIAN" "$debian/usr/bin" "$debian/usr/share/doc/banana-diag/examples" "$debian/lib/systemd/system"
cp build/linux-release/banana-diag "$debian/usr/bin/"
strip --strip-unneeded "$debian/usr/bin/banana-diag"
manual "$debian/usr"
cp LICENSE "$debian/usr/share/doc/banana-diag/copyright"
cp diag/fleet/banana-diag.rules.yml "$debian/usr/share/doc/banana-diag/examples/"
cp diag/fleet/banana-diag.service diag/fleet/banana-diag.timer "$debian/lib/systemd/system/"
mkdir -p "$work/shlibs/debian"
printf 'Source: banana-diag\n\nPackage: banana-diag\nArchitecture: amd64\n' >"$work/shlibs/debian/control"
depends=$(cd "$work/shlibs" && dpkg-shlibdeps -O "$debian/usr/bin/banana-diag" 2>/dev/null | sed -n 's/^shlibs:Depends=//p')
cat >"$debian/DEBIAN/control" <<CONTROL
Package: banana-diag
Version: $version
Architecture: amd64
Maintainer: the banana-diag authors <banana-diag@localhost>
Section: utils
Priority: optional
Depends: $depends, ca-certificates
Installed-Size: $(du -sk --apparent-size "$debian/usr" | cut -f1)
Description: finds out why the balance button of comfyui-banana-gemini does nothing
 Looks at the plugin's config.ini, at the running ComfyUI and at the upstream
 API, names the root cause with its evidence, and says how to fix it, in Chinese
 or English, without ever showing a key.
CONTROL
(cd "$debian" && find usr lib -type f -exec md5sum {} + | sort -k 2 >DEBIAN/md5sums)
settle "$debian"
dpkg-deb --root-owner-group -Zxz --build "$debian" "$out/banana-diag_${version}_amd64.deb" >/dev/null

# Other distributions
portable=$work/banana-diag-$version
mkdir -p "$portable/bin" "$portable/share/doc/banana-diag"
cp build/linux-static/banana-diag "$portable/bin/"
strip --strip-unneeded "$portable/bin/banana-diag"
manual "$portable"
cp LICENSE "$portable/share/doc/banana-diag/"
cp -r diag/fleet "$portable/share/doc/banana-diag/"
settle "$portable"
tar --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" -C "$work" \
  -cf - "banana-diag-$version" | xz -9e -T1 >"$out/banana-diag-$version-linux-x64.tar.xz"

# What is in them. The libraries of Debian's package stay outside of it and are no part of the list.
libraries=$(bash diag/windows/prepare.sh --where)
python3 - "$version" "$out" "$libraries" <<'PYTHON'
import datetime
import hashlib
import json
import os
import subprocess
import sys
import uuid

version, out, libraries = sys.argv[1:]


def installed(package):
    return subprocess.run(["dpkg-query", "-W", "-f=${Version}", package], check=True, capture_output=True,
                          text=True).stdout


def built(name):
    with open(os.path.join(libraries, "sources", name + ".version")) as file:
        return file.read().strip()


def component(name, component_version, used_in, licence):
    return {"type": "library", "name": name, "version": component_version, "bom-ref": f"{name}@{component_version}/{used_in}",
            "purl": f"pkg:deb/debian/{name}@{component_version}", "licenses": [{"license": licence}],
            "properties": [{"name": "banana-diag:linked-into", "value": used_in}]}


exe, static = "windows-x64.zip", "linux-x64.tar.xz"
apache, boost = {"id": "Apache-2.0"}, {"id": "BSL-1.0"}
runtime = {"name": "GPL-3.0-or-later WITH GCC-exception-3.1"}
components = [
    component("openssl", built("openssl"), exe, apache),
    component("boost1.81", built("boost1.81"), exe, boost),
    component("libz-mingw-w64", installed("libz-mingw-w64-dev"), exe, {"id": "Zlib"}),
    component("gcc-mingw-w64", installed("g++-mingw-w64-x86-64-posix"), exe, runtime),
    component("mingw-w64", installed("mingw-w64-x86-64-dev"), exe, {"name": "ZPL-2.1 and others"}),
    component("openssl", installed("libssl-dev"), static, apache),
    component("boost1.81", installed("libboost1.81-dev"), static, boost),
    component("zlib", installed("zlib1g-dev"), static, {"id": "Zlib"}),
    component("gcc-12", installed("libstdc++-12-dev"), static, runtime),
    component("glibc", installed("libc6-dev"), static, {"id": "LGPL-2.1-or-later"}),
]
moment = datetime.datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"]), datetime.timezone.utc)
files = []
for name in sorted(os.listdir(out)):
    with open(os.path.join(out, name), "rb") as file:
        files.append({"type": "file", "name": name,
                      "hashes": [{"alg": "SHA-256", "content": hashlib.sha256(file.read()).hexdigest()}]})
bill = {"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
        "serialNumber": "urn:uuid:" + str(uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(files))),
        "metadata": {"timestamp": moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
                     "component": {"type": "application", "name": "banana-diag", "version": version,
                                   "licenses": [{"license": {"id": "MIT"}}]}},
        "components": components + files}
with open(os.path.join(out, f"banana-diag-{version}.cdx.json"), "w", encoding="utf-8") as file:
    json.dump(bill, file, indent=2, ensure_ascii=False)
    file.write("\n")
PYTHON

(cd "$out" && sha256sum ./*.zip ./*.deb ./*.tar.xz ./*.json | sed 's|\./||' >SHA256SUMS && cat SHA256SUMS && ls -l)
