#!/bin/sh
# The Containerfile, built and run for real: as a user without capabilities, on a root folder that is read only, without a network. It publishes
# within, asks for health and status, stops the node, and looks at how long that took. Needs docker (DOCKER_HOST) and the npm registry.
#   sh test/container.sh [BASE_IMAGE]
# Without a base image that can be pulled, BASE_TAR names a root folder with Node and npm as a tar.
set -eu

cd "$(dirname "$0")/.."
if ! docker version >/dev/null 2>&1; then
  echo 'skipped: no docker daemon answers' >&2
  exit 0
fi
base=${1:-docker.io/library/node:24-bookworm-slim}
work=$(mktemp -d)
image=toolmark-test:$$
name=toolmark-test-$$
finish() {
  docker rm --force "$name" >/dev/null 2>&1 || true
  docker volume rm "$name" >/dev/null 2>&1 || true
  docker image rm --force "$image" >/dev/null 2>&1 || true
  rm -rf "$work"
}
trap finish EXIT

if [ -n "${BASE_TAR:-}" ]; then
  base=toolmark-base:test
  # A machine whose way out has a certificate of its own keeps it in that tar as well.
  docker import ${NODE_EXTRA_CA_CERTS:+--change "ENV NODE_EXTRA_CA_CERTS=$NODE_EXTRA_CA_CERTS"} \
    "$BASE_TAR" "$base" >/dev/null
fi
npm pack --silent --pack-destination "$work" >/dev/null
package=$(basename "$work"/*.tgz)
cp packaging/Containerfile "$work"
DOCKER_BUILDKIT=0 docker build --quiet --network host --file "$work/Containerfile" \
  --build-arg BASE="$base" --build-arg PACKAGE="$package" --tag "$image" "$work" >/dev/null
echo 'built'

docker volume create "$name" >/dev/null
docker run --detach --name "$name" --network none --read-only --cap-drop ALL --pids-limit 128 \
  --security-opt no-new-privileges --memory 512m --tmpfs /tmp --volume "$name:/data" "$image" >/dev/null
ask='fetch("http://127.0.0.1:9464/readyz").then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))'
tries=0
until docker exec "$name" node -e "$ask" 2>/dev/null; do
  tries=$((tries + 1))
  [ "$tries" -lt 60 ] || { docker logs "$name"; exit 1; }
  sleep 0.5
done
echo 'ready'
docker exec "$name" registry init --json >/dev/null
docker exec "$name" registry status --json | grep -q '"heads":1,' || { echo 'no head' >&2; exit 1; }
[ "$(docker exec "$name" id -u)" = 1000 ] || { echo 'runs as root' >&2; exit 1; }
echo 'published within, and told by status'

began=$(date +%s%N)
docker stop --time 10 "$name" >/dev/null
took=$((($(date +%s%N) - began) / 1000000))
code=$(docker inspect --format '{{.State.ExitCode}}' "$name")
docker logs "$name" 2>&1 | grep -q '"event":"stopped"' || { docker logs "$name" >&2; exit 1; }
echo "stopped with $code in $took ms"
[ "$code" = 0 ] && [ "$took" -lt 3000 ]
