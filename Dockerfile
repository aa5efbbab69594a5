# One static program and nothing else: newleaf, or with `--target deployer` newleaf-deploy. `docker build .` where images can be
# pulled; `make image` also where they cannot.
FROM docker.io/library/rust:1.95-slim-bookworm AS manifests
# Every member of the workspace, without its sources: this stage gives the same files as long as no manifest changes.
WORKDIR /manifests
COPY Cargo.toml Cargo.lock ./
COPY src src
COPY tests/Cargo.toml tests/
RUN find src -type f ! -name Cargo.toml -delete && touch tests/lib.rs \
    && for member in src/*; do touch "$member/lib.rs" && echo 'fn main() {}' > "$member/main.rs"; done \
    && find . -exec touch --date=@0 {} +

FROM docker.io/library/rust:1.95-slim-bookworm AS build
WORKDIR /build
# The C library is linked in, so the program needs no file but itself. glibc 2.34 and later carry the `files` and
# `dns` name services in the archive: names resolve from /etc/hosts and /etc/resolv.conf, which every runtime mounts.
# A --target, although it is the host: without it these flags would reach build scripts and procedural macros.
ENV RUSTFLAGS="-C target-feature=+crt-static"

# The dependencies are a layer of their own, rebuilt only when a manifest changes.
COPY .cargo .cargo
COPY --from=manifests /manifests ./
RUN cargo build --locked --release --package newleaf --target "$(rustc --print host-tuple)"

COPY src src
RUN find src -name '*.rs' -exec touch {} + \
    && cargo build --locked --release --package newleaf --target "$(rustc --print host-tuple)" \
    && install -D "target/$(rustc --print host-tuple)/release/newleaf" /image/newleaf \
    && mkdir /image/etc && echo 'newleaf:x:65532:65532::/:/newleaf' > /image/etc/passwd

# Both programs, so that everything that newleaf is made of has the same features and is not compiled again.
FROM build AS build-deployer
RUN cargo build --locked --release --package newleaf --package deploy --target "$(rustc --print host-tuple)" \
    && install -D "target/$(rustc --print host-tuple)/release/newleaf-deploy" /deployer/newleaf-deploy \
    && cp --recursive /image/etc /deployer/

FROM scratch AS deployer
LABEL org.opencontainers.image.title="newleaf-deploy" \
      org.opencontainers.image.description="Checks Backstage and its PostgreSQL from inside of the cluster, for helm test" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build-deployer /deployer /
USER 65532:65532
ENTRYPOINT ["/newleaf-deploy"]

FROM scratch AS newleaf
LABEL org.opencontainers.image.title="newleaf" \
      org.opencontainers.image.description="Rotates the certificates between PostgreSQL and its clients, and proves it" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /image /
USER 65532:65532
ENTRYPOINT ["/newleaf"]
