# Le programme seul, dans une image sans interpréteur de commandes, sous un compte sans droit.

FROM docker.io/library/rust:1.95-slim-bookworm AS build
WORKDIR /source
COPY . .
RUN cargo build --release --locked && install -d /vide

# Ce qui prépare l’essai de docker-compose.yml : mots de passe, clé, certificats. Il ne sert à rien d’autre.
FROM docker.io/library/debian:bookworm-slim AS preparation
RUN apt-get update && apt-get install --yes --no-install-recommends openssl && rm -rf /var/lib/apt/lists/*
COPY docs/installation/compose/preparer /usr/local/bin/preparer
ENTRYPOINT ["/usr/local/bin/preparer"]

FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=build /source/target/release/compte-partenaire /usr/local/bin/compte-partenaire
# Les données vont dans un volume : la racine de l’image peut rester en lecture seule.
COPY --from=build --chown=65532:65532 /vide /var/lib/compte-partenaire
WORKDIR /var/lib/compte-partenaire
USER 65532:65532
ENV CP_LISTEN=0.0.0.0:8080 CP_LOG_FORMAT=json
EXPOSE 8080 9464
ENTRYPOINT ["/usr/local/bin/compte-partenaire"]
CMD ["serve"]
