# The book as a container that serves it on port 8080:  docker build -t book . && docker run -p 8080:8080 book
FROM python:3.12-slim-bookworm AS built
# what is installed only builds the site, and is not in the image that serves it
# hadolint ignore=DL3008
RUN apt-get update && apt-get install -y --no-install-recommends make && rm -rf /var/lib/apt/lists/*
RUN useradd --create-home --uid 1000 reader
USER 1000
WORKDIR /home/reader/book
COPY --chown=1000 . .
RUN make html

FROM nginxinc/nginx-unprivileged:1.28-alpine
COPY --from=built /home/reader/book/_build/html /usr/share/nginx/html
