#!/bin/sh
# What `make k8s-check` does to manifests and Dockerfiles. It needs no cluster, and no network once the tools are there.
# OVERLAY=… checks an installation's own overlay too, which must pin every image.
set -eu
cd "$(dirname "$0")/.."

TOOLS=.cache/k8s/bin
# Oldest and newest Kubernetes that the manifests are meant for.
VERSIONS='1.32 1.36'
# Kinds of operators: their schemas are in the cluster, where `make k8s-verify` asks for them.
FOREIGN='kind (Cluster with api version postgresql.cnpg.io/v1|ScaledObject with api version keda.sh/v1alpha1) '

built=$(mktemp -d)
trap 'rm -rf "$built"' EXIT

validate() {
    "$TOOLS/kubernetes-validate" --strict --quiet -k "$1" "$2" >"$built/said" 2>&1 || {
        cat "$built/said"
        return 1
    }
    # A kind that is not known is a warning only, and may be a misspelt one.
    ! grep -Ev "$FOREIGN" "$built/said"
}

pinned() {
    grep -E '^[ -]*image: ' "$1" | grep -v '@sha256:' >"$built/unpinned" || return 0
    echo "error: $2 has images without a digest, which may change under a release:"
    cat "$built/unpinned"
    echo '  cure: images: [{name: …, newName: …, digest: "sha256:…"}], see docs/guides/deploy-on-kubernetes.md'
    return 1
}

for overlay in deploy/k8s/overlays/* ${OVERLAY:-}; do
    manifests=$built/$(basename "$overlay").yaml
    echo "$overlay: build, schemas of Kubernetes $VERSIONS, policies"
    .venv/bin/kubectl kustomize "$overlay" >"$manifests"
    for version in $VERSIONS; do
        validate "$version" "$manifests"
    done
    "$TOOLS/checkov" --config-file deploy/checkov.yaml --file "$manifests"
    [ "$overlay" != "${OVERLAY:-}" ] || pinned "$manifests" "$overlay"
done

echo "Dockerfiles: hadolint"
"$TOOLS/hadolint" services/*/Dockerfile sandbox/Dockerfile
