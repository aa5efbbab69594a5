# The entry points for people and for CI. `make` alone explains them.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
# The programs of a tool that `.ci/setup` has installed.
tool = $$(tests/tools/tools where $(1))/bin/$(1)

.PHONY: help setup demo demo-cluster demo-stack test test-helm test-flux test-argocd install lint fmt bench docs deny advisories image cluster cluster-enter cluster-down ci

help: ## Explain the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Install what tests need and is absent: Debian packages, and what tests/tools names
	@.ci/setup test

demo: ## Watch a rotation: a real PostgreSQL, real clients, no query lost
	@.ci/setup demo
	cargo build --locked --quiet --bin newleaf --example demo
	cargo run --locked --quiet --example demo

demo-cluster: ## Watch it on a real Kubernetes: PostgreSQL, two Backstages, no query lost (needs root)
	cargo build --locked --quiet --bin newleaf --example demo_cluster
	cargo run --locked --quiet --example demo_cluster

demo-stack: ## Watch the whole stack on it: installed, changed, rotated, checked, removed, its data kept (needs root)
	cargo build --locked --quiet --bin newleaf --bin newleaf-deploy --example demo_stack
	cargo run --locked --quiet --example demo_stack

test: setup ## Run every test, then list what was skipped and why (KUBECONFIG=... for a cluster of your own)
	.ci/test

test-helm: ## Compare the exported chart with what the real Helm makes of it, and run its guide on a cluster (needs root)
	.ci/tier helm

test-flux: ## Have the real kustomize-controller install, rotate, heal and remove the stack (needs root; compiles the controller, once)
	.ci/tier flux

test-argocd: ## Have the real Argo CD install, rotate, heal and remove the stack (needs root; compiles Argo CD, ten minutes, once)
	.ci/tier argocd --test-threads=1

install: ## Build both programs and put them into cargo's bin, newleaf as a plugin of kubectl too
	cargo install --locked --path src/newleaf
	cargo install --locked --path src/deploy
	ln -sf newleaf $(or $(CARGO_INSTALL_ROOT),$(CARGO_HOME),$(HOME)/.cargo)/bin/kubectl-newleaf
	ln -sf newleaf $(or $(CARGO_INSTALL_ROOT),$(CARGO_HOME),$(HOME)/.cargo)/bin/kubectl_complete-newleaf

lint: ## Check format, clippy, rustdoc, shell scripts and spelling
	@.ci/setup lint
	cargo fmt --all --check
	cargo clippy --locked --quiet --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --quiet --no-deps --document-private-items
	shellcheck .ci/* tests/tools/tools tests/tools/*.sh tests/clients/*.sh tests/cluster/cluster tests/cluster/lib/*.sh tests/cluster/postgres/docker-entrypoint.sh
	$(call tool,typos)

fmt: ## Format the sources
	cargo fmt --all

bench: ## Measure (as root also in a cluster; KUBECONFIG=... for one of your own)
	.ci/bench

docs: ## Write docs/reference and manifests from the program, and the library's documentation
	cargo run --locked --quiet --example reference -- .
	cargo doc --locked --no-deps --document-private-items

deny: ## Check licences, banned and doubled crates, and sources
	@.ci/setup deny
	$(call tool,cargo-deny) --log-level warn check bans licenses sources

advisories: ## Check the crates against the RustSec advisories (needs the network)
	@.ci/setup deny
	$(call tool,cargo-deny) check advisories

image: ## Build the Dockerfile, with Docker or with buildah, and check the image
	.ci/image

cluster: ## Start a real Kubernetes in namespaces of its own (docs/cluster.md; needs root)
	@tests/cluster/cluster up

cluster-enter: ## Run CMD=... inside the cluster, a shell with kubectl by default
	@tests/cluster/cluster enter $(or $(CMD),bash)

cluster-down: ## Remove the cluster
	@tests/cluster/cluster down

ci: ## Everything that CI does
	.ci/run
