#!/bin/sh
# Runs the lines of data/samples/try.sh, each under its comment, with the exit code. `make demo` runs this.
set -u
cd "$(dirname "$0")/../data/samples" || exit 1

echo "Harbor Foods asks, before the cloud is asked: which image fits which ECS? (README.md there tells its story.)"
number=0
while IFS= read -r line; do
  case "$line" in
    '') ;;
    '#'*) number=$((number + 1)); printf '\n\n=== %s. %s\n\n' "$number" "${line#'# '}" ;;
    *)
      printf '$ %s\n\n' "$line"
      # What imagefit says on stderr (notes, summaries) belongs beside its results here.
      eval "$line" 2>&1 </dev/null
      printf '\n(exit code %s)\n' "$?"
      ;;
  esac
done <try.sh
mkdir -p ../../build && imagefit match --images images.json --ecs flavors.json --operation create_ecs --az cn-north-4a \
  --set image.region=cn-north-4 --assume ecs.account=@image.owner -o ../../build/demo.html 2>/dev/null &&
  printf '\n\nThe match as a page, to look through and to send on: build/demo.html\n'
printf '\n\nMore to try: the files in data/samples, and the command lines of README.md, which run there.\n'
