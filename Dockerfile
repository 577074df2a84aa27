# One image for worker, deployments and web server; docker-compose.yml runs it.
FROM python:3.11-slim
RUN apt-get update && apt-get install -y --no-install-recommends git && rm -rf /var/lib/apt/lists/*
WORKDIR /almanac
COPY constraints.txt pyproject.toml README.md LICENSE ./
COPY schemas schemas
COPY spiders spiders
COPY warehouse warehouse
COPY flows flows
COPY comparisons comparisons
COPY almanac almanac
RUN pip install --no-cache-dir -c constraints.txt ".[postgres,dask]" && useradd --create-home almanac && mkdir /data && chown almanac /data
USER almanac
ENV ALMANAC_HOME=/data PREFECT_SERVER_ANALYTICS_ENABLED=false DO_NOT_TRACK=1 PREFECT_FLOWS_HEARTBEAT_FREQUENCY=30
ENTRYPOINT ["almanac"]
CMD ["--help"]
