"""`make book` serves what was built, on this machine only."""

from __future__ import annotations

import gzip
import socket
import threading
import urllib.request

from serve import listen


def test_a_taken_port_is_named_and_the_next_free_one_is_used(tmp_path, capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with listen(str(tmp_path), port) as server:
            assert server.server_address[0] == "127.0.0.1"
            assert server.server_address[1] > port
    assert f"Port {port} is taken." in capsys.readouterr().out


def test_text_is_sent_compressed_to_those_who_can_read_it(tmp_path):
    (tmp_path / "page.html").write_text("<p>gamma</p>" * 100)
    with listen(str(tmp_path), 8770) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_address[1]}/page.html"
        plain = urllib.request.urlopen(address).read()
        request = urllib.request.Request(address, headers={"Accept-Encoding": "gzip"})
        packed = urllib.request.urlopen(request).read()
        server.shutdown()
    assert len(packed) < len(plain)
    assert gzip.decompress(packed) == plain
