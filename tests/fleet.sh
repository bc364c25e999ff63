#!/usr/bin/env bash
# The metrics as a fleet sees them: promtool reads them, node_exporter serves them, Prometheus stores them, and the alert
# of diag/fleet/banana-diag.rules.yml fires for a broken install. Everything on loopback, ended at the end.
#   bash tests/fleet.sh [PROGRAM]
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=diag/install_packages.sh
. "$root/diag/install_packages.sh"
install_packages "${fleet_packages[@]}"
program=$(realpath "${1:-$root/build/release/banana-diag}")
work=$(mktemp -d)
pids=()
cleanup() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  wait || true
  rm -rf "$work"
}
trap cleanup EXIT

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
# ask URL QUERY: waits for the answer of Prometheus' query interface to hold a result, up to 30 s.
ask() {
  for _ in $(seq 60); do
    if curl -sfG "$1" --data-urlencode "query=$2" | grep -q '"value":'; then return 0; fi
    sleep 0.5
  done
  echo "no result of $2" >&2
  return 1
}

mkdir "$work/textfile"
status=0
(cd "$work" && "$program" demo --quiet --lang en --output "$work/textfile/banana-diag.prom") || status=$?
[ "$status" -eq 1 ]
promtool check metrics <"$work/textfile/banana-diag.prom"
promtool check rules "$root/diag/fleet/banana-diag.rules.yml"

exporter=$(free_port)
prometheus-node-exporter --web.listen-address="127.0.0.1:$exporter" --collector.disable-defaults \
  --collector.textfile --collector.textfile.directory="$work/textfile" >"$work/exporter.log" 2>&1 &
pids+=($!)
server=$(free_port)
cat >"$work/prometheus.yml" <<YAML
global: {scrape_interval: 1s, evaluation_interval: 1s}
rule_files: ["$root/diag/fleet/banana-diag.rules.yml"]
scrape_configs:
  - job_name: node
    static_configs: [{targets: ["127.0.0.1:$exporter"]}]
YAML
prometheus --config.file="$work/prometheus.yml" --storage.tsdb.path="$work/data" \
  --web.listen-address="127.0.0.1:$server" >"$work/prometheus.log" 2>&1 &
pids+=($!)
api=http://127.0.0.1:$server/api/v1/query
ask "$api" 'banana_diag_verdict{verdict="broken"} == 1'
ask "$api" 'banana_diag_cause{code="config.key-placeholder",role="primary"} == 1'
ask "$api" 'time() - banana_diag_last_run_timestamp_seconds < 600'
ask "$api" 'banana_diag_certificate_expiry_timestamp_seconds - time() > 0'
ask "$api" 'ALERTS{alertname="BananaBalanceQueryBroken",alertstate="firing"}'
echo "promtool, node_exporter and Prometheus took the metrics; the alert fires for a broken install"
