# Pre-flight: an ARM image that boots in UEFI mode, wanted on an NPU. Which rules stop it, and what would help?
imagefit check --image images.json --ecs create-shelf-camera.json --set image.region=cn-north-4 --assume ecs.account=@image.owner

# Pre-flight: may the image of the till be shared? That depends on its past, which nobody remembers.
imagefit check --image facts.csv#till-complete --operation share

# Audit: which of the images may be shared at all, and what stops the others?
imagefit audit facts.csv --operation share

# Match: every image with every flavor. How many pairs fit, and what would have to be known to decide the rest?
imagefit match --images images.json --ecs flavors.json --operation create_ecs --az cn-north-4a --set image.region=cn-north-4 --assume ecs.account=@image.owner

# Match: where does the image of the order desk fit, and what are the nearest misses?
imagefit match --images images.json --ecs flavors.json --operation create_ecs --az cn-north-4a --set image.region=cn-north-4 --assume ecs.account=@image.owner --for-image orders-web
