# One image for worker, deployments and web server; docker-compose.yml runs it.
# To renew the base: `docker buildx imagetools inspect python:3.11-slim` prints the digest (of the list for all platforms); write tag and digest here.
FROM python:3.11.16-slim-trixie@sha256:9534e5a8e315485d4061ed659af0fd78a284c015f9b73661b41d6bab25604534
RUN apt-get update && apt-get install -y --no-install-recommends git && rm -rf /var/lib/apt/lists/*
WORKDIR /almanac
COPY constraints.txt ./
RUN pip install --no-cache-dir --no-deps -r constraints.txt
COPY pyproject.toml README.md LICENSE ./
COPY schemas schemas
COPY spiders spiders
COPY warehouse warehouse
COPY flows flows
COPY comparisons comparisons
COPY almanac almanac
RUN pip install --no-cache-dir --no-deps --no-build-isolation . && pip check && useradd --create-home almanac && mkdir /data && chown almanac /data
USER almanac
ENV ALMANAC_HOME=/data PREFECT_SERVER_ANALYTICS_ENABLED=false DO_NOT_TRACK=1 PREFECT_FLOWS_HEARTBEAT_FREQUENCY=30
ENTRYPOINT ["almanac"]
CMD ["--help"]
