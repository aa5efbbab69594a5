# One static program and nothing else. `docker build .` where images can be pulled; `make image` also where they cannot.
FROM docker.io/library/rust:1.95-slim-bookworm AS build
WORKDIR /build
# The C library is linked in, so the program needs no file but itself. glibc 2.34 and later carry the `files` and
# `dns` name services in the archive: names resolve from /etc/hosts and /etc/resolv.conf, which every runtime mounts.
# A --target, although it is the host: without it these flags would reach build scripts and procedural macros.
ENV RUSTFLAGS="-C target-feature=+crt-static"

# The dependencies are a layer of their own, rebuilt only when a manifest changes.
COPY .cargo .cargo
COPY Cargo.toml Cargo.lock ./
COPY src/base/Cargo.toml src/base/
COPY src/kubernetes/Cargo.toml src/kubernetes/
COPY src/deploy/Cargo.toml src/deploy/
COPY src/newleaf/Cargo.toml src/newleaf/
COPY src/rotation/Cargo.toml src/rotation/
COPY src/stack/Cargo.toml src/stack/
COPY src/terminal/Cargo.toml src/terminal/
COPY tests/Cargo.toml tests/
RUN touch src/base/lib.rs src/kubernetes/lib.rs src/newleaf/lib.rs src/rotation/lib.rs src/terminal/lib.rs tests/lib.rs \
        src/deploy/lib.rs src/stack/lib.rs \
    && echo 'fn main() {}' | tee src/deploy/main.rs > src/newleaf/main.rs \
    && cargo build --locked --release --package newleaf --target "$(rustc --print host-tuple)"

COPY src src
RUN find src -name '*.rs' -exec touch {} + \
    && cargo build --locked --release --package newleaf --target "$(rustc --print host-tuple)" \
    && install -D "target/$(rustc --print host-tuple)/release/newleaf" /image/newleaf \
    && mkdir /image/etc && echo 'newleaf:x:65532:65532::/:/newleaf' > /image/etc/passwd

FROM scratch
LABEL org.opencontainers.image.title="newleaf" \
      org.opencontainers.image.description="Rotates the certificates between PostgreSQL and its clients, and proves it" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /image /
USER 65532:65532
ENTRYPOINT ["/newleaf"]
