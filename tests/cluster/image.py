"""image.py NAME LAYER.tar CONFIG OUT.tar: wraps one root file system as an image that `ctr images import` reads."""

import hashlib
import io
import json
import platform
import sys
import tarfile

name, layer, config, out = sys.argv[1:]
architecture = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())

digest = hashlib.sha256()
with open(layer, "rb") as file:
    while block := file.read(1 << 20):
        digest.update(block)
digest = digest.hexdigest()
image = json.dumps({
    "architecture": architecture,
    "os": "linux",
    "config": json.loads(config),
    "rootfs": {"type": "layers", "diff_ids": ["sha256:" + digest]},
}).encode()
image_path = hashlib.sha256(image).hexdigest() + ".json"
layer_path = digest + "/layer.tar"
manifest = json.dumps([{"Config": image_path, "RepoTags": [name], "Layers": [layer_path]}]).encode()

with tarfile.open(out, "w") as archive:
    for path, content in [(image_path, image), ("manifest.json", manifest)]:
        entry = tarfile.TarInfo(path)
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    with open(layer, "rb") as file:
        archive.addfile(archive.gettarinfo(layer, layer_path), file)
