#!/usr/bin/env bash
# Counts the ARM64 instructions of a training step, method by method, in what prepare.sh has made.
#   Interp.Benchmarks/arm64/instructions.sh [OPTIONS OF THE TRAINING]
# A step is a sixth of what nine steps take more than three: too few for the learning curve's first point, which would count as well. Every method is compiled once, in full.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
made=$here/../bin/arm64
if [ ! -x "$made/interp/interp" ]; then
    echo "instructions.sh: there is no program for ARM64; expected that prepare.sh has been run." >&2
    exit 2
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cc -O2 -Wall -Wextra -shared -fPIC -fvisibility=hidden -o "$work/libinstructions.so" "$here/instructions.c"

count() {
    mkdir "$work/$1"
    DOTNET_TieredCompilation=0 DOTNET_EnableWriteXorExecute=0 DOTNET_PerfMapEnabled=1 DOTNET_PerfMapJitDumpPath="$work/$1" \
        qemu-aarch64 -plugin "$work/libinstructions.so,maps=$work/$1,out=$work/$1.txt" -L "$made/sysroot" \
        "$made/interp/interp" train --threads 1 --seed 1 "${@:2}" --steps "$1" --out "$work/$1/run" >/dev/null 2>"$work/$1.log" ||
        { cat "$work/$1.log" >&2; exit 1; }
}

count 3 "$@"
count 9 "$@"
echo "millions of instructions a step"
awk '{ n = $1; sub(/^[0-9]+ /, ""); count[$0] += FILENAME ~ /\/9\.txt$/ ? n : -n }
    END { for (name in count) { total += count[name]; if (count[name] > 6e5) printf "%8.2f  %.150s\n", count[name] / 6e6, name }
        printf "%8.2f  in all\n", total / 6e6 }' "$work/3.txt" "$work/9.txt" | sort -rn
