"""The one setting of the site's address, and the content policy's sums, on pages of a line."""

from __future__ import annotations

import base64
import hashlib
from types import SimpleNamespace

import pytest
from content_policy import headers, policy, with_policy
from public_address import check, sitemap
from sphinx.errors import ConfigError

PAGE = '<head><meta charset="utf-8"><script>go()</script><script type="application/json">{}</script></head>'


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://host/path", "https://host/path/"),
        ("https://host/", "https://host/"),
        ("", ""),
        (None, ""),
    ],
)
def test_an_address_ends_with_a_slash(given, kept):
    config = SimpleNamespace(html_baseurl=given)
    check(None, config)
    assert config.html_baseurl == kept


@pytest.mark.parametrize("wrong", ["host/path", "ftp://host/", "https://host/?a=b", "https://host/#a"])
def test_what_is_no_address_is_refused(wrong):
    with pytest.raises(ConfigError, match="must be an address such as https://host/path/"):
        check(None, SimpleNamespace(html_baseurl=wrong))


def test_the_sitemap_names_pages_in_full():
    assert "<loc>https://host/a&amp;b.html</loc>" in sitemap("https://host/", ["a&b.html"])


def test_a_script_in_the_page_is_named_by_its_sum_and_data_is_not():
    digest = base64.b64encode(hashlib.sha256(b"go()").digest()).decode()
    assert f"script-src 'self' 'sha256-{digest}';" in policy([PAGE])
    once = with_policy(PAGE, policy([PAGE]))
    assert once.index("Content-Security-Policy") < once.index("<script")
    assert with_policy(once, policy([once])) == once


def test_a_handler_in_an_attribute_is_found_at_the_build():
    with pytest.raises(ValueError, match="<p onclick>: no browser would run it"):
        policy(['<p onclick="go()">'])


def test_headers_guard_pages_and_leave_workers_alone():
    said = headers(["index.html", "book/a.html", "book/b.html"], "default-src 'self'")
    assert said.count("default-src 'self'; frame-ancestors 'self'") == 3
    assert said.split("/*\n  Referrer")[0].count("\n/book/*\n") == 1
