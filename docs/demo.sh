#!/bin/sh
# Pre-flights on a made-up inventory (data/samples/README.md tells its story). `make demo` runs this.
set -u
cd "$(dirname "$0")/../data/samples" || exit 1

step() { printf '\n\n=== %s\n\n' "$1"; }
# What imagefit says on stderr (notes, summaries) belongs beside its results here.
run() {
  line='$ imagefit'
  for word in "$@"; do
    case "$word" in
      --*) if [ "${#line}" -gt 50 ]; then printf '%s \\\n' "$line"; line='   '; fi ;;
    esac
    line="$line $word"
  done
  printf '%s\n\n' "$line"
  imagefit "$@" 2>&1
  printf '\n(exit code %s)\n' "$?"
}

echo "Harbor Foods asks, before the cloud is asked: does this image fit?"

step "1. One more ECS for the order desk; files as the cloud's APIs give them"
run check --image images.json --ecs create-orders.json --ecs flavors.json --az cn-north-4a \
  --set image.region=cn-north-4 --assume ecs.account=@image.owner

step "2. An ARM image that boots in UEFI mode, wanted on an NPU"
run check --image images.json --ecs create-shelf-camera.json \
  --set image.region=cn-north-4 --assume ecs.account=@image.owner --ignore flavor

step "3. The order desk's image, wanted in Hong Kong"
run check --image images.json --ecs create-hongkong.json \
  --set image.region=cn-north-4 --assume ecs.account=@image.owner --ignore flavor

step "4. May the full-ECS image of the till be shared? It depends on its past"
run check --image images.json#till-complete --operation share \
  --set image.published_in_koogallery=false --set image.recipients=0
echo
run check --image images.json#till-complete --operation share \
  --set image.published_in_koogallery=false --set image.recipients=0 --set image.source_ecs_had_csbs_backup=true

step "5. An image imported without naming its boot mode, on a GPU flavor"
run check --image images.json#depot-imported --flavor pi2.2xlarge.4 --operation create_ecs \
  --set image.region=cn-north-4 --set ecs.region=cn-north-4 --assume ecs.account=@image.owner

step "6. Why, in full: every condition, and where each fact came from"
run check --image images.json --ecs create-shelf-camera.json --select boot.uefi-on-heterogeneous --explain

step "7. The rules behind all this are tested by their own examples"
run rules test
