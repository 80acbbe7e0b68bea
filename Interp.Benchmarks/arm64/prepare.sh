#!/usr/bin/env bash
# Makes what running interp for ARM64 on another Debian takes, in Interp.Benchmarks/bin/arm64: sysroot, the libraries that its runtime wants, and interp, the program with
# its runtime, which the package feed has. Installs qemu-user where it is missing, which only root can. Everything has an end: without a network it fails within minutes.
set -euo pipefail
cd "$(dirname "$0")/../.."
directory=$PWD/Interp.Benchmarks/bin/arm64
mkdir -p "$directory"

if ! command -v qemu-aarch64 >/dev/null; then
    timeout 120 apt-get update -qq
    DEBIAN_FRONTEND=noninteractive timeout 120 apt-get install -y -qq --no-install-recommends qemu-user
fi

if [ ! -e "$directory/sysroot/lib/ld-linux-aarch64.so.1" ]; then
    # Lists and packages of the other architecture stand apart: this machine's own know nothing of it.
    apt=$(mktemp -d)
    trap 'rm -rf "$apt"' EXIT
    mkdir -p "$apt/state/lists/partial" "$apt/cache/archives/partial" "$apt/packages"
    touch "$apt/status"
    options=(-qq -o APT::Architecture=arm64 -o APT::Architectures::=arm64 -o APT::Sandbox::User=root
        -o "Dir::State=$apt/state" -o "Dir::State::status=$apt/status" -o "Dir::Cache=$apt/cache")
    timeout 120 apt-get "${options[@]}" update
    (
        cd "$apt/packages"
        timeout 120 apt-get "${options[@]}" download libc6 libgcc-s1 libstdc++6 zlib1g
        timeout 120 apt-get "${options[@]}" download libssl3 || timeout 120 apt-get "${options[@]}" download libssl3t64
    )
    for package in "$apt"/packages/*.deb; do
        dpkg -x "$package" "$apt/sysroot"
    done

    rm -rf "$directory/sysroot"
    mv "$apt/sysroot" "$directory/sysroot"
fi

timeout 180 dotnet restore Interp.Host -p:Packing=true -p:PackingFor=linux-arm64 -p:SelfContained=true -p:PublishReadyToRun=false
timeout 300 dotnet publish Interp.Host -c Release --no-restore -r linux-arm64 --self-contained -o "$directory/interp" \
    -p:Packing=true -p:PackingFor=linux-arm64 -p:PublishReadyToRun=false -p:PackAsTool=false
