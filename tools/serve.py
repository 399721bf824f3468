"""Serve the built book on this machine: `python tools/serve.py _build/html`.

Where the port is taken the next free one is used.  Text is sent compressed, as any public host would.
"""

from __future__ import annotations

import argparse
import errno
import gzip
import io
import os
import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import BinaryIO


class Pages(SimpleHTTPRequestHandler):
    """Files of one folder; quiet, and always asked again, so that a reload shows the latest build."""

    protocol_version = "HTTP/1.1"
    #: What Windows may think otherwise of, too.
    extensions_map = SimpleHTTPRequestHandler.extensions_map | {
        ".css": "text/css",
        ".html": "text/html",
        ".js": "text/javascript",
        ".md": "text/markdown",
        ".mjs": "text/javascript",
        ".svg": "image/svg+xml",
        ".wasm": "application/wasm",
        ".woff2": "font/woff2",
    }

    def send_head(self) -> BinaryIO | io.BytesIO | None:
        """Compress what is text if the browser can read it compressed."""
        path = Path(self.translate_path(self.path))
        path = path / "index.html" if path.is_dir() and self.path.partition("?")[0].endswith("/") else path
        gzipped = "gzip" in self.headers.get("Accept-Encoding", "")
        if not (gzipped and path.is_file() and path.suffix in {".html", ".css", ".js", ".json", ".mjs", ".svg"}):
            return super().send_head()
        body = gzip.compress(path.read_bytes(), compresslevel=6)
        self.send_response(200)
        self.send_header("Content-Type", f"{self.guess_type(str(path))}; charset=utf-8")
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        return io.BytesIO(body)

    def end_headers(self) -> None:
        """Forbid old copies."""
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing for each file."""


class Server(ThreadingHTTPServer):
    """A server that does not share its port."""

    allow_reuse_address = os.name != "nt"  # elsewhere this only means a port that was in use a moment ago


def listen(folder: str, port: int, tries: int = 100) -> ThreadingHTTPServer:
    """A server on the first free port from `port` on, reachable from this machine only."""
    for candidate in range(port, port + tries):
        try:
            return Server(("127.0.0.1", candidate), partial(Pages, directory=folder))
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            print(f"Port {candidate} is taken.", flush=True)
    raise SystemExit(f"No port from {port} to {port + tries - 1} is free.")


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(description="Serve the built book on this machine.")
    parser.add_argument("folder", nargs="?", default="_build/html")
    parser.add_argument("--port", type=int, default=8000)
    options = parser.parse_args()
    if not (Path(options.folder) / "index.html").is_file():
        sys.exit(f"There is no book in {options.folder}: run `make html`.")
    server = listen(options.folder, options.port)
    print(f"The book is at http://127.0.0.1:{server.server_address[1]}  (stop with Ctrl+C)", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        print()


if __name__ == "__main__":
    main()
